// Process records for people and for programs (`ps`, `inspect`).

#ifndef WASMD_TOOLS_COMMANDS_RECORD_TEXT_H_
#define WASMD_TOOLS_COMMANDS_RECORD_TEXT_H_

#include <cstdint>
#include <string>

#include "store/process_db.h"
#include "tools/commands/json.h"

namespace wasmd {

// "2024-05-04T17:03:09.123Z"; empty for 0.
std::string TimeText(int64_t time_ns);

// The exit code of a process that finished, else "-".
std::string ExitText(const ProcessRecord& record);

// Is it WAITING for input (too)?
bool WaitsForInput(const ProcessRecord& record);

// The fields of a record, into an object that was begun.
void WriteRecord(ProcessNumber number, const ProcessRecord& record,
                 JsonWriter* json);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_RECORD_TEXT_H_
