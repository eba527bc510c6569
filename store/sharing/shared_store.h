// SharedStore: the store of a directory for everybody who changes it, however
// many wasmds do at the same time. The first owns it; the others work through
// the owner and notice nothing of that, but for some microseconds a call. When
// the owner ends, or is killed, one of the others becomes the owner, and what
// they were about goes on (docs/decisions/0008-one-store-many-wasmds.md).
//
// It is a ProcessDb: whoever has one changes processes as if alone. What keeps
// wasmds from changing the same process is its claim:
//
//   ASSIGN_OR_RETURN(auto store, SharedStore::Open(directory));
//   RETURN_IF_ERROR(store->Claim(process));  // it is at rest, and stays so
//   ... GetRecord, ApplyCommit, Process::Resume, ...
//   store->Release(process);                 // or with the end of `store`
//
// CreateProcess claims the new process. A single ApplyCommit or RemoveProcess
// of a process that is not claimed claims it while it lasts, and fails when
// another wasmd has the claim. Whatever reads first what it then changes
// (resume, rewind, pause) must claim before it reads. Reading takes no claim.

#ifndef WASMD_STORE_SHARING_SHARED_STORE_H_
#define WASMD_STORE_SHARING_SHARED_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/bytes.h"
#include "base/owned_fd.h"
#include "store/process_db.h"
#include "store/sharing/process_claims.h"

namespace wasmd {

class OwnerEvent;

// How a process that runs is to stop.
enum class StopKind : uint8_t {
  kPause,   // parked, to go on later
  kCancel,  // ended for good
};

// Thread-safe.
class SharedStore : public ProcessDb {
 public:
  // As ProcessDb::Open, but if another wasmd owns the store, this goes through
  // it. FailedPrecondition if the owner does not let others in,
  // DeadlineExceeded if it does not answer, PermissionDenied if it is another
  // user's.
  static absl::StatusOr<std::unique_ptr<SharedStore>> Open(
      const std::string& directory, const OpenOptions& options = {});
  ~SharedStore() override;

  // Until Release, nobody else changes or removes the process. No-op when it is
  // claimed. FailedPrecondition when another wasmd runs or changes it. It need
  // not exist.
  absl::Status Claim(ProcessNumber process);
  // And forgets it, as Forget.
  void Release(ProcessNumber process);

  // For whoever runs processes: called, on any thread, when somebody wants one
  // stopped, which may be one that is not run here. Null: no more calls, once
  // this returns.
  using OnStop = std::function<void(ProcessNumber, StopKind)>;
  void SetOnStop(OnStop on_stop) ABSL_LOCKS_EXCLUDED(stop_mutex_);
  // Tells all who run processes of this store. They release the claim of the
  // process when it has stopped; that this arrives is not sure, so repeat it
  // until the process can be claimed.
  absl::Status AskToStop(ProcessNumber process, StopKind kind);
  // The same for input that was appended (AppendInput tells of it); an event
  // may get lost when the owner ends.
  using OnInput = std::function<void(ProcessNumber)>;
  void SetOnInput(OnInput on_input) ABSL_LOCKS_EXCLUDED(stop_mutex_);

