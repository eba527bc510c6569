// Binary instructions with an operand in memory: a load and what is done with
// the value at once.

#include "interp/exec/load_binary.h"

#include <array>
#include <cstddef>
#include <utility>

#include "interp/eval/float.h"
#include "interp/eval/integer.h"
#include "interp/exec/handlers.h"
#include "interp/exec/memory_access.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {
namespace {

struct LoadBinaryRow {
  Opcode load;
  Opcode binary;
  bool reversed;
  // By address, then by the other operand (slot or immediate).
  std::array<std::array<DestinationRow, 2>, kAddressKinds> handlers;
};

template <typename Access, typename T, auto kFunction, bool reversed,
          AddressKind address, OperandKind other>
constexpr DestinationRow kVariants = {
    &Entry<LoadBinaryBody<Access, T, kFunction, reversed,
                          Destination::kAccumulator, address, other>>,
    &Entry<LoadBinaryBody<Access, T, kFunction, reversed, Destination::kSlot,
                          address, other>>,
    &Entry<LoadBinaryBody<Access, T, kFunction, reversed, Destination::kBoth,
                          address, other>>};

// With `immediates`, the other operand may be one.
template <Opcode load, typename Access, typename T, Opcode binary,
          auto kFunction, bool immediates, bool reversed = false>
constexpr LoadBinaryRow Make() {
  return []<size_t... kinds>(std::index_sequence<kinds...>) {
    const auto of = []<AddressKind address>() {
      std::array<DestinationRow, 2> row{};
      row[0] = kVariants<Access, T, kFunction, reversed, address, kSlotKind>;
      if constexpr (immediates) {
        row[1] =
            kVariants<Access, T, kFunction, reversed, address, kImmediateKind>;
      }
      return row;
    };
    return LoadBinaryRow{
        load,
        binary,
        reversed,
        {of.template operator()<static_cast<AddressKind>(kinds)>()...}};
  }
  (std::make_index_sequence<kAddressKinds>());
}

template <Opcode binary, auto kFunction, bool immediates, bool reversed = false>
constexpr LoadBinaryRow Word() {
  return Make<Opcode::kI32Load, uint32_t, uint32_t, binary, kFunction,
              immediates, reversed>();
}
template <Opcode binary, auto kFunction, bool immediates>
constexpr LoadBinaryRow Byte() {
  return Make<Opcode::kI32Load8U, uint8_t, uint32_t, binary, kFunction,
              immediates>();
}
template <Opcode binary, auto kFunction>
constexpr LoadBinaryRow Long() {
  return Make<Opcode::kI64Load, uint64_t, uint64_t, binary, kFunction, false>();
}
template <Opcode binary, auto kFunction, bool reversed = false>
constexpr LoadBinaryRow Double() {
  return Make<Opcode::kF64Load, double, double, binary, kFunction, false,
              reversed>();
}
template <Opcode binary, auto kFunction, bool reversed = false>
constexpr LoadBinaryRow Single() {
  return Make<Opcode::kF32Load, float, float, binary, kFunction, false,
              reversed>();
}

constexpr std::array kRows = {
    Word<Opcode::kI32Add, &eval::Add<uint32_t>, true>(),
    Word<Opcode::kI32Sub, &eval::Sub<uint32_t>, false>(),
    Word<Opcode::kI32Sub, &eval::Sub<uint32_t>, false, true>(),
    Word<Opcode::kI32Mul, &eval::Mul<uint32_t>, false>(),
    Word<Opcode::kI32And, &eval::And<uint32_t>, true>(),
    Word<Opcode::kI32Or, &eval::Or<uint32_t>, false>(),
    Word<Opcode::kI32Xor, &eval::Xor<uint32_t>, false>(),
    Byte<Opcode::kI32Add, &eval::Add<uint32_t>, true>(),
    Byte<Opcode::kI32And, &eval::And<uint32_t>, true>(),
    Byte<Opcode::kI32Xor, &eval::Xor<uint32_t>, false>(),
    Long<Opcode::kI64Add, &eval::Add<uint64_t>>(),
    Long<Opcode::kI64Xor, &eval::Xor<uint64_t>>(),
    Double<Opcode::kF64Add, &eval::FAdd<double>>(),
    Double<Opcode::kF64Sub, &eval::FSub<double>>(),
    Double<Opcode::kF64Sub, &eval::FSub<double>, true>(),
    Double<Opcode::kF64Mul, &eval::FMul<double>>(),
    Single<Opcode::kF32Add, &eval::FAdd<float>>(),
    Single<Opcode::kF32Sub, &eval::FSub<float>>(),
    Single<Opcode::kF32Sub, &eval::FSub<float>, true>(),
    Single<Opcode::kF32Mul, &eval::FMul<float>>(),
};

}  // namespace

DestinationHandlers LoadBinary(Opcode load, AddressKind address, Opcode binary,
                               bool reversed, OperandKind other) {
  for (const LoadBinaryRow& row : kRows) {
    if (row.load != load || row.binary != binary || row.reversed != reversed) {
      continue;
    }
    return ToHandlers(row.handlers[static_cast<size_t>(address)]
                                  [other == kImmediateKind ? 1 : 0]);
  }
  return {};
}

}  // namespace wasmd::WASMD_BACKEND
