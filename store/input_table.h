// The table of input (store/input.h): blocks of the stream of a process, keyed
// by the offset of their first byte. Those that were read are removed but for
// the last, which says where the stream ends.

#ifndef WASMD_STORE_INPUT_TABLE_H_
#define WASMD_STORE_INPUT_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/batch_writer.h"
#include "store/database.h"
#include "store/input.h"

namespace wasmd {

// The most that a new process gets of another's.
inline constexpr uint64_t kMaxInputCopyBytes = uint64_t{1} << 30;

// A block as stored: flags (1 byte, bit 0: it closes the stream), token (8
// bytes, little-endian), bytes.
struct StoredInput {
  bool closes = false;
  uint64_t token = 0;
  ByteSpan bytes;
};
// DataLoss if it is malformed.
absl::StatusOr<StoredInput> ParseStoredInput(std::string_view key,
                                             ByteSpan payload);

absl::StatusOr<InputEnd> ReadInputEnd(const Database& database,
                                      ProcessNumber process);
// At most `max_bytes` from `offset` on, and of one block.
absl::StatusOr<InputBytes> ReadStoredInput(const Database& database,
                                           ProcessNumber process,
                                           uint64_t offset, size_t max_bytes);

// Is what `write` appends there, by that very write?
absl::StatusOr<bool> HasInput(const Database& database,
                              const InputWrite& write);
// Nothing if it is there already. FailedPrecondition if the stream is closed,
// Aborted if it does not end at the offset.
absl::Status AddInput(const Database& database, const InputWrite& write,
                      BatchWriter* out);
// Removes the blocks that end at `read_to` or before, but for the last.
absl::Status AddInputTrim(const Database& database, ProcessNumber process,
                          uint64_t read_to, BatchWriter* out);
// Gives `child`, which has none, what `parent` has from the block on that
// `from` is in, and at least its last. ResourceExhausted if that is too much.
absl::Status AddInputCopy(const Database& database, ProcessNumber parent,
                          uint64_t from, ProcessNumber child, BatchWriter* out);

}  // namespace wasmd

#endif  // WASMD_STORE_INPUT_TABLE_H_
