// What of a process is fit to be shown to others: what it is and where it
// stands, not what it holds. For `wasmd inspect --redact`, `export --redact`.

#ifndef WASMD_RUNTIME_REDACTION_H_
#define WASMD_RUNTIME_REDACTION_H_

#include "absl/status/status.h"
#include "snapshot/process_file.h"
#include "store/process_db.h"

namespace wasmd {

// Takes out arguments (their number stays), environment, folders, and the
// message of a failure. Name, paths of modules, functions, times and sizes
// stay.
void Redact(ProcessRecord* record);

// As ExportProcess, but with the redacted record, without state, memory and
// log. If it has not finished, the record is that of a process that failed
// where this one stands: what is imported from the file cannot go on, and shows
// the back trace. The code of the modules is there.
absl::Status ExportRedacted(ProcessDb& db, ProcessNumber number,
                            const ByteSink& sink);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_REDACTION_H_
