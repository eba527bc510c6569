// Checked: what a numeric instruction that may trap returns: a value, or the
// reason why there is none.

#ifndef WASMD_INTERP_EVAL_CHECKED_H_
#define WASMD_INTERP_EVAL_CHECKED_H_

#include "interp/trap.h"

namespace wasmd::eval {

template <typename T>
struct Checked {
  using Value = T;

  T value{};
  bool ok = true;
  TrapKind trap{};  // when not ok

  static constexpr Checked Trapped(TrapKind kind) {
    return Checked{.ok = false, .trap = kind};
  }
};

}  // namespace wasmd::eval

#endif  // WASMD_INTERP_EVAL_CHECKED_H_
