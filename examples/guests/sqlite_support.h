// Included before each file of SQLite: names of POSIX that Debian's C library
// for WASI does not declare. What they are for is not used: the virtual file
// system is "unix-none", which takes no locks.

#ifndef WASMD_EXAMPLES_GUESTS_SQLITE_SUPPORT_H_
#define WASMD_EXAMPLES_GUESTS_SQLITE_SUPPORT_H_

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_GETLK 5
#define F_SETLK 6
static inline int fchmod(int, mode_t) { return 0; }
static inline int chmod(const char*, mode_t) { return 0; }
static inline int fchown(int, uid_t, gid_t) { return 0; }
static inline uid_t geteuid(void) { return 0; }
static inline uid_t getuid(void) { return 0; }
static inline mode_t umask(mode_t) { return 0; }
struct passwd {
  char* pw_dir;
};
static inline struct passwd* getpwuid(uid_t) { return NULL; }

#endif  // WASMD_EXAMPLES_GUESTS_SQLITE_SUPPORT_H_
