// RemoteDb: the store of a directory through the wasmd that owns it.

#ifndef WASMD_STORE_SHARING_REMOTE_DB_H_
#define WASMD_STORE_SHARING_REMOTE_DB_H_

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/bytes.h"
#include "store/encryption_key.h"
#include "store/process_db.h"
#include "store/sharing/channel.h"
#include "store/sharing/owner_protocol.pb.h"

namespace wasmd {

// Whether a method failed since the owner is gone. What was asked may have
// happened.
bool IsOwnerLost(const absl::Status& status);

// Thread-safe; a call does not wait for another.
class RemoteDb : public ProcessDb {
 public:
  // `stop_fd`, if not negative, outlives this and ends the waiting of Attend.
  // `key` is that of an encrypted store: what only reads the files needs it.
  // NotFound when nobody listens; Unavailable, IsOwnerLost when the owner went
  // away at once; DeadlineExceeded when it does not answer; PermissionDenied.
  static absl::StatusOr<std::unique_ptr<RemoteDb>> Connect(
      const std::string& directory, int stop_fd,
      const std::optional<EncryptionKey>& key = {});

  // Tells whoever runs the process, if they attend.
  absl::Status Stop(const OwnerRequest::StopProcess& stop);
  // The same, that there is new input.
  absl::Status TellOfInput(ProcessNumber process);
  // Calls `on_event` for what others tell, until the owner is gone (OK) or
  // stop_fd is readable (Cancelled).
  absl::Status Attend(const std::function<void(const OwnerEvent&)>& on_event);

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
  absl::StatusOr<std::vector<ProcessNumber>> DueProcesses(
      int64_t now_ns, size_t limit) override;
  absl::Status AppendInput(const InputWrite& write, SyncMode sync) override;
  absl::StatusOr<InputEnd> GetInputEnd(ProcessNumber process) override;
  absl::StatusOr<InputBytes> ReadInput(ProcessNumber process, uint64_t offset,
                                       size_t max_bytes) override;
  absl::Status Sync() override;
  // These two read everything, and do it here.
  absl::StatusOr<StoreCensus> Check(
      const std::function<void(const StoreFinding&)>& found) override;
  absl::StatusOr<StoreUsage> Usage() override;

 private:
  class RemotePageReader;
  using PieceCallback =
      std::function<absl::Status(uint32_t kind, uint64_t number, ByteSpan)>;
  struct Answer {
    OwnerReply reply;
    std::vector<uint8_t> body;
  };

  RemoteDb(std::string directory, int stop_fd,
           const std::optional<EncryptionKey>& key)
      : directory_(std::move(directory)), key_(key), stop_fd_(stop_fd) {}

  absl::StatusOr<std::unique_ptr<Channel>> OpenChannel(int stop_fd);
  absl::StatusOr<std::unique_ptr<Channel>> TakeChannel()
      ABSL_LOCKS_EXCLUDED(mutex_);
  void KeepChannel(std::unique_ptr<Channel> channel)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // One request and one reply on a channel that is good after OK, and after
  // any status that IsOwnerLost is not.
  absl::StatusOr<Answer> Ask(Channel& channel, OwnerRequest& request,
                             std::span<const ByteSpan> body,
                             absl::Duration patience);
  absl::StatusOr<Answer> ReceiveAnswer(Channel& channel,
                                       absl::Duration patience);
  absl::StatusOr<Answer> Call(OwnerRequest request,
                              std::span<const ByteSpan> body = {});
  absl::Status CallForPieces(OwnerRequest request,
                             const PieceCallback& callback);
  static absl::StatusOr<ProcessRecord> ParseRecord(std::string_view bytes);
  absl::Status Lost(const absl::Status& status) const;
  absl::StatusOr<std::unique_ptr<ProcessDb>> OpenToRead() const;

  const std::string directory_;
  const std::optional<EncryptionKey> key_;
  const int stop_fd_;
  std::atomic<pid_t> owner_ = 0;
  absl::Mutex mutex_;
  // Not in use.
  std::vector<std::unique_ptr<Channel>> channels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_REMOTE_DB_H_
