// Families of pairs: handlers that do two binary instructions, the second on
// the result of the first (PairForm in handler_set.h). A family is every first
// operation times every second one of a type, for the operand kinds that occur.

#ifndef WASMD_INTERP_EXEC_PAIR_H_
#define WASMD_INTERP_EXEC_PAIR_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "interp/exec/handlers.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

// Which kinds the operand that is not in the accumulator may have.
enum class PairOperand : uint8_t { kSlot, kImmediate, kAny };

// `reversed`, of second operations: function(third, result of the first).
template <Opcode kOpcode, auto kFunction, PairOperand kOperand,
          bool kReversed = false>
struct Operation {
  static constexpr Opcode opcode = kOpcode;
  static constexpr auto function = kFunction;
  static constexpr bool reversed = kReversed;
  static constexpr bool Takes(OperandKind kind) {
    return kOperand == PairOperand::kAny ||
           (kOperand == PairOperand::kSlot) == (kind == kSlotKind);
  }
};

template <typename... Members>
struct Operations {};

// First operations of floats: a NaN that they make is made canonical by the
// second.
template <typename T>
constexpr T PlainAdd(T a, T b) {
  return a + b;
}
template <typename T>
constexpr T PlainSubtract(T a, T b) {
  return a - b;
}
template <typename T>
constexpr T PlainMultiply(T a, T b) {
  return a * b;
}

template <typename T, auto kFirst, auto kSecond, bool reversed,
          Destination destination, OperandKind left, OperandKind right,
          OperandKind third>
WASMD_INLINE Op PairBody(Registers& r) {
  constexpr uint32_t kLeft = kFirstOperand<destination>;
  constexpr uint32_t kRight = kLeft + kFieldUnits<left, T>;
  constexpr uint32_t kThird = kRight + kFieldUnits<right, T>;
  // 64-bit immediates are read as a whole.
  constexpr bool kWide = sizeof(T) == sizeof(uint64_t) &&
                         (left == kImmediateKind || right == kImmediateKind ||
                          third == kImmediateKind);
  constexpr uint32_t kEnd = kThird + kFieldUnits<third, T>;
  constexpr uint32_t kNarrow = (kWide ? kRight : kEnd) - kF;
  if (kNarrow >= 2 && (!kWide || left == kSlotKind)) ReadFieldPair(r);
  const T inner = kFirst(Read<T, left>(r, kLeft), Read<T, right>(r, kRight));
  const T other = Read<T, third>(r, kThird);
  const T result = reversed ? kSecond(other, inner) : kSecond(inner, other);
  return Finish<destination>(r, result, kEnd);
}

template <typename T, typename First, typename Second, OperandKind left,
          OperandKind right, OperandKind third>
constexpr DestinationRow PairVariants() {
  if constexpr (First::Takes(right) && Second::Takes(third)) {
    constexpr auto kFirst = First::function;
    constexpr auto kSecond = Second::function;
    constexpr bool kReversed = Second::reversed;
    return {&Entry<PairBody<T, kFirst, kSecond, kReversed,
                            Destination::kAccumulator, left, right, third>>,
            &Entry<PairBody<T, kFirst, kSecond, kReversed, Destination::kSlot,
                            left, right, third>>,
            &Entry<PairBody<T, kFirst, kSecond, kReversed, Destination::kBoth,
                            left, right, third>>};
  } else {
    return {};
  }
}

// By left (slot or accumulator), right and third (slot or immediate).
using PairRow = std::array<std::array<std::array<DestinationRow, 2>, 2>, 2>;

template <typename T, typename First, typename Second>
constexpr PairRow MakePair() {
  constexpr OperandKind kS = kSlotKind;
  constexpr OperandKind kI = kImmediateKind;
  constexpr OperandKind kA = kAccumulatorKind;
  return {{{{{PairVariants<T, First, Second, kS, kS, kS>(),
              PairVariants<T, First, Second, kS, kS, kI>()},
             {PairVariants<T, First, Second, kS, kI, kS>(),
              PairVariants<T, First, Second, kS, kI, kI>()}}},
           {{{PairVariants<T, First, Second, kA, kS, kS>(),
              PairVariants<T, First, Second, kA, kS, kI>()},
             {PairVariants<T, First, Second, kA, kI, kS>(),
              PairVariants<T, First, Second, kA, kI, kI>()}}}}};
}

template <typename T, typename Firsts, typename Seconds>
class PairFamily;

template <typename T, typename... Firsts, typename... Seconds>
class PairFamily<T, Operations<Firsts...>, Operations<Seconds...>> {
 public:
  static DestinationHandlers Find(const PairForm& form) {
    if (form.left == kImmediateKind || form.right == kAccumulatorKind) {
      return {};
    }
    constexpr std::array<Opcode, sizeof...(Firsts)> kFirsts = {
        Firsts::opcode...};
    constexpr std::array<Opcode, sizeof...(Seconds)> kSeconds = {
        Seconds::opcode...};
    constexpr std::array<bool, sizeof...(Seconds)> kReversed = {
        Seconds::reversed...};
    for (size_t i = 0; i < kFirsts.size(); ++i) {
      if (kFirsts[i] != form.first) continue;
      for (size_t j = 0; j < kSeconds.size(); ++j) {
        if (kSeconds[j] != form.second || kReversed[j] != form.reversed) {
          continue;
        }
        return ToHandlers(
            kTable[i][j][form.left == kAccumulatorKind]
                  [form.right == kImmediateKind][form.third == kImmediateKind]);
      }
    }
    return {};
  }

 private:
  template <typename First>
  static constexpr std::array<PairRow, sizeof...(Seconds)> MakeRows() {
    return {MakePair<T, First, Seconds>()...};
  }
  static constexpr std::array<std::array<PairRow, sizeof...(Seconds)>,
                              sizeof...(Firsts)>
      kTable = {MakeRows<Firsts>()...};
};

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_PAIR_H_
