#include "runtime/history.h"

#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/process_options.pb.h"
#include "wasi/call_text.h"
#include "wasi/errno.h"
#include "wasi/wasi.h"

namespace wasmd {

namespace {

// Behind this there may be what a rewind is about to remove.
absl::StatusOr<uint64_t> LastEvent(ProcessDb& db, ProcessNumber process) {
  ASSIGN_OR_RETURN(const ProcessRecord record, db.GetRecord(process));
  ProcessOptions options;
  const bool is_known = options.ParseFromString(record.runtime_state());
  return is_known && options.journal_goes_on()
             ? options.end_event()
             : std::numeric_limits<uint64_t>::max();
}

}  // namespace

absl::Status ForEachEvent(
    ProcessDb& db, ProcessNumber process, uint64_t from,
    const std::function<absl::Status(const JournalEvent&)>& sink) {
  ASSIGN_OR_RETURN(const uint64_t last, LastEvent(db, process));
  // The last, which may be an intent that is answered by what follows.
  std::optional<JournalEvent> intent;
  RETURN_IF_ERROR(db.ForEachJournalBlock(
      process, from, [&](uint64_t first_event, ByteSpan bytes) {
        return ReadJournalBlock(
            first_event, bytes, [&](JournalEvent event) -> absl::Status {
              intent.reset();
              if (event.number < from || event.number > last ||
                  event.kind == JournalEvent::Kind::kState) {
                return absl::OkStatus();
              }
              if (event.kind == JournalEvent::Kind::kIntent) {
                intent = std::move(event);
                return absl::OkStatus();
              }
              return sink(event);
            });
      }));
  return intent.has_value() ? sink(*intent) : absl::OkStatus();
}

std::string CallOf(const JournalEvent& event) {
  std::string_view name = event.function;
  if (name.starts_with(wasi::kModuleName) &&
      name.size() > wasi::kModuleName.size()) {
    name.remove_prefix(wasi::kModuleName.size() + 1);
  }
  std::string text = StrCat(name, "(");
  for (size_t i = 0; i < event.arguments.size(); ++i) {
    StrAppend(&text, i == 0 ? "" : ", ", event.arguments[i]);
  }
  return StrCat(text, ")");
}

std::string AnswerOf(const JournalEvent& event) {
  switch (event.kind) {
    case JournalEvent::Kind::kExit:
      return StrCat("exit ", event.result);
    case JournalEvent::Kind::kIntent:
      return "in doubt";
    default:
      return wasi::SymbolOf(static_cast<wasi::Errno>(event.result));
  }
}

}  // namespace wasmd
