// Points, forks and rewinding.

#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/batch_writer.h"
#include "store/commit_batch.h"
#include "store/database.h"
#include "store/database_holder.h"
#include "store/head_table.h"
#include "store/key.h"
#include "store/page_levels.h"
#include "store/process_points.h"
#include "store/rocks_process_db.h"

namespace wasmd {
namespace {

// Of what nobody needs any more, about so many keys are deleted at once.
constexpr size_t kGarbageOfWrite = 1000;

}  // namespace

absl::StatusOr<std::vector<KeptPoint>> RocksProcessDb::ListPoints(
    ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  ASSIGN_OR_RETURN(auto points, ReadPoints(*database, nullptr, process));
  std::vector<KeptPoint> kept;
  for (auto& [sequence, point] : points) {
    if (!point.is_kept()) continue;
    kept.push_back(
        {.sequence = sequence,
         .record = std::move(*point.mutable_process()->mutable_record()),
         .state_bytes = point.state_bytes()});
  }
  return kept;
}

absl::StatusOr<ProcessRecord> RocksProcessDb::GetRecordAt(ProcessNumber process,
                                                          uint64_t point) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(StoredPoint stored,
                   ReadKeptPoint(*database, process, point, nullptr));
  return std::move(*stored.mutable_process()->mutable_record());
}

absl::StatusOr<std::string> RocksProcessDb::GetStateAt(ProcessNumber process,
                                                       uint64_t point) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  return ReadState(*database, snapshot.snapshot(), process, point);
}

absl::StatusOr<uint64_t> RocksProcessDb::LogBytesAt(ProcessNumber process,
                                                    uint64_t point,
                                                    uint32_t stream) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(const StoredPoint stored,
                   ReadKeptPoint(*database, process, point, nullptr));
  for (const LogStream& log : stored.process().log_streams()) {
    if (log.stream() == stream) return log.bytes();
  }
  return uint64_t{0};
}

absl::StatusOr<ProcessNumber> RocksProcessDb::Fork(const ForkRequest& request) {
  RETURN_IF_ERROR(CheckWritable());
  RETURN_IF_ERROR(CheckRecord(request.record));
  if (request.record.sequence() != 0) {
    return absl::InvalidArgumentError(
        StrCat("a new process begins with sequence 0, not ",
               request.record.sequence()));
  }
  HeadTable::Claim claim = heads_.Acquire({request.parent});
  for (;;) {
    absl::StatusOr<ProcessNumber> child = ForkClaimed(request, &claim);
    if (!absl::IsAborted(child.status())) return child;
  }
}

absl::StatusOr<ProcessNumber> RocksProcessDb::ForkClaimed(
    const ForkRequest& request, HeadTable::Claim* claim) {
  ASSIGN_OR_RETURN(std::vector<ProcessHead> heads, TakeHeads(claim));
  ASSIGN_OR_RETURN(const Reservation reservation,
                   Reserve(request.record, /*is_put=*/false));
  const ProcessNumber child = reservation.process;
  const absl::Status forked =
      holder_.Apply({.doing = StrCat("cannot fork process ", request.parent),
                     .fill = [&](const Database& database,
                                 rocksdb::WriteBatch* batch) -> absl::Status {
                       if (holder_.generation() != heads[0].generation) {
                         return absl::AbortedError("the store was opened anew");
                       }
                       BatchWriter out(database, batch);
                       return AddFork(database,
                                      {.parent = request.parent,
                                       .point = request.point,
                                       .child = child,
                                       .journal_from = request.journal_from,
                                       .input_from = request.input_from},
                                      request.record, &heads[0], &out);
                     },
                     .happened =
                         [child](const Database& database) {
                           return HasProcess(database, child);
                         }});
  EndReservation(reservation);
  RETURN_IF_ERROR(forked);
  claim->head(0) = std::move(heads[0]);
  if (request.record.status() == WAITING) {
    timers_.Added(request.record.wake_time_ns());
  }
  return child;
}

absl::Status RocksProcessDb::Rewind(const RewindRequest& request) {
  RETURN_IF_ERROR(CheckWritable());
  RETURN_IF_ERROR(CheckRecord(request.record));
  {
    HeadTable::Claim claim = heads_.Acquire({request.process});
    absl::Status rewound;
    do {
      rewound = RewindClaimed(request, &claim);
    } while (absl::IsAborted(rewound));
    RETURN_IF_ERROR(rewound);
  }
  // What this can not do now, the next call does.
  CollectHistory(request.process).IgnoreError();
  return absl::OkStatus();
}

