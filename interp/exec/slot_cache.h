// SlotCache: slots whose values a handler of several ops keeps in machine
// registers, so that an op does not wait for what one before it stored. Which
// slots they are says a pattern (sequence.h): a number for each field that
// names one. All is resolved when the handler is compiled; nothing of it is
// left in memory. What is written always goes to its slot as well, but in loops
// that hold locals (held.h).

#ifndef WASMD_INTERP_EXEC_SLOT_CACHE_H_
#define WASMD_INTERP_EXEC_SLOT_CACHE_H_

#include <cstdint>
#include <utility>

#include "interp/slot.h"

namespace wasmd {

class SlotCache {
 public:
  // Values that can be kept. They have numbers from 1 on.
  static constexpr uint32_t kValues = 14;
  // A field that names another slot than those of the kept values.
  static constexpr uint32_t kOther = kValues + 1;
  // Bits of a number in the numbers of an op's fields.
  static constexpr uint32_t kNumberBits = 4;

  // `numbers`: of the fields of the op that begins now, the first one lowest; 0
  // for a field that may name any slot and is not written.
  [[gnu::always_inline]] void BeginOp(uint64_t numbers) {
    numbers_ = numbers;
    used_ = true;
  }
  // Whether there is a pattern at all.
  [[gnu::always_inline]] bool used() const { return used_; }

  // In a loop that holds locals in registers: the kept values are these, and
  // what is written does not go to its slot.
  [[gnu::always_inline]] void Hold(uint32_t number, Slot value) {
    holds_ = true;
    Set(number, value);
  }
  [[gnu::always_inline]] bool holds() const { return holds_; }

  // The number of a field.
  [[gnu::always_inline]] uint32_t NumberOf(uint32_t field) const {
    return field < 64 / kNumberBits
               ? numbers_ >> (field * kNumberBits) & ((1 << kNumberBits) - 1)
               : 0;
  }
  static constexpr bool IsKept(uint32_t number) {
    return number != 0 && number != kOther;
  }
  [[gnu::always_inline]] bool Has(uint32_t number) const {
    return (present_ >> number & 1) != 0;
  }
  [[gnu::always_inline]] Slot Get(uint32_t number) const {
    return Select(number, kNumbers);
  }
  [[gnu::always_inline]] void Set(uint32_t number, Slot value) {
    Assign(number, value, kNumbers);
    present_ |= uint32_t{1} << number;
  }

 private:
  static constexpr std::make_integer_sequence<uint32_t, kValues> kNumbers{};

  // Without a computed index, which would keep the values in memory.
  template <uint32_t... at>
  [[gnu::always_inline]] Slot Select(
      uint32_t number, std::integer_sequence<uint32_t, at...>) const {
    Slot value = 0;
    ((value = number == at + 1 ? values_[at] : value), ...);
    return value;
  }
  template <uint32_t... at>
  [[gnu::always_inline]] void Assign(uint32_t number, Slot value,
                                     std::integer_sequence<uint32_t, at...>) {
    ((values_[at] = number == at + 1 ? value : values_[at]), ...);
  }

  uint64_t numbers_ = 0;
  bool used_ = false;
  bool holds_ = false;
  uint32_t present_ = 0;
  Slot values_[kValues] = {};
};

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_SLOT_CACHE_H_
