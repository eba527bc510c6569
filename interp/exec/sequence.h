// Handlers that do several ops one after the other, without a dispatch between
// them. The code stays that of single ops: a sequence begins at the first one's
// position, and every body finds r.pc at its own op, as it does alone. So
// traps, safepoints and branches into the middle need nothing special.

#ifndef WASMD_INTERP_EXEC_SEQUENCE_H_
#define WASMD_INTERP_EXEC_SEQUENCE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

// A body that does not go on to the op that follows (it trapped, branched or
// stopped) ends the sequence.
template <Op (*kFirst)(Registers&), Op (*... kMore)(Registers&)>
WASMD_INLINE Op SequenceBody(Registers& r) {
  r.has_field_pair = false;
  const Op op = kFirst(r);
  if constexpr (sizeof...(kMore) == 0) {
    return op;
  } else {
    if (!op.goes_on) return op;
    return SequenceBody<kMore...>(r);
  }
}

// Which fields of a sequence's ops name the same slot, as SequenceIndex::Whole
// describes it. Letters appear in the order of the alphabet. All fields that
// are written have one; of an EnterFew, which writes more than it has fields,
// nothing is known, so that it can only be the first op.
template <size_t size>
struct SlotPattern {
  static void LettersAreNotInOrder();  // not for the compiler to evaluate

  char text[size];
  consteval SlotPattern(const char (&literal)[size]) {  // NOLINT: implicit
    char next = 'a';
    for (size_t i = 0; i < size; ++i) {
      text[i] = literal[i];
      if (text[i] == next && next <= 'z') ++next;
      if (text[i] >= next) LettersAreNotInOrder();
    }
  }
  // The numbers of the i-th op's fields (SlotCache).
  constexpr uint64_t NumbersOf(size_t i) const {
    const char* at = text;
    for (; i > 0; ++at) i -= *at == ' ';
    uint64_t numbers = 0;
    for (uint32_t shift = 0; shift < 64; shift += SlotCache::kNumberBits) {
      if (*at == ' ' || *at == 0) break;
      numbers |= NumberOf(*at++) << shift;
    }
    return numbers;
  }
  static constexpr uint64_t NumberOf(char letter) {
    if (letter == '.') return 0;
    return std::min<uint64_t>(letter - 'a' + 1, SlotCache::kOther);
  }
};

// As SequenceBody, where the slots are as the pattern says.
template <SlotPattern kPattern, bool kLoop, size_t i, Op (*kFirst)(Registers&),
          Op (*... kMore)(Registers&)>
WASMD_INLINE Op PatternBody(Registers& r) {
  constexpr uint64_t kNumbers = kPattern.NumbersOf(i);
  r.cache.BeginOp(kNumbers);
  r.closes_loop = kLoop && sizeof...(kMore) == 0;
  const Op op = kFirst(r);
  if constexpr (sizeof...(kMore) == 0) {
    return op;
  } else {
    if (!op.goes_on) return op;
    return PatternBody<kPattern, kLoop, i + 1, kMore...>(r);
  }
}

// Takes the slots of all letters into the cache: in a loop, what is read before
// it is written comes from the round before.
template <SlotPattern kPattern, size_t at, size_t field, char next>
WASMD_INLINE void LoadSlots(Registers& r) {
  constexpr char kLetter = kPattern.text[at];
  if constexpr (kLetter == ' ') {
    LoadSlots<kPattern, at + 1, field + kHandlerUnits, next>(r);
  } else if constexpr (kLetter == next) {
    constexpr uint32_t kNumber = kPattern.NumberOf(kLetter);
    if (SlotCache::IsKept(kNumber)) r.cache.Set(kNumber, SlotAt(r, field));
    LoadSlots<kPattern, at + 1, field + 1, next + 1>(r);
  } else if constexpr (kLetter != 0) {
    LoadSlots<kPattern, at + 1, field + 1, next>(r);
  }
}

// A sequence that is a whole loop: it begins at the header and its last op
// branches back there. Another round needs no dispatch.
template <SlotPattern kPattern, Op (*... kBodies)(Registers&)>
WASMD_INLINE Op LoopBody(Registers& r) {
  r.loop = r.pc;
  r.lt = r.pc;
  LoadSlots<kPattern, 0, kHandlerUnits, 'a'>(r);
  Op op;
  do {
    op = PatternBody<kPattern, true, 0, kBodies...>(r);
  } while (op.repeats);
  return op;
}

struct SequenceRow {
  std::span<const Function> ops;
  Function whole;            // null if this back end has no slot cache
  std::string_view pattern;  // empty if there is none
  bool loop = false;
};

template <Op (*... kBodies)(Registers&)>
inline constexpr std::array<Function, sizeof...(kBodies)> kSequenceOps = {
    &Entry<kBodies>...};

template <Op (*... kBodies)(Registers&)>
constexpr SequenceRow MakeSequence() {
  return {kSequenceOps<kBodies...>, &Entry<SequenceBody<kBodies...>>, {}};
}
template <SlotPattern kPattern, Op (*... kBodies)(Registers&)>
constexpr SequenceRow MakePattern() {
  SequenceRow row{kSequenceOps<kBodies...>, nullptr, kPattern.text};
  if constexpr (kHasSlotCache) {
    row.whole = &Entry<PatternBody<kPattern, false, 0, kBodies...>>;
  }
  return row;
}
template <SlotPattern kPattern, Op (*... kBodies)(Registers&)>
constexpr SequenceRow MakeLoop() {
  SequenceRow row{kSequenceOps<kBodies...>, nullptr, kPattern.text, true};
  if constexpr (kHasSlotCache) {
    row.whole = &Entry<LoopBody<kPattern, kBodies...>>;
  }
  return row;
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_SEQUENCE_H_
