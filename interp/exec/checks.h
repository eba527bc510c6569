// What handlers do besides the work of the guest's instructions. All of it,
// but in builds that measure what one of them costs (bazel build --define
// without=fuel, =bounds, =dirty, =nan or =all; docs/performance.md), which are
// good for nothing else: guests can leave their memory, cannot be stopped, or
// lose what they wrote when they are resumed.

#ifndef WASMD_INTERP_EXEC_CHECKS_H_
#define WASMD_INTERP_EXEC_CHECKS_H_

namespace wasmd {

#if defined(WASMD_WITHOUT_FUEL)
inline constexpr bool kCountsFuel = false;
#else
inline constexpr bool kCountsFuel = true;
#endif

#if defined(WASMD_WITHOUT_BOUNDS)
inline constexpr bool kChecksBounds = false;
#else
inline constexpr bool kChecksBounds = true;
#endif

#if defined(WASMD_WITHOUT_DIRTY)
inline constexpr bool kMarksDirtyPages = false;
#else
inline constexpr bool kMarksDirtyPages = true;
#endif

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_CHECKS_H_
