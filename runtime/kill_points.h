// KillPoints: places in the life of a commit and of an effect where a test ends
// this program as `kill -9` would, to see that nothing is lost or done twice.

#ifndef WASMD_RUNTIME_KILL_POINTS_H_
#define WASMD_RUNTIME_KILL_POINTS_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace wasmd {

enum class KillPoint : uint8_t {
  kCreated,       // the process is registered, nothing has run
  kBeforeCommit,  // captured, not written
  kAfterCommit,   // written, its output not shown, its effect not started
  kAfterRelease,  // output shown
  kBeforeEffect,  // committed as pending
  kAfterEffect,   // done, its answer not saved
  kBeforePark,    // about to wait
  kBeforeFinish,  // ended, its end not written
  kAfterFinish,   // its end written, last output not shown
  kBeforeRewind,  // found that it can be, nothing is written
  kAfterRewind,   // back at a kept state, not yet run again from there
  kAfterFork,     // forked, not yet run again from the state it got
  kAfterInput,    // some was read, of which nothing is saved
};

inline constexpr std::array kKillPointNames = {
    std::string_view("created"),       std::string_view("before_commit"),
    std::string_view("after_commit"),  std::string_view("after_release"),
    std::string_view("before_effect"), std::string_view("after_effect"),
    std::string_view("before_park"),   std::string_view("before_finish"),
    std::string_view("after_finish"),  std::string_view("before_rewind"),
    std::string_view("after_rewind"),  std::string_view("after_fork"),
    std::string_view("after_input"),
};

class KillPoints {
 public:
  // Never kills.
  KillPoints() = default;
  // "NAME:N": at the Nth time (from 1) that point NAME is passed; "" is never.
  // InvalidArgument for anything else, with the names there are.
  static absl::StatusOr<KillPoints> Parse(std::string_view text);

  void Pass(KillPoint point) {
    if (remaining_ != 0 && point == point_ && --remaining_ == 0) Kill();
  }

 private:
  [[noreturn]] static void Kill();

  KillPoint point_ = KillPoint::kCreated;
  uint64_t remaining_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_KILL_POINTS_H_
