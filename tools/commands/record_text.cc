#include "tools/commands/record_text.h"

#include "absl/time/time.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "runtime/process_options.pb.h"
#include "runtime/record.h"

namespace wasmd {

std::string TimeText(int64_t time_ns) {
  if (time_ns == 0) return "";
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ",
                          absl::FromUnixNanos(time_ns), absl::UTCTimeZone());
}

bool WaitsForInput(const ProcessRecord& record) {
  ProcessOptions options;
  return record.status() == WAITING &&
         options.ParseFromString(record.runtime_state()) &&
         options.waits_for_input();
}

std::string ExitText(const ProcessRecord& record) {
  const bool has_code =
      record.status() == COMPLETED || record.status() == FAILED;
  return has_code ? StrCat(record.exit_code()) : "-";
}

void WriteRecord(ProcessNumber number, const ProcessRecord& record,
                 JsonWriter* json) {
  json->Field("number", number);
  json->Field("name", record.name());
  json->Field("status", ProcessStatus_Name(record.status()));
  json->Field("module", record.module_path());
  const absl::StatusOr<Sha256Digest> hash = ModuleHashOf(record);
  json->Field("module_hash", hash.ok() ? ToHex(*hash) : std::string());
  json->Field("invoke", record.invoke());
  json->Key("arguments");
  json->BeginArray();
  for (const std::string& argument : record.arguments()) json->Value(argument);
  json->EndArray();
  json->Field("created", TimeText(record.created_ns()));
  json->Field("updated", TimeText(record.updated_ns()));
  json->Field("commits", record.sequence());
  json->Field("memory_bytes", record.memory_bytes());
  json->Field("stdout_bytes", record.log_bytes_stdout());
  json->Field("stderr_bytes", record.log_bytes_stderr());
  if (record.wake_time_ns() != 0) {
    json->Field("wake_time", TimeText(record.wake_time_ns()));
  }
  if (WaitsForInput(record)) json->Field("waits_for_input", true);
  if (record.status() != COMPLETED && record.status() != FAILED) return;
  json->Field("exit_code", record.exit_code());
  json->Field("failure", record.failure());
  json->Key("failure_stack");
  json->BeginArray();
  for (const std::string& line : record.failure_stack()) json->Value(line);
  json->EndArray();
}

}  // namespace wasmd
