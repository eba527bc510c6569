// FakeEnvironment: an outside world that a test sets.

#ifndef WASMD_WASI_TESTING_FAKE_ENVIRONMENT_H_
#define WASMD_WASI_TESTING_FAKE_ENVIRONMENT_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "wasi/environment.h"

namespace wasmd::wasi {

class FakeEnvironment : public Environment {
 public:
  int64_t RealtimeNow() override { return realtime; }
  int64_t MonotonicNow() override { return monotonic; }
  std::optional<int64_t> CpuNow() override { return cpu; }
  void Random(MutableByteSpan out) override {
    for (uint8_t& byte : out) byte = next_random++;
  }
  void Write(uint32_t stream, ByteSpan bytes) override {
    output[stream].append(AsText(bytes));
  }
  std::optional<std::string> ReadInput(size_t max_bytes) override {
    if (input.empty() && !input_ended) return std::nullopt;
    const std::string bytes = input.substr(0, max_bytes);
    input.erase(0, bytes.size());
    input_read += bytes.size();
    return bytes;
  }
  std::string InputPosition() override {
    return has_input_position ? std::to_string(input_read) : std::string();
  }
  void SetInputPosition(std::string_view position) override {
    // What is no number is 0.
    input_read = std::strtoul(std::string(position).c_str(), nullptr, 10);
  }
  bool IsTerminal(uint32_t stream) override {
    return terminals & (1u << stream);
  }

  void Advance(int64_t ns) {
    realtime += ns;
    monotonic += ns;
  }

  int64_t realtime = 1'700'000'000'000'000'000;
  int64_t monotonic = 5'000'000;
  std::optional<int64_t> cpu;
  uint8_t next_random = 1;
  std::map<uint32_t, std::string> output;
  std::string input;
  // Tells positions: how much was read, in text.
  bool has_input_position = false;
  size_t input_read = 0;
  bool input_ended = false;
  uint32_t terminals = 0;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_TESTING_FAKE_ENVIRONMENT_H_
