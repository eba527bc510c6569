// TakenInput: bytes of standard input that this program moved out of a pipe, a
// terminal or a socket for a process, in files, until a commit of the process
// has them as read. After the end of this program, whatever the moment, the
// next one finds there what is in the pipe no more.
//
// The files need not be synced: what ends with the machine ends the other side
// of the pipe too.
//
// A folder has the stream of a process, in files that are called by the offset
// of their first byte; offsets count from the beginning of the process.

#ifndef WASMD_RUNTIME_TAKEN_INPUT_H_
#define WASMD_RUNTIME_TAKEN_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/owned_fd.h"
#include "runtime/outside.h"

namespace wasmd {

// Confined to one thread at a time; one at a time uses a folder.
class TakenInput {
 public:
  // `folder` is made when it is needed.
  explicit TakenInput(std::string folder) : folder_(std::move(folder)) {}

  // Moves up to `max_bytes` to the end of the stream, which begins at `offset`
  // if there is none. As Outside::TakeInput; Unavailable, ResourceExhausted
  // when it cannot be written, and then nothing was taken.
  absl::StatusOr<std::optional<size_t>> Take(Outside& outside, uint64_t offset,
                                             size_t max_bytes);
  // What there is from `*offset` on, which is moved to where there is something
  // if that is behind it. Empty: nothing.
  absl::StatusOr<std::string> Read(uint64_t* offset, size_t max_bytes);
  // Nothing before it is needed.
  void DropBefore(uint64_t offset);
  void Remove();

 private:
  struct Segment {
    uint64_t begin = 0;
    uint64_t end = 0;
    OwnedFd file;
  };
  // A file that has so much is followed by another.
  static constexpr uint64_t kSegmentBytes = uint64_t{4} << 20;

  std::string PathOf(const Segment& segment) const;
  absl::Status Load();
  absl::Status Begin(uint64_t offset);

  const std::string folder_;
  bool is_loaded_ = false;
  std::deque<Segment> segments_;  // ascending
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_TAKEN_INPUT_H_
