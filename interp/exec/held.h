// Handlers for loops that hold locals in machine registers (held_loops.h): the
// body of an op, which takes the slots that are held from there and leaves what
// it writes there. Which ops there are is in tables, held_*.cc.

#ifndef WASMD_INTERP_EXEC_HELD_H_
#define WASMD_INTERP_EXEC_HELD_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "interp/code/held_ops.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

// Whether handlers can hold locals: their registers are passed from one to the
// next, and a slot cache says where a field's value is.
inline constexpr bool kHoldsLocals = WASMD_TAIL_CALLS && kHasSlotCache;

// HeldOp::shape as an argument of a template.
template <size_t size>
struct HeldShape {
  char text[size];
  consteval HeldShape(const char (&literal)[size]) {  // NOLINT: implicit
    std::copy_n(literal, size, text);
  }
  constexpr uint32_t Slots() const {
    return static_cast<uint32_t>(std::count_if(text, text + size, IsHeldSlot));
  }
  // The numbers of the fields (SlotCache) for a key.
  constexpr uint64_t NumbersOf(uint32_t key) const {
    constexpr uint32_t kMask = (1 << HeldOp::kKeyBits) - 1;
    uint64_t numbers = ~uint64_t{0};  // SlotCache::kOther
    uint32_t slot = 0;
    for (uint32_t at = 0; at < size; ++at) {
      if (!IsHeldSlot(text[at])) continue;
      const uint64_t number = key >> (HeldOp::kKeyBits * slot++) & kMask;
      const uint32_t shift = at * SlotCache::kNumberBits;
      if (number != 0) numbers ^= (SlotCache::kOther ^ number) << shift;
    }
    return numbers;
  }
};

// Ops that name more slots than that, of which few are held at a time, have
// handlers for at most two that are.
inline constexpr uint32_t kManySlots = 4;

constexpr bool HasHeldHandler(uint32_t slots, uint32_t key) {
  uint32_t held = 0;
  for (; key != 0; key >>= HeldOp::kKeyBits) {
    held += (key & ((1 << HeldOp::kKeyBits) - 1)) != 0;
  }
  return held > 0 && (slots < kManySlots || held <= 2);
}

template <uint64_t kNumbers, Op (*kBody)(Registers&)>
WASMD_INLINE Op HeldBody(Registers& r) {
  r.cache.BeginOp(kNumbers);
  r.cache.Hold(1, r.held[0]);
  r.cache.Hold(2, r.held[1]);
  r.cache.Hold(3, r.held[2]);
  const Op op = kBody(r);
  r.held[0] = r.cache.Get(1);
  r.held[1] = r.cache.Get(2);
  r.held[2] = r.cache.Get(3);
  return op;
}

template <HeldShape kShape, Op (*kBody)(Registers&), uint32_t... keys>
Function FindAmong(uint32_t key, std::integer_sequence<uint32_t, keys...>) {
  Function found = nullptr;
  const auto look = [&]<uint32_t kKey>() {
    if constexpr (HasHeldHandler(kShape.Slots(), kKey)) {
      if (key == kKey)
        found = &HeldEntry<HeldBody<kShape.NumbersOf(kKey), kBody>>;
    }
  };
  (look.template operator()<keys>(), ...);
  return found;
}

template <HeldShape kShape, Op (*kBody)(Registers&)>
Handler FindHeld(uint32_t key) {
  constexpr uint32_t kKeys = uint32_t{1} << (HeldOp::kKeyBits * kShape.Slots());
  return std::bit_cast<Handler>(FindAmong<kShape, kBody>(
      key, std::make_integer_sequence<uint32_t, kKeys>()));
}

// Adds an op; the second one an op whose slots cannot be held. The tables are
// code, not data: addresses in data are relocated at every start.
template <HeldShape kShape, Op (*kBody)(Registers&)>
WASMD_INLINE void AddHeld(HeldOps& ops) {
  if constexpr (kHoldsLocals) {
    ops.Add(std::bit_cast<Handler>(&Entry<kBody>),
            {kShape.text, std::bit_cast<Handler>(&HeldEntry<kBody>),
             &FindHeld<kShape, kBody>});
  }
}
template <HeldShape kShape, Op (*kBody)(Registers&)>
WASMD_INLINE void AddUnheld(HeldOps& ops) {
  if constexpr (kHoldsLocals) {
    ops.Add(std::bit_cast<Handler>(&Entry<kBody>),
            {kShape.text, std::bit_cast<Handler>(&HeldEntry<kBody>), nullptr});
  }
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_HELD_H_
