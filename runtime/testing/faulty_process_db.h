// FaultyProcessDb: a ProcessDb of which commits can be made to fail.

#ifndef WASMD_RUNTIME_TESTING_FAULTY_PROCESS_DB_H_
#define WASMD_RUNTIME_TESTING_FAULTY_PROCESS_DB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/process_db.h"

namespace wasmd::testing {

class FaultyProcessDb : public ProcessDb {
 public:
  explicit FaultyProcessDb(ProcessDb& db) : db_(db) {}

  // Commits from this number on (from 1) fail, until it is reset.
  std::optional<uint64_t> first_failure;
  // All commits of this one fail.
  std::optional<ProcessNumber> refused_process;
  // So many times kept states cannot be dropped.
  int refused_drops = 0;
  uint64_t commits = 0;
  uint64_t synced_commits = 0;
  std::function<void(const Commit&)> on_commit;

  absl::Status ApplyCommit(const Commit& commit, SyncMode sync) override {
    if (on_commit) on_commit(commit);
    if (refused_process == commit.process) {
      return absl::UnavailableError("the disk is gone");
    }
    ++commits;
    if (first_failure.has_value() && commits >= *first_failure) {
      return absl::UnavailableError("the disk is gone");
    }
    if (sync == SyncMode::kSync) ++synced_commits;
    return db_.ApplyCommit(commit, sync);
  }
  absl::Status ApplyCommits(const std::vector<Commit>& all,
                            SyncMode sync) override {
    for (const Commit& commit : all) {
      if (on_commit) on_commit(commit);
      if (refused_process == commit.process) {
        return absl::UnavailableError("the disk is gone");
      }
    }
    commits += all.size();
    if (first_failure.has_value() && commits >= *first_failure) {
      return absl::UnavailableError("the disk is gone");
    }
    if (sync == SyncMode::kSync) synced_commits += all.size();
    return db_.ApplyCommits(all, sync);
  }

  absl::Status PutModule(const Sha256Digest& hash, ByteSpan bytes) override {
    return db_.PutModule(hash, bytes);
  }
  absl::StatusOr<std::vector<uint8_t>> GetModule(
      const Sha256Digest& hash) override {
    return db_.GetModule(hash);
  }
  absl::StatusOr<bool> HasModule(const Sha256Digest& hash) override {
    return db_.HasModule(hash);
  }
  absl::StatusOr<ProcessNumber> CreateProcess(
      const ProcessRecord& record) override {
    return db_.CreateProcess(record);
  }
  absl::StatusOr<ProcessNumber> FindProcess(std::string_view name) override {
    return db_.FindProcess(name);
  }
  absl::StatusOr<ProcessRecord> GetRecord(ProcessNumber process) override {
    return db_.GetRecord(process);
  }
  absl::Status ForEachProcess(
      const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
          callback) override {
    return db_.ForEachProcess(callback);
  }
  absl::Status RemoveProcess(ProcessNumber process) override {
    return db_.RemoveProcess(process);
  }
  absl::StatusOr<std::string> GetState(ProcessNumber process) override {
    return db_.GetState(process);
  }
  absl::Status ForEachPage(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t memory, uint64_t page,
                                       ByteSpan bytes)>& callback) override {
    return db_.ForEachPage(process, callback);
  }
  absl::Status ForEachLog(
      ProcessNumber process, uint32_t stream, uint64_t offset,
      const std::function<absl::Status(ByteSpan bytes)>& callback) override {
    return db_.ForEachLog(process, stream, offset, callback);
  }
  absl::Status ForEachLogRecord(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
          callback) override {
    return db_.ForEachLogRecord(process, callback);
  }
  absl::Status ForEachJournalBlock(
      ProcessNumber process, uint64_t from_event,
      const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
          callback) override {
    return db_.ForEachJournalBlock(process, from_event, callback);
  }
  absl::Status AppendInput(const InputWrite& write, SyncMode sync) override {
    return db_.AppendInput(write, sync);
  }
  absl::StatusOr<InputEnd> GetInputEnd(ProcessNumber process) override {
    return db_.GetInputEnd(process);
  }
  absl::StatusOr<InputBytes> ReadInput(ProcessNumber process, uint64_t offset,
                                       size_t max_bytes) override {
    return db_.ReadInput(process, offset, max_bytes);
  }
  absl::StatusOr<StoreCensus> Check(
      const std::function<void(const StoreFinding&)>& found) override {
    return db_.Check(found);
  }
  absl::StatusOr<StoreUsage> Usage() override { return db_.Usage(); }
  absl::StatusOr<std::vector<ProcessNumber>> DueProcesses(
      int64_t now_ns, size_t limit) override {
    return db_.DueProcesses(now_ns, limit);
  }
  void Forget(ProcessNumber process) override { db_.Forget(process); }
  absl::StatusOr<std::unique_ptr<PageReader>> OpenPages(
      ProcessNumber process, std::optional<uint64_t> point) override {
    return db_.OpenPages(process, point);
  }
  absl::StatusOr<std::vector<KeptPoint>> ListPoints(
      ProcessNumber process) override {
    return db_.ListPoints(process);
  }
  absl::StatusOr<ProcessRecord> GetRecordAt(ProcessNumber process,
                                            uint64_t point) override {
    return db_.GetRecordAt(process, point);
  }
  absl::StatusOr<std::string> GetStateAt(ProcessNumber process,
                                         uint64_t point) override {
    return db_.GetStateAt(process, point);
  }
  absl::StatusOr<uint64_t> LogBytesAt(ProcessNumber process, uint64_t point,
                                      uint32_t stream) override {
    return db_.LogBytesAt(process, point, stream);
  }
  absl::StatusOr<ProcessNumber> Fork(const ForkRequest& request) override {
    return db_.Fork(request);
  }
  absl::Status Rewind(const RewindRequest& request) override {
    return db_.Rewind(request);
  }
  absl::Status DropPoints(ProcessNumber process,
                          const PointRetention& retention) override {
    if (refused_drops > 0) {
      --refused_drops;
      return absl::ResourceExhaustedError("the disk is full");
    }
    return db_.DropPoints(process, retention);
  }
  absl::Status Sync() override { return db_.Sync(); }

 private:
  ProcessDb& db_;
};

}  // namespace wasmd::testing

#endif  // WASMD_RUNTIME_TESTING_FAULTY_PROCESS_DB_H_
