// Environment: the outside world as WASI needs it, files aside; faked in tests.
// HostEnvironment (host_environment.h) has the real one.

#ifndef WASMD_WASI_ENVIRONMENT_H_
#define WASMD_WASI_ENVIRONMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace wasmd::wasi {

// Confined to one thread at a time.
class Environment {
 public:
  virtual ~Environment() = default;
  // Nanoseconds since the Unix epoch.
  virtual int64_t RealtimeNow() = 0;
  // Nanoseconds since an arbitrary point, which may differ after a resume.
  virtual int64_t MonotonicNow() = 0;
  // Nanoseconds of CPU time used since an arbitrary point; nullopt if not
  // known, and then the guest's CPU clocks answer EINVAL.
  virtual std::optional<int64_t> CpuNow() { return std::nullopt; }
  virtual void Random(MutableByteSpan out) = 0;
  // Bytes for stream 1 (stdout) or 2 (stderr). Never fails for the guest: what
  // is written is in the outbox.
  virtual void Write(uint32_t stream, ByteSpan bytes) = 0;
  // Up to `max_bytes` of standard input; nullopt when none is there yet; empty
  // at its end.
  virtual std::optional<std::string> ReadInput(size_t max_bytes) = 0;
  // How far ReadInput came, as bytes of its own, to be saved with what it gave;
  // empty: there is nothing to go back to.
  virtual std::string InputPosition() { return {}; }
  // Before anything is read: goes on from there.
  virtual void SetInputPosition(std::string_view position) {}
  // Is one of the standard streams a terminal?
  virtual bool IsTerminal(uint32_t stream) = 0;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_ENVIRONMENT_H_
