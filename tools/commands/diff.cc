#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/engine.h"
#include "runtime/moment.h"
#include "runtime/outside.h"
#include "runtime/process.h"
#include "runtime/state_diff.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/event_number.h"
#include "tools/commands/flags.h"
#include "tools/commands/json.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

// A process, right after an event or where its last commit left it.
struct Side {
  ProcessNumber number = 0;
  std::string name = {};
  std::optional<uint64_t> event = {};
};

constexpr std::string_view kLast = "last";

absl::StatusOr<std::optional<uint64_t>> ParseEvent(std::string_view text) {
  if (text == kLast) return std::optional<uint64_t>();
  ASSIGN_OR_RETURN(const uint64_t event, ParseEventNumber("an event", text));
  return std::optional<uint64_t>(event);
}

absl::StatusOr<Side> SideOf(ProcessDb& db, std::string_view id,
                            std::optional<uint64_t> event) {
  Side side = {.event = event};
  ASSIGN_OR_RETURN(side.number, FindProcess(db, id));
  ASSIGN_OR_RETURN(const ProcessRecord record, db.GetRecord(side.number));
  side.name = record.name();
  return side;
}

// ID or ID:EVENT; a name may have a colon itself.
absl::StatusOr<Side> ParseSide(ProcessDb& db, std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || FindProcess(db, text).ok()) {
    return SideOf(db, text, std::nullopt);
  }
  ASSIGN_OR_RETURN(const std::optional<uint64_t> event,
                   ParseEvent(text.substr(colon + 1)));
  return SideOf(db, text.substr(0, colon), event);
}

absl::StatusOr<std::vector<Side>> ParseSides(
    ProcessDb& db, const std::vector<std::string>& operands) {
  std::vector<Side> sides(2);
  if (operands.size() == 3) {
    for (size_t i = 0; i < 2; ++i) {
      ASSIGN_OR_RETURN(const std::optional<uint64_t> event,
                       ParseEvent(operands[i + 1]));
      ASSIGN_OR_RETURN(sides[i], SideOf(db, operands[0], event));
    }
    return sides;
  }
  for (size_t i = 0; i < 2; ++i) {
    ASSIGN_OR_RETURN(sides[i], ParseSide(db, operands[i]));
  }
  return sides;
}

absl::StatusOr<std::unique_ptr<Process>> LookAt(Engine& engine, Side* side) {
  Moment moment;
  if (side->event.has_value()) {
    ASSIGN_OR_RETURN(moment, FindMoment(*engine.db, side->number, *side->event,
                                        MomentUse::kLook));
  } else {
    ASSIGN_OR_RETURN(moment, LastMoment(*engine.db, side->number));
    side->event = moment.options.end_event();
  }
  return Process::LookAt(engine, side->number, moment, /*is_whole=*/false);
}

