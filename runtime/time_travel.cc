#include "runtime/time_travel.h"

#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/moment.h"
#include "runtime/process.h"
#include "runtime/process_clone.h"
#include "runtime/process_options.pb.h"
#include "runtime/record.h"

namespace wasmd {
namespace {

// Saves as a state what the store has as a state and a journal to be run again.
absl::Status SaveRunAgain(Engine& engine, ProcessNumber number) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Process> process,
                   Process::Resume(engine, number));
  return process->Park(PAUSED);
}

ProcessRecord RewoundRecord(const Moment& moment, const ProcessRecord& last,
                            int64_t now_ns) {
  ProcessOptions options = moment.options;
  options.set_journal_goes_on(true);
  options.set_log_lacks_tail(options.end_event() > options.state_event());
  ProcessRecord record = moment.record;
  record.set_name(last.name());
  record.set_sequence(last.sequence() + 1);
  record.set_status(PAUSED);
  record.set_wake_time_ns(0);
  record.set_exit_code(0);
  record.clear_failure();
  record.clear_failure_stack();
  record.set_updated_ns(now_ns);
  record.set_runtime_state(options.SerializeAsString());
  return record;
}

}  // namespace

absl::Status RewindProcess(Engine& engine, ProcessNumber number,
                           uint64_t event) {
  ASSIGN_OR_RETURN(const Moment moment,
                   FindMoment(*engine.db, number, event, MomentUse::kRewind));
  // Whether that works is to be known before anything is given up.
  RETURN_IF_ERROR(
      Process::LookAt(engine, number, moment, /*is_whole=*/false).status());
  ASSIGN_OR_RETURN(const ProcessRecord last, engine.db->GetRecord(number));
  engine.options.kill_points.Pass(KillPoint::kBeforeRewind);
  RETURN_IF_ERROR(engine.db->Rewind(
      {.process = number,
       .point = *moment.point,
       .record = RewoundRecord(moment, last, engine.outside.RealtimeNow()),
       .journal_end = event + 1}));
  engine.options.kill_points.Pass(KillPoint::kAfterRewind);
  const absl::Status saved = SaveRunAgain(engine, number);
  if (saved.ok()) return saved;
  return absl::Status(saved.code(),
                      StrCat("process ", last.name(), " is at event ", event,
                             " now, but not saved there yet, which a resume "
                             "would do: ",
                             ToStd(saved.message())));
}

absl::StatusOr<ProcessNumber> ForkProcess(Engine& engine,
                                          const ForkSource& source,
                                          const std::string& name) {
  ASSIGN_OR_RETURN(const ProcessRecord parent,
                   engine.db->GetRecord(source.parent));
  uint64_t event = 0;
  if (source.event.has_value()) {
    event = *source.event;
  } else if (HasFinished(parent.status())) {
    return absl::FailedPreconditionError(StrCat(
        "process ", parent.name(), " has finished: ",
        ProcessStatus_Name(parent.status()), "; choose an event of its past"));
  } else {
    ProcessOptions options;
    if (!options.ParseFromString(parent.runtime_state())) {
      return absl::DataLossError(
          StrCat("process ", parent.name(), ": its options are damaged"));
    }
    event = options.end_event();
  }
  ASSIGN_OR_RETURN(Moment moment, FindMoment(*engine.db, source.parent, event,
                                             MomentUse::kLook));
  if (!moment.point.has_value() && !source.is_claimed) {
    return absl::FailedPreconditionError(
        StrCat("process ", parent.name(),
               " is running, and no state of it is kept at or before event ",
               event, ": `wasmd pause` parks it"));
  }
  moment.options.set_journal_goes_on(moment.first_block.has_value());
  moment.record.set_runtime_state(moment.options.SerializeAsString());
  ASSIGN_OR_RETURN(const ProcessNumber child,
                   ForkAs(*engine.db,
                          {.parent = source.parent,
                           .point = moment.point,
                           .record = moment.record,
                           .journal_from = moment.first_block,
                           .input_from = moment.options.state_input()},
                          name, engine.outside.RealtimeNow()));
  engine.options.kill_points.Pass(KillPoint::kAfterFork);
  if (!moment.first_block.has_value()) return child;
  const absl::Status saved = SaveRunAgain(engine, child);
  if (saved.ok()) return child;
  engine.db->RemoveProcess(child).IgnoreError();
  return saved;
}

}  // namespace wasmd
