#include "runtime/append_input.h"

#include <sys/random.h>

#include <cerrno>
#include <string_view>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/process_options.pb.h"
#include "runtime/record.h"

namespace wasmd {
namespace {

uint64_t RandomToken() {
  uint64_t token = 0;
  ssize_t size = 0;
  do {
    size = ::getrandom(&token, sizeof token, 0);
  } while (size < 0 && errno == EINTR);
  CHECK(size == sizeof token);
  return token;
}

}  // namespace

absl::StatusOr<uint64_t> AppendToQueue(ProcessDb& db, ProcessNumber process,
                                       ByteSpan bytes, bool closes,
                                       SyncMode sync) {
  InputWrite write{.process = process,
                   .token = RandomToken(),
                   .bytes = bytes,
                   .closes = closes};
  for (;;) {
    ASSIGN_OR_RETURN(const InputEnd end, db.GetInputEnd(process));
    write.offset = end.offset;
    const absl::Status appended = db.AppendInput(write, sync);
    if (appended.ok()) return end.offset + bytes.size();
    // Others append too.
    if (!absl::IsAborted(appended)) return appended;
  }
}

absl::StatusOr<uint64_t> AppendInput(ProcessDb& db, ProcessNumber process,
                                     ByteSpan bytes, bool closes) {
  ASSIGN_OR_RETURN(const ProcessRecord record, db.GetRecord(process));
  if (HasFinished(record.status())) {
    return absl::FailedPreconditionError(
        StrCat("process ", record.name(), " has finished: ",
               ProcessStatus_Name(record.status()), "; it reads nothing more"));
  }
  ProcessOptions options;
  if (!options.ParseFromString(record.runtime_state())) {
    return absl::DataLossError(
        StrCat("process ", record.name(), ": its options are damaged"));
  }
  ASSIGN_OR_RETURN(const InputEnd end, db.GetInputEnd(process));
  if (end.is_closed) {
    return absl::FailedPreconditionError(
        StrCat("the input of process ", record.name(), " is closed"));
  }
  if (end.offset + bytes.size() > options.input_read() + kMaxUnreadInputBytes) {
    return absl::FailedPreconditionError(StrCat(
        "process ", record.name(), " has ", end.offset - options.input_read(),
        " bytes of input that it has not read yet, and may have ",
        kMaxUnreadInputBytes, ": try again when it has read some"));
  }
  return AppendToQueue(db, process, bytes, closes, SyncMode::kSync);
}

}  // namespace wasmd
