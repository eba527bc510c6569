// wasmd_db_open: a ProcessStore on a ProcessDb. The only part of the API that
// needs RocksDB.

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "capi/error.h"
#include "capi/process_store.h"
#include "store/process_db.h"
#include "store/sharing/shared_store.h"

namespace wasmd::capi {
namespace {

int64_t RealtimeNow() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string ToText(const Sha256Digest& hash) {
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

class DirectoryProcess final : public KeptProcess {
 public:
  // Number 0: it is created with the first commit.
  // Else it is claimed, until this is let go of.
  DirectoryProcess(SharedStore& db, ProcessNumber number, ProcessRecord record)
      : db_(db), number_(number), record_(std::move(record)) {}
  ~DirectoryProcess() override {
    if (number_ != 0) db_.Release(number_);
  }

  absl::Status Commit(const Capture& capture,
                      const std::vector<UsedModule>& modules,
                      bool sync) override {
    ProcessRecord record = record_;
    RETURN_IF_ERROR(PutModules(modules, &record));
    if (number_ == 0) {
      ASSIGN_OR_RETURN(number_, db_.CreateProcess(record));
      record_ = record;
    }
    record.set_sequence(record_.sequence() + 1);
    record.set_updated_ns(RealtimeNow());
    // Not to be run by the wasmd command: it has not the program's imports.
    record.set_status(PAUSED);
    wasmd::Commit commit;
    commit.process = number_;
    commit.record = record;
    commit.state = AsBytes(capture.state);
    for (const PageContent& page : capture.pages) {
      commit.pages.push_back({page.memory, page.page, page.bytes});
    }
    RETURN_IF_ERROR(
        db_.ApplyCommit(commit, sync ? SyncMode::kSync : SyncMode::kNoSync));
    record_ = std::move(record);
    return absl::OkStatus();
  }

 private:
  absl::Status PutModules(const std::vector<UsedModule>& modules,
                          ProcessRecord* record) {
    std::set<std::string> known(record->other_module_hashes().begin(),
                                record->other_module_hashes().end());
    known.insert(record->module_hash());
    for (const UsedModule& module : modules) {
      const std::string hash = ToText(module.hash);
      if (!known.insert(hash).second) continue;
      RETURN_IF_ERROR(db_.PutModule(module.hash, module.binary));
      if (record->module_hash().empty()) {
        record->set_module_hash(hash);
      } else {
        record->add_other_module_hashes(hash);
      }
    }
    if (record->module_hash().empty()) {
      return absl::FailedPreconditionError(
          "a store without instances cannot be kept");
    }
    return absl::OkStatus();
  }

  SharedStore& db_;
  ProcessNumber number_;
  ProcessRecord record_;  // as committed last
};

class DirectoryStore final : public ProcessStore {
 public:
  explicit DirectoryStore(std::unique_ptr<SharedStore> db)
      : db_(std::move(db)) {}

  absl::StatusOr<std::unique_ptr<KeptProcess>> Create(
      const std::string& name) override {
    const absl::StatusOr<ProcessNumber> present = db_->FindProcess(name);
    if (present.ok()) {
      return absl::AlreadyExistsError(
          StrCat("there is a process ", name, " already"));
    }
    if (!absl::IsNotFound(present.status())) return present.status();
    ProcessRecord record;
    record.set_name(name);
    record.set_created_ns(RealtimeNow());
    return std::make_unique<DirectoryProcess>(*db_, 0, std::move(record));
  }

  absl::StatusOr<std::unique_ptr<KeptProcess>> Find(
      const std::string& name) override {
    ASSIGN_OR_RETURN(const ProcessNumber number, db_->FindProcess(name));
    // Before it is read: from then on it stays as it is.
    RETURN_IF_ERROR(db_->Claim(number));
    ASSIGN_OR_RETURN(ProcessRecord record, db_->GetRecord(number));
    return std::make_unique<DirectoryProcess>(*db_, number, std::move(record));
  }

  absl::Status Remove(const std::string& name) override {
    ASSIGN_OR_RETURN(const ProcessNumber number, db_->FindProcess(name));
    return db_->RemoveProcess(number);
  }

  absl::Status List(const std::function<absl::Status(const std::string& name)>&
                        give) override {
    return db_->ForEachProcess(
        [&give](ProcessNumber, const ProcessRecord& record) {
          return give(record.name());
        });
  }

  absl::StatusOr<std::string> ReadState(const std::string& name) override {
    ASSIGN_OR_RETURN(const ProcessNumber number, db_->FindProcess(name));
    return db_->GetState(number);
  }

  absl::Status ReadPages(const std::string& name,
                         const PageSink& sink) override {
    ASSIGN_OR_RETURN(const ProcessNumber number, db_->FindProcess(name));
    return db_->ForEachPage(number, sink);
  }

  absl::StatusOr<std::vector<uint8_t>> ReadModule(
      const Sha256Digest& hash) override {
    return db_->GetModule(hash);
  }

  absl::Status Sync() override { return db_->Sync(); }

 private:
  const std::unique_ptr<SharedStore> db_;
};

}  // namespace
}  // namespace wasmd::capi

extern "C" wasmd_error_t* wasmd_db_open(const char* directory,
                                        wasmd_db_t** out) {
  using wasmd::capi::NewError;
  if (out == nullptr) return NewError(WASMD_ERROR_INVALID, "nowhere to put it");
  *out = nullptr;
  if (directory == nullptr) {
    return NewError(WASMD_ERROR_INVALID, "no directory");
  }
  auto db = wasmd::SharedStore::Open(directory);
  if (!db.ok()) return wasmd::capi::ToError(db.status());
  *out = new wasmd_db_t(
      std::make_unique<wasmd::capi::DirectoryStore>(*std::move(db)));
  return nullptr;
}
