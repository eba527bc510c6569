#include "runtime/history.h"

#include <cstdint>
#include <cstdio>
#include <deque>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "base/whole_number.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/json.h"
#include "tools/commands/one_process.h"
#include "tools/commands/record_text.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

constexpr uint64_t kDefaultCount = 100;

void PrintJson(const JournalEvent& event) {
  JsonWriter json;
  json.BeginObject();
  json.Field("event", event.number);
  json.Field("time_ns", event.time_ns);
  json.Field("import", event.function);
  json.Key("arguments");
  json.BeginArray();
  for (const Slot argument : event.arguments) json.Value(argument);
  json.EndArray();
  json.Field("answer", AnswerOf(event));
  json.Field("duration_ns", event.duration_ns);
  json.EndObject();
  std::puts(json.text().c_str());
}

void PrintText(const JournalEvent& event) {
  std::printf("%10llu  %s  %10.6f  %s = %s\n",
              static_cast<unsigned long long>(event.number),
              TimeText(event.time_ns).c_str(),
              static_cast<double>(event.duration_ns) / 1e9,
              CallOf(event).c_str(), AnswerOf(event).c_str());
}

int History(std::span<const std::string> arguments) {
  bool is_json = false;
  std::string last;
  Flags flags;
  flags.Add("--json", &is_json);
  flags.Add("--last", &last);
  OneProcess one;
  if (const int code = OpenOneProcess(kHistoryCommand, arguments, &flags, &one);
      code != kExitOk) {
    return code;
  }
  uint64_t count = kDefaultCount;
  if (last == "all") {
    count = ~uint64_t{0};
  } else if (!last.empty()) {
    const std::optional<uint64_t> number = ParseWholeNumber(last);
    if (!number.has_value()) {
      return UsageError(kHistoryCommand, "--last is a number, or all");
    }
    count = *number;
  }
  std::deque<JournalEvent> events;
  const absl::Status read =
      ForEachEvent(*one.db, one.number, 0, [&](const JournalEvent& event) {
        events.push_back(event);
        if (events.size() > count) events.pop_front();
        return absl::OkStatus();
      });
  if (!read.ok()) return Fail(read);
  for (const JournalEvent& event : events) {
    is_json ? PrintJson(event) : PrintText(event);
  }
  return std::fflush(stdout) == 0 ? kExitOk : kExitFailure;
}

}  // namespace

const Command kHistoryCommand = {
    .name = "history",
    .synopsis = "[--store DIR] [--json] [--last N] ID",
    .summary = "list the calls that a process made of its host",
    .details =
        R"(A line for each call: its number, when it was made, how long it took
in seconds, the function with its arguments as numbers, and what it answered.
"in doubt": it was about to start when the process was saved last.

--last N   the newest N of those that are kept (default: 100), or "all"
--json     an object a line

How much is kept is for `wasmd run --history` to say. `wasmd rewind`, `fork` and
`diff` take the numbers.
)",
    .run = History,
};

}  // namespace wasmd
