// CallText: a call of a WASI function as a line for people, as strace has it:
//
//   path_open(fd=3, dirflags=SYMLINK_FOLLOW, path="a.txt", oflags=CREAT, ...,
//             opened_fd=4) = 0
//
// What the guest hands over is read before the call, what it is handed after
// it. Nothing in guest memory is trusted: what cannot be read is shown as an
// address.

#ifndef WASMD_WASI_CALL_TEXT_H_
#define WASMD_WASI_CALL_TEXT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interp/memory_instance.h"
#include "interp/slot.h"
#include "wasi/errno.h"
#include "wasi/guest_memory.h"

namespace wasmd::wasi {

class CallText {
 public:
  // Before the call. `function` is a number of this build; `memory` and what
  // `arguments` refers to outlive this.
  CallText(uint32_t function, std::span<const Slot> arguments,
           MemoryInstance& memory);

  // With results as addresses, for a call that has not ended: "name(...)".
  std::string Begun() const;
  // After the call: "name(...) = 0" or "name(...) = ENOENT (No such file...)".
  std::string Ended(Errno result) const;

  // How many arguments the rows of call_arguments.def account for, to be
  // compared with the type of the function.
  static size_t ArgumentCount(uint32_t function);

 private:
  std::string Text(bool with_results) const;

  uint32_t function_;
  std::span<const Slot> arguments_;
  GuestMemory memory_;
  std::vector<std::string> before_;  // one for each row of the function
};

// "ENOENT"; "0" for kSuccess.
std::string SymbolOf(Errno errno_value);

// In quotes, with C's escapes; cut with "..." after some bytes.
std::string QuotedText(std::string_view bytes);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_CALL_TEXT_H_