absl::Status RocksProcessDb::RewindClaimed(const RewindRequest& request,
                                           HeadTable::Claim* claim) {
  ASSIGN_OR_RETURN(std::vector<ProcessHead> heads, TakeHeads(claim));
  ProcessHead& head = heads[0];
  absl::MutexLock lock(&lifecycle_mutex_);
  {
    ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
    RETURN_IF_ERROR(CheckModulesExist(*database, ModulesOf(request.record)));
  }
  RETURN_IF_ERROR(
      holder_.Apply({.doing = StrCat("cannot rewind process ", request.process),
                     .fill = [&](const Database& database,
                                 rocksdb::WriteBatch* batch) -> absl::Status {
                       if (holder_.generation() != head.generation) {
                         return absl::AbortedError("the store was opened anew");
                       }
                       BatchWriter out(database, batch);
                       return AddRewind(database,
                                        {.process = request.process,
                                         .point = request.point,
                                         .journal_end = request.journal_end},
                                        request.record, &head, &out);
                     },
                     .happened =
                         [&](const Database& database) {
                           return HasCommit(database, request.process,
                                            request.record.sequence());
                         }}));
  if (head.wake_time_ns.has_value()) timers_.Added(*head.wake_time_ns);
  claim->head(0) = std::move(head);
  return absl::OkStatus();
}

absl::Status RocksProcessDb::DropPoints(ProcessNumber process,
                                        const PointRetention& retention) {
  RETURN_IF_ERROR(CheckWritable());
  {
    HeadTable::Claim claim = heads_.Acquire({process});
    absl::Status dropped;
    do {
      dropped = DropClaimed(process, retention, &claim);
    } while (absl::IsAborted(dropped));
    RETURN_IF_ERROR(dropped);
  }
  return CollectHistory(process);
}

absl::Status RocksProcessDb::DropClaimed(ProcessNumber process,
                                         const PointRetention& retention,
                                         HeadTable::Claim* claim) {
  ASSIGN_OR_RETURN(std::vector<ProcessHead> heads, TakeHeads(claim));
  ProcessHead& head = heads[0];
  bool is_changed = false;
  const absl::Status dropped = holder_.Apply(
      {.doing = StrCat("cannot drop points of process ", process),
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         if (holder_.generation() != head.generation) {
           return absl::AbortedError("the store was opened anew");
         }
         BatchWriter out(database, batch);
         ASSIGN_OR_RETURN(
             is_changed,
             AddPointRemoval(database, process, retention.min_sequence,
                             retention.max_points, &head, &out));
         // Nothing to write.
         return is_changed ? absl::OkStatus() : absl::CancelledError();
       },
       .happened = [&](const Database& database) -> absl::StatusOr<bool> {
         // If nothing would be left to do.
         rocksdb::WriteBatch none;
         BatchWriter out(database, &none);
         ProcessHead same = head;
         ASSIGN_OR_RETURN(
             const bool is_left,
             AddPointRemoval(database, process, retention.min_sequence,
                             retention.max_points, &same, &out));
         return !is_left;
       }});
  if (!dropped.ok() && (is_changed || !absl::IsCancelled(dropped))) {
    return dropped;
  }
  claim->head(0) = std::move(head);
  return absl::OkStatus();
}

absl::Status RocksProcessDb::CollectHistory(ProcessNumber process) {
  std::string from;
  for (;;) {
    std::vector<std::string> garbage;
    {
      ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
      ASSIGN_OR_RETURN(garbage, FindHistoryGarbage(*database, process,
                                                   kGarbageOfWrite, &from));
    }
    if (garbage.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(holder_.Apply(
        {.doing = StrCat("cannot drop what process ", process, " kept"),
         .sync = false,
         .fill = [&](const Database& database,
                     rocksdb::WriteBatch* batch) -> absl::Status {
           BatchWriter out(database, batch);
           for (const std::string& key : garbage) out.Delete(key);
           return out.status();
         },
         .happened = [](const Database&) -> absl::StatusOr<bool> {
           return false;
         }}));
    if (from.empty()) return absl::OkStatus();
  }
}

}  // namespace wasmd
