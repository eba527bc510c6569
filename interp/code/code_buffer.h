// CodeBuffer: the internal code of one function while it is made.

#ifndef WASMD_INTERP_CODE_CODE_BUFFER_H_
#define WASMD_INTERP_CODE_CODE_BUFFER_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "interp/code/handler_set.h"

namespace wasmd {

class CodeBuffer {
 public:
  uint32_t position() const { return static_cast<uint32_t>(units_.size()); }

  void Put(CodeUnit unit) { units_.push_back(unit); }
  void Put64(uint64_t value) {
    Put(static_cast<CodeUnit>(value));
    Put(static_cast<CodeUnit>(value >> 32));
  }
  void Set(uint32_t position, CodeUnit unit) { units_[position] = unit; }
  void Set64(uint32_t position, uint64_t value) {
    Set(position, static_cast<CodeUnit>(value));
    Set(position + 1, static_cast<CodeUnit>(value >> 32));
  }
  CodeUnit Get(uint32_t position) const { return units_[position]; }
  uint64_t Get64(uint32_t position) const {
    return Get(position) | uint64_t{Get(position + 1)} << 32;
  }
  // Takes back everything from `position` on.
  void Truncate(uint32_t position) { units_.resize(position); }

  std::unique_ptr<CodeUnit[]> Copy() const {
    auto copy = std::make_unique_for_overwrite<CodeUnit[]>(units_.size());
    std::memcpy(copy.get(), units_.data(), units_.size() * sizeof(CodeUnit));
    return copy;
  }

 private:
  std::vector<CodeUnit> units_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_CODE_BUFFER_H_