  absl::Status PutModule(const Sha256Digest& hash, ByteSpan bytes) override;
  absl::StatusOr<std::vector<uint8_t>> GetModule(
      const Sha256Digest& hash) override;
  absl::StatusOr<bool> HasModule(const Sha256Digest& hash) override;
  absl::StatusOr<ProcessNumber> CreateProcess(
      const ProcessRecord& record) override;
  absl::StatusOr<ProcessNumber> FindProcess(std::string_view name) override;
  absl::StatusOr<ProcessRecord> GetRecord(ProcessNumber process) override;
  absl::Status ForEachProcess(
      const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
          callback) override;
  absl::Status RemoveProcess(ProcessNumber process) override;
  absl::Status ApplyCommit(const Commit& commit, SyncMode sync) override;
  absl::Status ApplyCommits(const std::vector<Commit>& commits,
                            SyncMode sync) override;
  absl::StatusOr<std::string> GetState(ProcessNumber process) override;
  absl::Status ForEachPage(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t memory, uint64_t page,
                                       ByteSpan bytes)>& callback) override;
  absl::Status ForEachLog(
      ProcessNumber process, uint32_t stream, uint64_t offset,
      const std::function<absl::Status(ByteSpan bytes)>& callback) override;
  absl::Status ForEachLogRecord(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
          callback) override;
  void Forget(ProcessNumber process) override;
  absl::StatusOr<std::unique_ptr<PageReader>> OpenPages(
      ProcessNumber process, std::optional<uint64_t> point) override;
  absl::StatusOr<std::vector<KeptPoint>> ListPoints(
      ProcessNumber process) override;
  absl::StatusOr<ProcessRecord> GetRecordAt(ProcessNumber process,
                                            uint64_t point) override;
  absl::StatusOr<std::string> GetStateAt(ProcessNumber process,
                                         uint64_t point) override;
  absl::StatusOr<uint64_t> LogBytesAt(ProcessNumber process, uint64_t point,
                                      uint32_t stream) override;
  absl::StatusOr<ProcessNumber> Fork(const ForkRequest& request) override;
  absl::Status Rewind(const RewindRequest& request) override;
  absl::Status DropPoints(ProcessNumber process,
                          const PointRetention& retention) override;
  absl::Status ForEachJournalBlock(
      ProcessNumber process, uint64_t from_event,
      const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
          callback) override;
  // Needs no claim. After a lost owner, Unavailable if it cannot be known any
  // more whether it was appended.
  absl::Status AppendInput(const InputWrite& write, SyncMode sync) override;
  absl::StatusOr<InputEnd> GetInputEnd(ProcessNumber process) override;
  absl::StatusOr<InputBytes> ReadInput(ProcessNumber process, uint64_t offset,
                                       size_t max_bytes) override;
  absl::StatusOr<std::vector<ProcessNumber>> DueProcesses(
      int64_t now_ns, size_t limit) override;
  absl::Status Sync() override;
  absl::StatusOr<StoreCensus> Check(
      const std::function<void(const StoreFinding&)>& found) override;
  absl::StatusOr<StoreUsage> Usage() override;
  // Of what this wasmd did as the owner.
  StoreStatistics Statistics() const override;

 private:
  struct Access;
  class ClaimForNow;
  class SharedPageReader;

  SharedStore(std::string directory, const OpenOptions& options);

  // Connects to the owner, or becomes it.
  absl::StatusOr<std::shared_ptr<Access>> Reach(const OpenOptions& options,
                                                absl::Duration patience);
  absl::StatusOr<std::shared_ptr<Access>> BecomeOwner(
      const OpenOptions& options);
  std::shared_ptr<Access> access() const ABSL_LOCKS_EXCLUDED(mutex_);
  // After `lost` lost its owner: makes access() another.
  absl::Status Replace(const std::shared_ptr<Access>& lost)
      ABSL_LOCKS_EXCLUDED(mutex_, replace_mutex_);
  // Calls `call(db, is_repeated)` until it does not lose its owner. Repeated:
  // what it does may be done.
  template <typename Call>
  auto WithDb(const Call& call)
      -> decltype(call(std::declval<ProcessDb&>(), false));

  // The process that has exactly this record; 0 if there is none.
  static absl::StatusOr<ProcessNumber> FindSame(ProcessDb& db,
                                                const ProcessRecord& record);
  // Of the record of a change: whether that change, of which is not known how
  // it went, was made.
  static absl::StatusOr<bool> HasRecord(ProcessDb& db, ProcessNumber process,
                                        const ProcessRecord& record);

  absl::StatusOr<ProcessNumber> Create(const ProcessRecord& record);
  absl::Status PutAgain(ProcessDb& db, const ProcessRecord& record)
      ABSL_LOCKS_EXCLUDED(put_mutex_);
  void StartAttending();
  void Attend();
  void Hear(const OwnerEvent& event) ABSL_LOCKS_EXCLUDED(stop_mutex_);
  absl::Status Tell(const OwnerEvent& event);

  const std::string directory_;
  const OpenOptions options_;
  const OwnedFd end_;  // readable once this is to end
  std::atomic<bool> is_ending_ = false;
  std::unique_ptr<ProcessClaims> claims_;

  // Held while access_ is being replaced; comes before mutex_.
  absl::Mutex replace_mutex_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<Access> access_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex stop_mutex_;
  OnStop on_stop_ ABSL_GUARDED_BY(stop_mutex_);
  OnInput on_input_ ABSL_GUARDED_BY(stop_mutex_);
  std::thread attendant_;  // listens to the owner

  // Modules put through an owner and not used by a process yet: the next owner
  // may have dropped them.
  absl::Mutex put_mutex_;
  std::map<Sha256Digest, std::vector<uint8_t>> put_ ABSL_GUARDED_BY(put_mutex_);
};

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_SHARED_STORE_H_
