// FakeOutside: a world whose clocks stand still until they are moved.

#ifndef WASMD_RUNTIME_TESTING_FAKE_OUTSIDE_H_
#define WASMD_RUNTIME_TESTING_FAKE_OUTSIDE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "runtime/outside.h"

namespace wasmd::testing {

class FakeOutside : public Outside {
 public:
  int64_t RealtimeNow() override { return now_ns + realtime_ahead_ns; }
  int64_t MonotonicNow() override {
    now_ns += tick_ns;
    return now_ns;
  }
  std::optional<int64_t> CpuNow() override { return std::nullopt; }
  void Random(MutableByteSpan out) override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(++random);
  }
  absl::Status Release(uint32_t stream, ByteSpan bytes) override {
    if (!release_status.ok()) return release_status;
    if (on_release) on_release(stream, AsText(bytes));
    released[stream == kStderr ? 1 : 0].append(AsText(bytes));
    return absl::OkStatus();
  }
  std::optional<std::string> ReadInput(size_t max_bytes) override {
    if (input.empty() && !input_ended) return std::nullopt;
    std::string piece = input.substr(0, max_bytes);
    input.erase(0, piece.size());
    return piece;
  }
  std::optional<InputFile> FindInputFile() override { return input_file; }
  std::string ReadInputFile(uint64_t offset, size_t max_bytes) override {
    if (offset >= file_text.size()) return "";
    return file_text.substr(offset, max_bytes);
  }
  bool IsTerminal(uint32_t) override { return false; }
  bool has_input() const override {
    return !input.empty() || input_ended || input_file.has_value();
  }
  // Goes to the deadline at once.
  bool Wait(std::optional<int64_t> deadline_ns, bool wants_input) override {
    if (on_wait) on_wait();
    if (deadline_ns.has_value()) {
      now_ns = std::max(now_ns, *deadline_ns - realtime_ahead_ns);
    }
    return wants_input && has_input();
  }
  void Wake() override {}

  const std::string& shown() const { return released[0]; }

  int64_t now_ns = 1'700'000'000'000'000'000;
  // Of the monotonic clock; somebody may set the realtime clock meanwhile.
  int64_t realtime_ahead_ns = 0;
  // Every look at the monotonic clock takes this long.
  int64_t tick_ns = 1'000;
  uint64_t random = 0;
  std::string released[2];  // stdout, stderr
  absl::Status release_status;
  std::string input;
  bool input_ended = true;
  // Then `input` is not looked at.
  std::optional<InputFile> input_file;
  std::string file_text;
  std::function<void(uint32_t stream, std::string_view bytes)> on_release;
  std::function<void()> on_wait;
};

}  // namespace wasmd::testing

#endif  // WASMD_RUNTIME_TESTING_FAKE_OUTSIDE_H_
