// Outside: what a process reaches of the world around it: clocks, randomness,
// the standard streams. Faked in tests.

#ifndef WASMD_RUNTIME_OUTSIDE_H_
#define WASMD_RUNTIME_OUTSIDE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "wasi/wasi.h"

namespace wasmd {

// Streams are numbered as in the process log.
inline constexpr uint32_t kStdout = 1;
inline constexpr uint32_t kStderr = 2;

// Confined to one thread at a time.
class Outside {
 public:
  virtual ~Outside() = default;
  // Nanoseconds since the Unix epoch.
  virtual int64_t RealtimeNow() = 0;
  // Nanoseconds since an arbitrary point.
  virtual int64_t MonotonicNow() = 0;
  virtual std::optional<int64_t> CpuNow() = 0;
  virtual void Random(MutableByteSpan out) = 0;
  // Shows output that has been committed. Unavailable when nobody can see it
  // any more (a closed pipe).
  virtual absl::Status Release(uint32_t stream, ByteSpan bytes) = 0;
  // Up to `max_bytes` of standard input; nullopt when none is there yet; empty
  // at its end. Does not block.
  virtual std::optional<std::string> ReadInput(size_t max_bytes) = 0;
  // Moves up to `max_bytes` of standard input to `file`, at `offset`, and says
  // how many; nullopt when none is there yet; 0 at its end. Of a pipe nothing
  // is lost by the end of this program: what left it is in the file. Between
  // another source and the file lie some microseconds. An error if the file
  // cannot be written.
  virtual absl::StatusOr<std::optional<size_t>> TakeInput(size_t max_bytes,
                                                          int file,
                                                          uint64_t offset);
  // If standard input is a regular file: which, and where it stands.
  struct InputFile {
    uint64_t device = 0;
    uint64_t inode = 0;
    uint64_t offset = 0;
  };
  virtual std::optional<InputFile> FindInputFile() { return std::nullopt; }
  // What such a file has at `offset`, empty at its end. It then stands behind
  // that. An error is its end.
  virtual std::string ReadInputFile(uint64_t offset, size_t max_bytes) {
    return {};
  }
  virtual bool IsTerminal(uint32_t stream) = 0;
  // Can ReadInput ever give anything?
  virtual bool has_input() const = 0;

  // Returns when the realtime clock reaches `deadline_ns`, when `input` is set
  // and there is some (then true), or when Wake was called since the last Wait;
  // it may also return early for no reason.
  virtual bool Wait(std::optional<int64_t> deadline_ns, bool input) = 0;
  // Also when one of these is ready. A world without sockets has none.
  virtual bool WaitWithSockets(std::optional<int64_t> deadline_ns, bool input,
                               std::span<const wasi::Wait::Socket> sockets) {
    return Wait(deadline_ns, input);
  }
  // Is one of these ready now?
  virtual bool HasReadySocket(std::span<const wasi::Wait::Socket> sockets) {
    return false;
  }
  // Any thread.
  virtual void Wake() = 0;
};

// This machine and the standard streams of this program. Without `with_input`,
// standard input is left alone and never has anything.
std::unique_ptr<Outside> SystemOutside(bool with_input);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_OUTSIDE_H_
