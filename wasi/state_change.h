// How a change of the saved state is written down: the first byte says what
// changed. Persisted with the journal (docs/journal-format.md).

#ifndef WASMD_WASI_STATE_CHANGE_H_
#define WASMD_WASI_STATE_CHANGE_H_

namespace wasmd::wasi::state_change {

inline constexpr char kOffset = 'o';      // of the descriptor: LEB128
inline constexpr char kTakenInput = 't';  // from the buffer: LEB128 bytes
inline constexpr char kNewInput = 'n';    // what is in the buffer now
// The same behind the position in what it comes from: LEB128 size, bytes.
inline constexpr char kInputAt = 'i';
inline constexpr char kAll = 'a';  // WasiState as SaveForReplay gives it

}  // namespace wasmd::wasi::state_change

#endif  // WASMD_WASI_STATE_CHANGE_H_
