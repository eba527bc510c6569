// LocalTypes: the types of a function's locals and which of those without a
// default value are set at the current place. Private to wasm/.

#ifndef WASMD_WASM_LOCAL_TYPES_H_
#define WASMD_WASM_LOCAL_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "wasm/types.h"

namespace wasmd {

// A function may declare 2^32 - 1 locals in a few bytes, and a module may have
// a million such functions: only the first locals are in an array, the others
// are found in the list of their declarations.
class LocalTypes {
 public:
  void Clear();
  // Adds parameters, which are set, or locals, which are set if they have a
  // default value. At most 2^32 - 1 locals and any parameters in all.
  void AddParams(const std::vector<ValueType>& types);
  void AddLocals(uint32_t count, ValueType type);

  uint64_t size() const { return size_; }
  ValueType TypeOf(uint32_t index) const {  // index < size()
    return index < types_.size() ? types_[index] : TypeOfFar(index);
  }

  // The types of the first locals, or of none when some need to be set first.
  std::span<const ValueType> AllSet() const {
    return has_unset_ ? std::span<const ValueType>() : types_;
  }
  bool HasUnset() const { return has_unset_; }
  bool IsSet(uint32_t index) const { return !has_unset_ || IsSetSlowly(index); }
  // The local is set from here to the end of the innermost block.
  void Set(uint32_t index) {
    if (!IsSet(index)) AddSet(index);
  }
  // Blocks: their end forgets what was set since their start.
  size_t SetCount() const { return set_order_.size(); }
  void ForgetSince(size_t set_count);

 private:
  struct Run {
    uint64_t end;  // one past the last local
    ValueType type;
  };

  static constexpr uint64_t kMaxInArray = 2048;

  ValueType TypeOfFar(uint32_t index) const;
  bool IsSetSlowly(uint32_t index) const;
  void AddSet(uint32_t index);

  std::vector<ValueType> types_;
  std::vector<Run> far_;
  uint64_t size_ = 0;
  uint64_t param_count_ = 0;
  bool has_unset_ = false;
  absl::flat_hash_set<uint32_t> set_;
  std::vector<uint32_t> set_order_;
};

}  // namespace wasmd

#endif  // WASMD_WASM_LOCAL_TYPES_H_
