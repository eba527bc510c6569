// Leave: ends the program.

#ifndef WASMD_TOOLS_COMMANDS_LEAVE_H_
#define WASMD_TOOLS_COMMANDS_LEAVE_H_

namespace wasmd {

// Ends this program with `exit_code` and everything printed, as if by exit, but
// without taking apart what the system takes back: threads that only wait,
// memories, constants. Nothing may be left that has to be closed, such as a
// store. Builds that look for leaks or count what runs do exit.
[[noreturn]] void Leave(int exit_code);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_LEAVE_H_
