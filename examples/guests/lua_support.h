// Included before each file of Lua. Errors are exceptions, since Debian's C
// library for WASI has no setjmp.

#ifndef WASMD_EXAMPLES_GUESTS_LUA_SUPPORT_H_
#define WASMD_EXAMPLES_GUESTS_LUA_SUPPORT_H_

#define LUAI_THROW(L, c) __builtin_wasm_throw(0, c)
#define LUAI_TRY(L, c, a) \
  try {                   \
    a                     \
  } catch (...) {         \
  }
#define luai_jmpbuf int
#define L_tmpnam 1
#define DEB_HOST_MULTIARCH ""

#endif  // WASMD_EXAMPLES_GUESTS_LUA_SUPPORT_H_
