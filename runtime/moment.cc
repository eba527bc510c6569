#include "runtime/moment.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/journal_event.h"
#include "runtime/record.h"

namespace wasmd {
namespace {

// Of a state: the record that came with it.
absl::StatusOr<Moment> MomentAt(ProcessRecord record,
                                std::optional<uint64_t> point) {
  Moment moment = {.point = point};
  if (!moment.options.ParseFromString(record.runtime_state())) {
    return absl::DataLossError(
        StrCat("process ", record.name(), ": its options are damaged"));
  }
  moment.record = std::move(record);
  return moment;
}

void SetEnd(uint64_t event, Moment* moment) {
  moment->options.set_end_event(event);
  moment->record.set_runtime_state(moment->options.SerializeAsString());
}

absl::Status NotRunYet(const ProcessRecord& record) {
  return absl::FailedPreconditionError(
      StrCat("process ", record.name(), " has not run yet"));
}

// The states of a process that it can be started from.
struct States {
  std::vector<Moment> kept;    // ascending
  std::optional<Moment> last;  // unless it has not run yet
  uint64_t event_count = 0;
};

absl::StatusOr<States> StatesOf(ProcessDb& db, ProcessNumber process,
                                const ProcessRecord& record) {
  States states;
  ASSIGN_OR_RETURN(Moment last, MomentAt(record, std::nullopt));
  states.event_count = last.options.end_event();
  if (last.options.phase() != ProcessOptions::NOT_STARTED &&
      !last.options.importing()) {
    states.last = std::move(last);
  }
  ASSIGN_OR_RETURN(std::vector<KeptPoint> points, db.ListPoints(process));
  for (KeptPoint& point : points) {
    ASSIGN_OR_RETURN(Moment kept,
                     MomentAt(std::move(point.record), point.sequence));
    states.kept.push_back(std::move(kept));
  }
  return states;
}

// What a journal has of the events that are to be run again.
struct Tail {
  std::optional<uint64_t> first_block = {};
  // The first event that is missing, or too large to have been kept; the one
  // after the last if there is none.
  uint64_t first_missing = 0;
  bool ends_process = false;  // the last event does
  // The oldest event that the journal has.
  uint64_t oldest = 0;
};

absl::StatusOr<Tail> ReadTail(ProcessDb& db, ProcessNumber process,
                              uint64_t state_event, uint64_t end_event) {
  Tail tail = {.first_missing = state_event + 1};
  RETURN_IF_ERROR(db.ForEachJournalBlock(
      process, state_event + 1,
      [&](uint64_t first_event, ByteSpan bytes) -> absl::Status {
        if (tail.oldest == 0) tail.oldest = first_event;
        if (first_event > end_event) return absl::OkStatus();
        if (!tail.first_block.has_value()) tail.first_block = first_event;
        return ReadJournalBlock(first_event, bytes, [&](JournalEvent event) {
          using Kind = JournalEvent::Kind;
          const bool can_be_given =
              event.kind == Kind::kAnswer ||
              (event.kind == Kind::kExit && event.number == end_event);
          if (can_be_given && event.number == tail.first_missing &&
              event.number <= end_event) {
            ++tail.first_missing;
            tail.ends_process = event.kind == Kind::kExit;
          }
          return absl::OkStatus();
        });
      }));
  return tail;
}

std::string KeptText(const States& states, uint64_t oldest_event) {
  if (states.kept.empty()) {
    return "no states of it are kept to go back to (`wasmd run --history` "
           "keeps them)";
  }
  const uint64_t first = states.kept.front().options.state_event();
  const uint64_t last = states.kept.back().options.state_event();
  std::string text =
      states.kept.size() == 1
          ? StrCat("a state is kept after event ", first)
          : StrCat(states.kept.size(), " states are kept, after events ", first,
                   " to ", last);
  if (oldest_event != 0) StrAppend(&text, ", and calls from ", oldest_event);
  return text;
}

absl::Status NotKept(const ProcessRecord& record, const States& states,
                     uint64_t event, uint64_t oldest_event) {
  return absl::NotFoundError(
      StrCat("event ", event, " of process ", record.name(),
             " is not kept: ", KeptText(states, oldest_event)));
}

}  // namespace

absl::StatusOr<Moment> FindMoment(ProcessDb& db, ProcessNumber process,
                                  uint64_t event, MomentUse use) {
  ASSIGN_OR_RETURN(const ProcessRecord record, db.GetRecord(process));
  ASSIGN_OR_RETURN(const States states, StatesOf(db, process, record));
  if (event > states.event_count) {
    return absl::NotFoundError(StrCat("process ", record.name(),
                                      " has no event ", event, " yet: it made ",
                                      states.event_count, " calls"));
  }
  if (!states.last.has_value() && !HasFinished(record.status())) {
    return NotRunYet(record);
  }
  const Moment* nearest = nullptr;
  for (const Moment& kept : states.kept) {
    if (kept.options.state_event() <= event) nearest = &kept;
  }
  if (use == MomentUse::kLook && states.last.has_value()) {
    const uint64_t last_event = states.last->options.state_event();
    if (last_event <= event &&
        (nearest == nullptr || nearest->options.state_event() < last_event)) {
      nearest = &*states.last;
    }
  }
  if (nearest == nullptr) {
    return NotKept(record, states, event, /*oldest_event=*/0);
  }
  Moment moment = *nearest;
  if (moment.options.state_event() < event) {
    ASSIGN_OR_RETURN(
        const Tail tail,
        ReadTail(db, process, moment.options.state_event(), event));
    if (tail.first_missing <= event) {
      return NotKept(record, states, event, tail.oldest);
    }
    if (tail.ends_process) {
      return absl::FailedPreconditionError(
          StrCat("process ", record.name(), " ended with event ", event,
                 ": the last moment before is ", event - 1));
    }
    moment.first_block = tail.first_block;
  }
  SetEnd(event, &moment);
  return moment;
}

absl::StatusOr<Moment> LastMoment(ProcessDb& db, ProcessNumber process) {
  ASSIGN_OR_RETURN(ProcessRecord record, db.GetRecord(process));
  ASSIGN_OR_RETURN(Moment moment, MomentAt(std::move(record), std::nullopt));
  if (moment.options.phase() == ProcessOptions::NOT_STARTED ||
      moment.options.importing()) {
    return NotRunYet(moment.record);
  }
  if (HasFinished(moment.record.status())) {
    SetEnd(moment.options.state_event(), &moment);
    return moment;
  }
  moment.is_last_commit = !moment.options.journal_goes_on();
  return moment;
}

absl::StatusOr<Moment> MomentOfPoint(ProcessDb& db, ProcessNumber process,
                                     uint64_t point) {
  ASSIGN_OR_RETURN(ProcessRecord record, db.GetRecordAt(process, point));
  return MomentAt(std::move(record), point);
}

}  // namespace wasmd
