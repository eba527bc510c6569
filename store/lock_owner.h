// Who holds the lock on a store: for error messages.

#ifndef WASMD_STORE_LOCK_OWNER_H_
#define WASMD_STORE_LOCK_OWNER_H_

#include <optional>
#include <string>

namespace wasmd {

// The process id of the program that holds a POSIX lock on the file, where the
// system tells (Linux, same pid namespace). Does not open the file: closing it
// would drop a lock that this program holds itself.
std::optional<int> FindLockOwner(const std::string& path);

}  // namespace wasmd

#endif  // WASMD_STORE_LOCK_OWNER_H_
