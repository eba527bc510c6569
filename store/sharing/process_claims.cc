#include "store/sharing/process_claims.h"

#include <errno.h>
#include <fcntl.h>

#include <cstring>
#include <limits>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// The lock of process N is byte N of the file, which stays empty. Byte 0, which
// no process has, is the gate: creating processes share it, and who claims one
// that exists closes it meanwhile, so a new process is claimed by its creator.
constexpr ProcessNumber kGate = 0;
constexpr absl::Duration kGatePatience = absl::Seconds(20);
constexpr absl::Duration kGateStep = absl::Milliseconds(2);

}  // namespace

absl::StatusOr<std::unique_ptr<ProcessClaims>> ProcessClaims::Open(
    const std::string& directory) {
  std::string path = StrCat(directory, "/claims");
  OwnedFd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    return absl::UnavailableError(StrCat(path, ": ", std::strerror(errno)));
  }
  return std::unique_ptr<ProcessClaims>(
      new ProcessClaims(std::move(path), std::move(file)));
}

absl::StatusOr<bool> ProcessClaims::TryLock(ProcessNumber at, short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(at);
  lock.l_len = 1;
  // Of the open file, not of the program: those would end when any other
  // descriptor of the file is closed.
  while (fcntl(file_.get(), F_OFD_SETLK, &lock) != 0) {
    if (errno == EAGAIN || errno == EACCES) return false;
    if (errno != EINTR) {
      return absl::UnavailableError(
          StrCat(path_, " cannot be locked: ", std::strerror(errno)));
    }
  }
  return true;
}

void ProcessClaims::Unlock(ProcessNumber at) { (void)TryLock(at, F_UNLCK); }

absl::Status ProcessClaims::LockGate(short type) {
  const absl::Time deadline = absl::Now() + kGatePatience;
  for (;;) {
    ASSIGN_OR_RETURN(const bool locked, TryLock(kGate, type));
    if (locked) return absl::OkStatus();
    if (absl::Now() >= deadline) {
      return absl::UnavailableError(
          StrCat(path_,
                 ": another wasmd has been creating a process for long; is it "
                 "stopped?"));
    }
    absl::SleepFor(kGateStep);
  }
}

absl::Status ProcessClaims::Acquire(ProcessNumber process) {
  if (process == kGate || process >= static_cast<ProcessNumber>(
                                         std::numeric_limits<off_t>::max())) {
    return absl::NotFoundError(StrCat("there is no process ", process));
  }
  absl::MutexLock lock(&mutex_);
  if (claimed_.contains(process)) return absl::OkStatus();
  RETURN_IF_ERROR(LockGate(F_WRLCK));
  const absl::StatusOr<bool> locked = TryLock(process, F_WRLCK);
  Unlock(kGate);
  RETURN_IF_ERROR(locked.status());
  if (!*locked) {
    return absl::FailedPreconditionError(
        StrCat("process ", process, " is run or changed by another wasmd"));
  }
  claimed_.insert(process);
  return absl::OkStatus();
}

void ProcessClaims::Release(ProcessNumber process) {
  absl::MutexLock lock(&mutex_);
  if (claimed_.erase(process) != 0) Unlock(process);
}

bool ProcessClaims::Has(ProcessNumber process) const {
  absl::MutexLock lock(&mutex_);
  return claimed_.contains(process);
}

absl::StatusOr<ProcessNumber> ProcessClaims::AcquireNew(
    const std::function<absl::StatusOr<ProcessNumber>()>& create) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(LockGate(F_RDLCK));
  const absl::StatusOr<ProcessNumber> process = create();
  absl::Status status = process.status();
  if (status.ok()) {
    const absl::StatusOr<bool> locked = TryLock(*process, F_WRLCK);
    status = locked.status();
    if (status.ok() && !*locked) {
      status = absl::InternalError(
          StrCat("process ", *process, " is new and claimed already"));
    }
    if (status.ok()) claimed_.insert(*process);
  }
  Unlock(kGate);
  RETURN_IF_ERROR(status);
  return *process;
}

}  // namespace wasmd