std::string Hex(const std::vector<uint8_t>& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

void PrintValues(const char* title,
                 const std::vector<ValueDifference>& values) {
  if (values.empty()) return;
  std::printf("%s\n", title);
  for (const ValueDifference& value : values) {
    const auto text = [](const std::string& side) {
      return side.empty() ? "none" : side.c_str();
    };
    std::printf("    %s: %s -> %s\n", value.name.c_str(), text(value.before),
                text(value.after));
  }
}

void PrintMemory(const MemoryDifference& memory) {
  const auto number = [](uint64_t value) {
    return static_cast<unsigned long long>(value);
  };
  std::printf("memory %u", memory.memory);
  if (memory.bytes_before != memory.bytes_after) {
    std::printf(": %llu -> %llu bytes long", number(memory.bytes_before),
                number(memory.bytes_after));
  }
  std::printf(": %llu bytes differ, in %llu places\n",
              number(memory.differing_bytes), number(memory.range_count));
  for (const MemoryRangeDifference& range : memory.ranges) {
    const char* const rest =
        range.size_bytes > StateDiff::kShownBytes ? ".." : "";
    std::printf("    0x%08llx %7llu  %s%s -> %s%s\n", number(range.address),
                number(range.size_bytes), Hex(range.before).c_str(), rest,
                Hex(range.after).c_str(), rest);
  }
  if (memory.range_count > memory.ranges.size()) {
    std::printf("    and %llu more\n",
                number(memory.range_count - memory.ranges.size()));
  }
}

void PrintText(const std::vector<Side>& sides, const StateDiff& diff) {
  for (size_t i = 0; i < 2; ++i) {
    std::printf("%s %s after event %llu\n", i == 0 ? "---" : "+++",
                sides[i].name.c_str(),
                static_cast<unsigned long long>(*sides[i].event));
  }
  if (diff.is_empty()) std::puts("no difference");
  if (!diff.stack_before.empty() || !diff.stack_after.empty()) {
    std::puts("call stack");
    for (const std::string& line : diff.stack_before) {
      std::printf("    - %s\n", line.c_str());
    }
    for (const std::string& line : diff.stack_after) {
      std::printf("    + %s\n", line.c_str());
    }
  }
  PrintValues("locals", diff.locals);
  PrintValues("globals", diff.globals);
  PrintValues("tables", diff.tables);
  if (diff.heap_differs) {
    std::printf("heap of objects: %llu -> %llu bytes\n",
                static_cast<unsigned long long>(diff.heap_bytes_before),
                static_cast<unsigned long long>(diff.heap_bytes_after));
  }
  for (const MemoryDifference& memory : diff.memories) PrintMemory(memory);
  if (diff.cut_lists != 0) {
    std::printf("of a list, only the first %zu are shown\n",
                StateDiff::kMaxValues);
  }
}

void WriteValues(std::string_view key,
                 const std::vector<ValueDifference>& values, JsonWriter* json) {
  json->Key(key);
  json->BeginArray();
  for (const ValueDifference& value : values) {
    json->BeginObject();
    json->Field("name", value.name);
    json->Field("before", value.before);
    json->Field("after", value.after);
    json->EndObject();
  }
  json->EndArray();
}

void WriteLines(std::string_view key, const std::vector<std::string>& lines,
                JsonWriter* json) {
  json->Key(key);
  json->BeginArray();
  for (const std::string& line : lines) json->Value(line);
  json->EndArray();
}

void WriteMemory(const MemoryDifference& memory, JsonWriter* json) {
  json->BeginObject();
  json->Field("memory", memory.memory);
  json->Field("bytes_before", memory.bytes_before);
  json->Field("bytes_after", memory.bytes_after);
  json->Field("differing_bytes", memory.differing_bytes);
  json->Field("range_count", memory.range_count);
  json->Key("ranges");
  json->BeginArray();
  for (const MemoryRangeDifference& range : memory.ranges) {
    json->BeginObject();
    json->Field("address", range.address);
    json->Field("bytes", range.size_bytes);
    json->Field("before", Hex(range.before));
    json->Field("after", Hex(range.after));
    json->EndObject();
  }
  json->EndArray();
  json->EndObject();
}

void PrintJson(const std::vector<Side>& sides, const StateDiff& diff) {
  JsonWriter json;
  json.BeginObject();
  for (size_t i = 0; i < 2; ++i) {
    json.Key(i == 0 ? "before" : "after");
    json.BeginObject();
    json.Field("name", sides[i].name);
    json.Field("event", *sides[i].event);
    json.EndObject();
  }
  WriteLines("stack_before", diff.stack_before, &json);
  WriteLines("stack_after", diff.stack_after, &json);
  WriteValues("locals", diff.locals, &json);
  WriteValues("globals", diff.globals, &json);
  WriteValues("tables", diff.tables, &json);
  json.Field("heap_differs", diff.heap_differs);
  json.Field("heap_bytes_before", diff.heap_bytes_before);
  json.Field("heap_bytes_after", diff.heap_bytes_after);
  json.Key("memories");
  json.BeginArray();
  for (const MemoryDifference& memory : diff.memories) {
    WriteMemory(memory, &json);
  }
  json.EndArray();
  json.EndObject();
  std::puts(json.text().c_str());
}

int Diff(std::span<const std::string> arguments) {
  std::string store;
  KeyFlags key;
  bool is_json = false;
  Flags flags;
  flags.Add("--store", &store);
  key.AddTo(&flags);
  flags.Add("--json", &is_json);
  flags.AllowAfterOperands();
  std::vector<std::string> operands;
  if (absl::Status parsed = flags.Parse(arguments, &operands); !parsed.ok()) {
    return UsageError(kDiffCommand, ToStd(parsed.message()));
  }
  if (operands.size() != 2 && operands.size() != 3) {
    return UsageError(kDiffCommand,
                      "give a process and two events, or two processes");
  }
  const absl::StatusOr<std::string> directory = StoreDirectory(store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToRead(*directory, key);
  if (!db.ok()) return Fail(db.status());
  if (*db == nullptr) {
    return Fail(absl::NotFoundError(StrCat(*directory, " is no store yet")));
  }
  absl::StatusOr<std::vector<Side>> sides = ParseSides(**db, operands);
  if (!sides.ok()) return Fail(sides.status());
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/false);
  Engine engine(db->get(), *outside, EngineOptions());
  const auto before = LookAt(engine, &(*sides)[0]);
  if (!before.ok()) return Fail(before.status());
  const auto after = LookAt(engine, &(*sides)[1]);
  if (!after.ok()) return Fail(after.status());
  const absl::StatusOr<StateDiff> diff = DiffStates(
      {.thread = (*before)->thread(), .memory = (*before)->memory_reader()},
      {.thread = (*after)->thread(), .memory = (*after)->memory_reader()});
  if (!diff.ok()) return Fail(diff.status());
  is_json ? PrintJson(*sides, *diff) : PrintText(*sides, *diff);
  return std::fflush(stdout) == 0 ? kExitOk : kExitFailure;
}

}  // namespace

const Command kDiffCommand = {
    .name = "diff",
    .synopsis =
        "[--store DIR] [--json] ID EVENT EVENT | ID[:EVENT] "
        "ID[:EVENT]",
    .summary = "show what is different between two moments of processes",
    .details =
        R"(EVENT is a number that `wasmd history ID` shows: the moment right
after that call; 0 is the beginning; "last", and ID alone, are where the process
was saved last. Shown are the call stack (- before, + after), locals of
functions that are called in both, globals, tables, and the places of memory
that differ: address, number of bytes, and the first of them before and after in
hexadecimal.

States to start from are kept by `wasmd run --history`; from the one before
EVENT on, the process is run again with the answers of the journal. Changes
nothing, and works while another wasmd runs processes of the same store.
)",
    .run = Diff,
};

}  // namespace wasmd
