// OperandTypes: the operand stack of the validation algorithm, an array that
// grows and is then reused. Private to wasm/.

#ifndef WASMD_WASM_OPERAND_TYPES_H_
#define WASMD_WASM_OPERAND_TYPES_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

#include "wasm/limits.h"
#include "wasm/types.h"

namespace wasmd {

class OperandTypes {
 public:
  OperandTypes() { Grow(256); }

  size_t size() const { return size_; }
  void Clear() { size_ = 0; }
  void Push(ValueType type) {
    if (size_ == capacity_) [[unlikely]] {
      Grow(2 * capacity_);
    }
    types_[size_++] = type;
  }
  ValueType Top() const { return types_[size_ - 1]; }
  void Shrink(size_t size) { size_ = size; }  // size <= size()
  const ValueType* end() const { return types_.get() + size_; }
  // For runs of simple instructions: where values may be pushed up to limit(),
  // and what then is the end.
  const ValueType* begin() const { return types_.get(); }
  ValueType* end() { return types_.get() + size_; }
  ValueType* limit() {
    return types_.get() + std::min<size_t>(capacity_, kMaxOperands);
  }
  void set_end(const ValueType* end) {
    size_ = static_cast<size_t>(end - types_.get());
  }
  ValueType operator[](size_t index) const { return types_[index]; }

 private:
  [[gnu::cold]] void Grow(size_t capacity) {
    auto types = std::make_unique<ValueType[]>(capacity);
    std::copy_n(types_.get(), size_, types.get());
    types_ = std::move(types);
    capacity_ = capacity;
  }

  std::unique_ptr<ValueType[]> types_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_WASM_OPERAND_TYPES_H_
