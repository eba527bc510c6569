// The sequences of ops that have a handler of their own (sequence.h), in files
// by what they begin with. Which ones they are was measured: op by op traces of
// C programs compiled by clang (../shared/bench), of Lua, CPython and a Rust
// program; time and again the pair of ops that follow each other most often,
// with every program counted the same, became one, until pairs were rare
// (docs/decisions/0007-op-sequences.md). Rows only make programs faster: each
// can go, and any other can come.

#ifndef WASMD_INTERP_EXEC_SEQUENCES_H_
#define WASMD_INTERP_EXEC_SEQUENCES_H_

#include <span>

#include "interp/eval/conversion.h"
#include "interp/eval/float.h"
#include "interp/eval/integer.h"
#include "interp/exec/arithmetic_fused.h"
#include "interp/exec/branch_compare.h"
#include "interp/exec/call_ops.h"
#include "interp/exec/control.h"
#include "interp/exec/enter.h"
#include "interp/exec/load.h"
#include "interp/exec/load_binary.h"
#include "interp/exec/numeric.h"
#include "interp/exec/pair.h"
#include "interp/exec/sequence.h"
#include "interp/exec/store.h"
#include "interp/exec/variable.h"

namespace wasmd::WASMD_BACKEND {

// One file each.
std::span<const SequenceRow> AddSequences();
std::span<const SequenceRow> ControlSequences();
std::span<const SequenceRow> FloatSequences();
std::span<const SequenceRow> IntegerSequences();
std::span<const SequenceRow> LoadSequences();
std::span<const SequenceRow> LoadBinarySequences();
std::span<const SequenceRow> LoadSumSequences();
std::span<const SequenceRow> LoopsAddSequences();
std::span<const SequenceRow> LoopsFloatSequences();
std::span<const SequenceRow> LoopsIntegerSequences();
std::span<const SequenceRow> LoopsLoadSequences();
std::span<const SequenceRow> PairSequences();
std::span<const SequenceRow> StoreSequences();

// Short names for the rows.

inline constexpr Destination kToA = Destination::kAccumulator;
inline constexpr Destination kToS = Destination::kSlot;
inline constexpr Destination kToB = Destination::kBoth;

inline constexpr OperandKind kS = OperandKind::kSlot;
inline constexpr OperandKind kI = OperandKind::kImmediate;
inline constexpr OperandKind kA = OperandKind::kAccumulator;

inline constexpr AddressKind kAtS = AddressKind::kSlot;
inline constexpr AddressKind kAtI = AddressKind::kImmediate;
inline constexpr AddressKind kAtA = AddressKind::kAccumulator;
inline constexpr AddressKind kAtSI = AddressKind::kSlotImmediate;
inline constexpr AddressKind kAtAI = AddressKind::kAccumulatorImmediate;
inline constexpr AddressKind kAtSS = AddressKind::kSlotSlot;
inline constexpr AddressKind kAtAS = AddressKind::kAccumulatorSlot;
inline constexpr AddressKind kAtSShl = AddressKind::kSlotShifted;
inline constexpr AddressKind kAtAShl = AddressKind::kAccumulatorShifted;

inline constexpr auto kI32Add = &eval::Add<uint32_t>;
inline constexpr auto kI32And = &eval::And<uint32_t>;
inline constexpr auto kI32DivS = &eval::DivS<uint32_t>;
inline constexpr auto kI32DivU = &eval::DivU<uint32_t>;
inline constexpr auto kI32Eq = &eval::Eq<uint32_t>;
inline constexpr auto kI32Eqz = &eval::Eqz<uint32_t>;
inline constexpr auto kI32GeS = &eval::GeS<uint32_t>;
inline constexpr auto kI32GeU = &eval::GeU<uint32_t>;
inline constexpr auto kI32GtS = &eval::GtS<uint32_t>;
inline constexpr auto kI32GtU = &eval::GtU<uint32_t>;
inline constexpr auto kI32LeS = &eval::LeS<uint32_t>;
inline constexpr auto kI32LeU = &eval::LeU<uint32_t>;
inline constexpr auto kI32LtS = &eval::LtS<uint32_t>;
inline constexpr auto kI32LtU = &eval::LtU<uint32_t>;
inline constexpr auto kI32Mul = &eval::Mul<uint32_t>;
inline constexpr auto kI32Ne = &eval::Ne<uint32_t>;
inline constexpr auto kI32Or = &eval::Or<uint32_t>;
inline constexpr auto kI32Popcnt = &eval::Popcnt<uint32_t>;
inline constexpr auto kI32RemS = &eval::RemS<uint32_t>;
inline constexpr auto kI32RemU = &eval::RemU<uint32_t>;
inline constexpr auto kI32Rotl = &eval::Rotl<uint32_t>;
inline constexpr auto kI32Rotr = &eval::Rotr<uint32_t>;
inline constexpr auto kI32Shl = &eval::Shl<uint32_t>;
inline constexpr auto kI32ShrS = &eval::ShrS<uint32_t>;
inline constexpr auto kI32ShrU = &eval::ShrU<uint32_t>;
inline constexpr auto kI32Sub = &eval::Sub<uint32_t>;
inline constexpr auto kI32Xor = &eval::Xor<uint32_t>;
inline constexpr auto kI64Add = &eval::Add<uint64_t>;
inline constexpr auto kI64And = &eval::And<uint64_t>;
inline constexpr auto kI64Clz = &eval::Clz<uint64_t>;
inline constexpr auto kI64DivU = &eval::DivU<uint64_t>;
inline constexpr auto kI64Eq = &eval::Eq<uint64_t>;
inline constexpr auto kI64Eqz = &eval::Eqz<uint64_t>;
inline constexpr auto kI64GtU = &eval::GtU<uint64_t>;
inline constexpr auto kI64LeU = &eval::LeU<uint64_t>;
inline constexpr auto kI64LtS = &eval::LtS<uint64_t>;
inline constexpr auto kI64LtU = &eval::LtU<uint64_t>;
inline constexpr auto kI64Mul = &eval::Mul<uint64_t>;
inline constexpr auto kI64Ne = &eval::Ne<uint64_t>;
inline constexpr auto kI64Or = &eval::Or<uint64_t>;
inline constexpr auto kI64Popcnt = &eval::Popcnt<uint64_t>;
inline constexpr auto kI64RemS = &eval::RemS<uint64_t>;
inline constexpr auto kI64RemU = &eval::RemU<uint64_t>;
inline constexpr auto kI64Rotl = &eval::Rotl<uint64_t>;
inline constexpr auto kI64Shl = &eval::Shl<uint64_t>;
inline constexpr auto kI64ShrU = &eval::ShrU<uint64_t>;
inline constexpr auto kI64Sub = &eval::Sub<uint64_t>;
inline constexpr auto kI64Xor = &eval::Xor<uint64_t>;
inline constexpr auto kF32Add = &eval::FAdd<float>;
inline constexpr auto kF32Div = &eval::FDiv<float>;
inline constexpr auto kF32Gt = &eval::FGt<float>;
inline constexpr auto kF32Lt = &eval::FLt<float>;
inline constexpr auto kF32Mul = &eval::FMul<float>;
inline constexpr auto kF32Neg = &eval::FNeg<float>;
inline constexpr auto kF32PlainAdd = &PlainAdd<float>;
inline constexpr auto kF32PlainMultiply = &PlainMultiply<float>;
inline constexpr auto kF32PlainSubtract = &PlainSubtract<float>;
inline constexpr auto kF32Sqrt = &eval::FSqrt<float>;
inline constexpr auto kF32Sub = &eval::FSub<float>;
inline constexpr auto kF64Abs = &eval::FAbs<double>;
inline constexpr auto kF64Add = &eval::FAdd<double>;
inline constexpr auto kF64Div = &eval::FDiv<double>;
inline constexpr auto kF64Ge = &eval::FGe<double>;
inline constexpr auto kF64Gt = &eval::FGt<double>;
inline constexpr auto kF64Le = &eval::FLe<double>;
inline constexpr auto kF64Lt = &eval::FLt<double>;
inline constexpr auto kF64Mul = &eval::FMul<double>;
inline constexpr auto kF64Ne = &eval::FNe<double>;
inline constexpr auto kF64Neg = &eval::FNeg<double>;
inline constexpr auto kF64PlainAdd = &PlainAdd<double>;
inline constexpr auto kF64PlainMultiply = &PlainMultiply<double>;
inline constexpr auto kF64PlainSubtract = &PlainSubtract<double>;
inline constexpr auto kF64Sqrt = &eval::FSqrt<double>;
inline constexpr auto kF64Sub = &eval::FSub<double>;

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_SEQUENCES_H_
