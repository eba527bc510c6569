// HostEnvironment: the clocks, random numbers and standard input of this
// machine. What the guest writes is for the runtime to keep: Write is left to
// it.

#ifndef WASMD_WASI_HOST_ENVIRONMENT_H_
#define WASMD_WASI_HOST_ENVIRONMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "wasi/environment.h"

namespace wasmd::wasi {

class HostEnvironment : public Environment {
 public:
  // `input_fd` is where standard input comes from; not owned. A negative one
  // is at its end from the start.
  explicit HostEnvironment(int input_fd = 0) : input_fd_(input_fd) {}

  int64_t RealtimeNow() override;
  int64_t MonotonicNow() override;
  // Of this whole program: an upper bound for one of its processes.
  std::optional<int64_t> CpuNow() override;
  // From the kernel's generator; waits until that is seeded.
  void Random(MutableByteSpan out) override;
  // Never waits. An error of the input is its end.
  std::optional<std::string> ReadInput(size_t max_bytes) override;
  bool IsTerminal(uint32_t stream) override;

 private:
  const int input_fd_;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_HOST_ENVIRONMENT_H_
