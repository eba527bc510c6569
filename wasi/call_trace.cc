#include "wasi/call_trace.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/str_cat.h"
#include "wasi/call_text.h"
#include "wasi/errno.h"

namespace wasmd::wasi {
namespace {

std::string SecondsText(int64_t ns) {
  const uint64_t us = static_cast<uint64_t>(std::max<int64_t>(ns, 0)) / 1000;
  return StrCat(us / 1'000'000, ".",
                absl::Dec(us % 1'000'000, absl::kZeroPad6));
}

class TracedContext : public Context {
 public:
  TracedContext(std::unique_ptr<Context> context, Environment* clock,
                CallSink sink)
      : context_(std::move(context)), clock_(clock), sink_(std::move(sink)) {}

  std::string Save() const override { return context_->Save(); }
  std::string SaveForReplay() const override {
    return context_->SaveForReplay();
  }
  bool MayRepeat(uint32_t function, std::span<const Slot> arguments) override {
    return context_->MayRepeat(function, arguments);
  }
  void NoteSaved() override { context_->NoteSaved(); }
  Durability DurabilityOf(uint32_t function,
                          std::span<const Slot> arguments) const override {
    return context_->DurabilityOf(function, arguments);
  }
  void Prepare(uint32_t function, std::span<const Slot> arguments,
               MemoryInstance& memory) override {
    context_->Prepare(function, arguments, memory);
  }

  Outcome Call(uint32_t function, std::span<const Slot> arguments,
               MemoryInstance& memory, bool in_doubt,
               CallRecord* record) override {
    const CallText text(function, arguments, memory);
    const int64_t now_ns = clock_->MonotonicNow();
    is_repeat_ = is_repeat_ || in_doubt;
    const Outcome outcome =
        context_->Call(function, arguments, memory, in_doubt, record);
    switch (outcome.kind) {
      case Outcome::Kind::kWait:
        if (!waiting_since_ns_.has_value()) {
          waiting_since_ns_ = now_ns;
          sink_(text.Begun() + WaitText(outcome.wait));
        }
        return outcome;
      // It is asked twice: with the guest running, and stopped.
      case Outcome::Kind::kExit:
        if (!std::exchange(has_exited_, true)) sink_(text.Begun());
        break;
      case Outcome::Kind::kTrap:
        sink_(StrCat(text.Begun(), " traps: ", outcome.message));
        break;
      case Outcome::Kind::kReturn:
        sink_(StrCat(text.Ended(static_cast<Errno>(outcome.errno_value)), " <",
                     SecondsText(clock_->MonotonicNow() -
                                 waiting_since_ns_.value_or(now_ns)),
                     ">", is_repeat_ ? " (repeated)" : ""));
        break;
    }
    waiting_since_ns_.reset();
    is_repeat_ = false;
    return outcome;
  }

 private:
  std::string WaitText(const Wait& wait) const {
    std::string text = " waits";
    if (wait.deadline_ns.has_value()) {
      StrAppend(&text, " for ",
                SecondsText(*wait.deadline_ns - clock_->RealtimeNow()), " s");
    }
    std::string_view joint = wait.deadline_ns.has_value() ? " or " : " for ";
    if (wait.input) StrAppend(&text, std::exchange(joint, " or "), "input");
    if (!wait.sockets.empty()) StrAppend(&text, joint, "a socket");
    return text;
  }

  const std::unique_ptr<Context> context_;
  Environment* const clock_;
  const CallSink sink_;
  std::optional<int64_t> waiting_since_ns_;
  bool is_repeat_ = false;
  bool has_exited_ = false;
};

}  // namespace

std::unique_ptr<Context> Traced(std::unique_ptr<Context> context,
                                Environment* clock, CallSink sink) {
  return std::make_unique<TracedContext>(std::move(context), clock,
                                         std::move(sink));
}

}  // namespace wasmd::wasi
