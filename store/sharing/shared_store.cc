#include "store/sharing/shared_store.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/rocks_env.h"
#include "store/sharing/owner_protocol.pb.h"
#include "store/sharing/owner_service.h"
#include "store/sharing/remote_db.h"
#include "store/sharing/shared_store_parts.h"
#include "store/store_cipher.h"
#include "store/store_directory.h"

namespace wasmd {
namespace {

// An owner that is opening or closing the store is heard of soon; one that does
// not let others in, never.
constexpr absl::Duration kOpenPatience = absl::Seconds(5);
// Processes are running: they are not given up soon.
constexpr absl::Duration kReplacePatience = absl::Minutes(10);
constexpr absl::Duration kStep = absl::Milliseconds(3);
// Looks at a store with which something seems to be wrong.
constexpr int kOpenings = 6;
constexpr absl::Duration kAttendPause = absl::Seconds(1);
OwnerRequest::StopProcess MakeStop(ProcessNumber process, StopKind kind) {
  OwnerRequest::StopProcess stop;
  stop.set_process(process);
  stop.set_kind(kind == StopKind::kCancel ? OwnerRequest::StopProcess::CANCEL
                                          : OwnerRequest::StopProcess::PAUSE);
  return stop;
}

std::vector<Sha256Digest> ModulesOf(const ProcessRecord& record) {
  std::vector<Sha256Digest> modules;
  const auto add = [&modules](const std::string& bytes) {
    Sha256Digest hash;
    if (bytes.size() != hash.size()) return;
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    modules.push_back(hash);
  };
  add(record.module_hash());
  for (const std::string& bytes : record.other_module_hashes()) add(bytes);
  return modules;
}

absl::Status CheckKey(const std::string& directory,
                      const OpenOptions& options) {
  return OpenStoreCipher(RocksEnv(options), directory, options.key).status();
}

StopKind KindOf(const OwnerRequest::StopProcess& stop) {
  return stop.kind() == OwnerRequest::StopProcess::CANCEL ? StopKind::kCancel
                                                          : StopKind::kPause;
}

}  // namespace

absl::StatusOr<ProcessNumber> SharedStore::FindSame(
    ProcessDb& db, const ProcessRecord& record) {
  ProcessNumber found = 0;
  const std::string wanted = record.SerializeAsString();
  const absl::Status status =
      db.ForEachProcess([&](ProcessNumber process, const ProcessRecord& other) {
        if (other.SerializeAsString() == wanted) found = process;
        return absl::OkStatus();
      });
  if (found != 0) return found;
  RETURN_IF_ERROR(status);
  return found;
}

absl::StatusOr<bool> SharedStore::HasRecord(ProcessDb& db,
                                            ProcessNumber process,
                                            const ProcessRecord& record) {
  ASSIGN_OR_RETURN(const ProcessRecord stored, db.GetRecord(process));
  return stored.SerializeAsString() == record.SerializeAsString();
}

SharedStore::SharedStore(std::string directory, const OpenOptions& options)
    : directory_(std::move(directory)),
      options_(options),
      end_(eventfd(0, EFD_CLOEXEC)) {}

absl::StatusOr<std::unique_ptr<SharedStore>> SharedStore::Open(
    const std::string& directory, const OpenOptions& options) {
  std::unique_ptr<SharedStore> store(new SharedStore(directory, options));
  if (!store->end_.is_open()) {
    return absl::UnavailableError("too many files are open");
  }
  ASSIGN_OR_RETURN(std::shared_ptr<Access> access,
                   store->Reach(options, kOpenPatience));
  {
    absl::MutexLock lock(&store->mutex_);
    store->access_ = std::move(access);
  }
  ASSIGN_OR_RETURN(store->claims_, ProcessClaims::Open(directory));
  return store;
}

SharedStore::~SharedStore() {
  is_ending_ = true;
  if (end_.is_open()) {
    const uint64_t one = 1;
    CHECK(write(end_.get(), &one, sizeof one) == sizeof one);
  }
  if (attendant_.joinable()) attendant_.join();
  std::shared_ptr<Access> last;
  {
    absl::MutexLock lock(&mutex_);
    last.swap(access_);
  }
  // Before what its threads use.
  last.reset();
}

// Owners.

absl::StatusOr<std::shared_ptr<SharedStore::Access>> SharedStore::BecomeOwner(
    const OpenOptions& options) {
  auto access = std::make_shared<Access>();
  ASSIGN_OR_RETURN(access->own, ProcessDb::Open(directory_, options));
  auto service =
      OwnerService::Start(directory_, *access->own,
                          [this](const OwnerEvent& event) { Hear(event); });
  // Where there can be no socket the store has one user at a time.
  if (service.ok()) access->service = *std::move(service);
  return access;
}

absl::StatusOr<std::shared_ptr<SharedStore::Access>> SharedStore::Reach(
    const OpenOptions& options, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  for (int failures = 0;;) {
    auto remote = RemoteDb::Connect(directory_, end_.get(), options.key);
    if (remote.ok()) {
      // The owner would not ask.
      RETURN_IF_ERROR(CheckKey(directory_, options));
      auto access = std::make_shared<Access>();
      access->remote = *std::move(remote);
      return access;
    }
    if (absl::IsDeadlineExceeded(remote.status())) {
      if (is_ending_ || absl::Now() >= deadline) return remote.status();
      continue;
    }
    auto owner = BecomeOwner(options);
    if (owner.ok()) return owner;
    // What looks wrong with a store may be that another opens it just now: its
    // list of files is replaced then.
    if (!IsInUse(owner.status()) && ++failures == kOpenings) return owner;
    if (absl::IsPermissionDenied(remote.status())) return remote.status();
    if (is_ending_ || absl::Now() >= deadline) return owner.status();
    absl::SleepFor(kStep);
  }
}

std::shared_ptr<SharedStore::Access> SharedStore::access() const {
  absl::MutexLock lock(&mutex_);
  return access_;
}

absl::Status SharedStore::Replace(const std::shared_ptr<Access>& lost) {
  absl::MutexLock replacing(&replace_mutex_);
  if (access() != lost) return absl::OkStatus();
  OpenOptions options = options_;
  options.create_if_missing = false;
  ASSIGN_OR_RETURN(std::shared_ptr<Access> next,
                   Reach(options, kReplacePatience));
  absl::MutexLock lock(&mutex_);
  access_ = std::move(next);
  return absl::OkStatus();
}

// Claims and stops.

absl::Status SharedStore::Claim(ProcessNumber process) {
  return claims_->Acquire(process);
}

void SharedStore::Release(ProcessNumber process) {
  // While it is still claimed: nobody else's commits get dearer by this.
  if (claims_->Has(process)) Forget(process);
  claims_->Release(process);
}

void SharedStore::SetOnStop(OnStop on_stop) {
  const bool is_wanted = on_stop != nullptr;
  {
    absl::MutexLock lock(&stop_mutex_);
    on_stop_ = std::move(on_stop);
  }
  if (is_wanted) StartAttending();
}

void SharedStore::SetOnInput(OnInput on_input) {
  const bool is_wanted = on_input != nullptr;
  {
    absl::MutexLock lock(&stop_mutex_);
    on_input_ = std::move(on_input);
  }
  if (is_wanted) StartAttending();
}

void SharedStore::StartAttending() {
  if (!attendant_.joinable() && access()->remote != nullptr) {
    attendant_ = std::thread([this] { Attend(); });
  }
}

void SharedStore::Hear(const OwnerEvent& event) {
  absl::MutexLock lock(&stop_mutex_);
  if (event.has_stop_process() && on_stop_ != nullptr) {
    on_stop_(event.stop_process().process(), KindOf(event.stop_process()));
  }
  if (event.has_input_came() && on_input_ != nullptr) {
    on_input_(event.input_came().process());
  }
}

void SharedStore::Attend() {
  while (!is_ending_) {
    const std::shared_ptr<Access> at = access();
    if (at->remote == nullptr) return;  // its service tells us
    const absl::Status attended =
        at->remote->Attend([this](const OwnerEvent& event) { Hear(event); });
    if (!attended.ok()) return;
    if (!Replace(at).ok()) {
      pollfd ready = {end_.get(), POLLIN, 0};
      poll(&ready, 1,
           static_cast<int>(absl::ToInt64Milliseconds(kAttendPause)));
    }
  }
}

absl::Status SharedStore::Tell(const OwnerEvent& event) {
  return WithDb([&](ProcessDb&, bool) -> absl::Status {
    const std::shared_ptr<Access> at = access();
    if (at->remote != nullptr) {
      return event.has_input_came()
                 ? at->remote->TellOfInput(event.input_came().process())
                 : at->remote->Stop(event.stop_process());
    }
    if (at->service != nullptr) {
      at->service->Tell(event);
    } else {
      Hear(event);
    }
    return absl::OkStatus();
  });
}

absl::Status SharedStore::AskToStop(ProcessNumber process, StopKind kind) {
  OwnerEvent event;
  *event.mutable_stop_process() = MakeStop(process, kind);
  return Tell(event);
}

// Input.

absl::Status SharedStore::AppendInput(const InputWrite& write, SyncMode sync) {
  const absl::Status appended =
      WithDb([&](ProcessDb& db, bool is_repeated) -> absl::Status {
        const absl::Status status = db.AppendInput(write, sync);
        if (!is_repeated || !absl::IsAborted(status)) return status;
        // Somebody appended at that place. If it is not there any more, it may
        // have been this.
        ASSIGN_OR_RETURN(const InputBytes there,
                         db.ReadInput(write.process, write.offset, 1));
        if (there.offset == write.offset && !there.bytes.empty()) return status;
        return absl::UnavailableError(
            StrCat("the wasmd that owned the store ended meanwhile: whether "
                   "the input of process ",
                   write.process, " has it is not known any more"));
      });
  RETURN_IF_ERROR(appended);
  OwnerEvent event;
  event.mutable_input_came()->set_process(write.process);
  // Whoever runs it looks now and then, too.
  Tell(event).IgnoreError();
  return absl::OkStatus();
}

absl::StatusOr<InputEnd> SharedStore::GetInputEnd(ProcessNumber process) {
  return WithDb([&](ProcessDb& db, bool) { return db.GetInputEnd(process); });
}

absl::StatusOr<InputBytes> SharedStore::ReadInput(ProcessNumber process,
                                                  uint64_t offset,
                                                  size_t max_bytes) {
  return WithDb([&](ProcessDb& db, bool) {
    return db.ReadInput(process, offset, max_bytes);
  });
}

// Modules.

absl::Status SharedStore::PutModule(const Sha256Digest& hash, ByteSpan bytes) {
  if (access()->remote != nullptr) {
    absl::MutexLock lock(&put_mutex_);
    put_.try_emplace(hash, bytes.begin(), bytes.end());
  }
  return WithDb([&](ProcessDb& db, bool) { return db.PutModule(hash, bytes); });
}

absl::Status SharedStore::PutAgain(ProcessDb& db, const ProcessRecord& record) {
  absl::MutexLock lock(&put_mutex_);
  for (const Sha256Digest& hash : ModulesOf(record)) {
    const auto put = put_.find(hash);
    if (put != put_.end()) {
      RETURN_IF_ERROR(db.PutModule(hash, put->second));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint8_t>> SharedStore::GetModule(
    const Sha256Digest& hash) {
  return WithDb([&](ProcessDb& db, bool) { return db.GetModule(hash); });
}

absl::StatusOr<bool> SharedStore::HasModule(const Sha256Digest& hash) {
  return WithDb([&](ProcessDb& db, bool) { return db.HasModule(hash); });
}

// Changes.

absl::StatusOr<ProcessNumber> SharedStore::CreateProcess(
    const ProcessRecord& record) {
  ASSIGN_OR_RETURN(const ProcessNumber process,
                   claims_->AcquireNew([&] { return Create(record); }));
  absl::MutexLock lock(&put_mutex_);
  for (const Sha256Digest& hash : ModulesOf(record)) put_.erase(hash);
  return process;
}

absl::StatusOr<ProcessNumber> SharedStore::Create(const ProcessRecord& record) {
  return WithDb(
      [&](ProcessDb& db, bool is_repeated) -> absl::StatusOr<ProcessNumber> {
        if (is_repeated) {
          ASSIGN_OR_RETURN(const ProcessNumber created, FindSame(db, record));
          if (created != 0) return created;
        }
        absl::StatusOr<ProcessNumber> created = db.CreateProcess(record);
        if (!absl::IsFailedPrecondition(created.status())) return created;
        RETURN_IF_ERROR(PutAgain(db, record));
        return db.CreateProcess(record);
      });
}

absl::Status SharedStore::RemoveProcess(ProcessNumber process) {
  ClaimForNow claim(*claims_);
  RETURN_IF_ERROR(claim.Add(process));
  return WithDb([&](ProcessDb& db, bool is_repeated) {
    const absl::Status removed = db.RemoveProcess(process);
    return is_repeated && absl::IsNotFound(removed) ? absl::OkStatus()
                                                    : removed;
  });
}

absl::Status SharedStore::ApplyCommit(const Commit& commit, SyncMode sync) {
  ClaimForNow claim(*claims_);
  RETURN_IF_ERROR(claim.Add(commit.process));
  return WithDb([&](ProcessDb& db, bool is_repeated) -> absl::Status {
    if (is_repeated) {
      ASSIGN_OR_RETURN(const bool is_done,
                       HasRecord(db, commit.process, commit.record));
      if (is_done) return absl::OkStatus();
    }
    return db.ApplyCommit(commit, sync);
  });
}

absl::Status SharedStore::ApplyCommits(const std::vector<Commit>& commits,
                                       SyncMode sync) {
  if (commits.empty()) return absl::OkStatus();
  ClaimForNow claim(*claims_);
  for (const Commit& commit : commits) {
    RETURN_IF_ERROR(claim.Add(commit.process));
  }
  return WithDb([&](ProcessDb& db, bool is_repeated) -> absl::Status {
    if (is_repeated) {
      // All or nothing, and of one process the last is what is seen.
      ASSIGN_OR_RETURN(const bool is_done, HasRecord(db, commits.back().process,
                                                     commits.back().record));
      if (is_done) return absl::OkStatus();
    }
    return db.ApplyCommits(commits, sync);
  });
}

absl::Status SharedStore::Sync() {
  return WithDb([&](ProcessDb& db, bool) { return db.Sync(); });
}

// Reading. A walk that loses its owner goes on behind what was given out.

absl::StatusOr<ProcessNumber> SharedStore::FindProcess(std::string_view name) {
  return WithDb([&](ProcessDb& db, bool) { return db.FindProcess(name); });
}

absl::StatusOr<ProcessRecord> SharedStore::GetRecord(ProcessNumber process) {
  return WithDb([&](ProcessDb& db, bool) { return db.GetRecord(process); });
}

absl::Status SharedStore::ForEachProcess(
    const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
        callback) {
  ProcessNumber last = 0;
  return WithDb([&](ProcessDb& db, bool) {
    return db.ForEachProcess([&](ProcessNumber process,
                                 const ProcessRecord& record) -> absl::Status {
      if (process <= last) return absl::OkStatus();
      last = process;
      return callback(process, record);
    });
  });
}

absl::StatusOr<std::string> SharedStore::GetState(ProcessNumber process) {
  return WithDb([&](ProcessDb& db, bool) { return db.GetState(process); });
}

absl::Status SharedStore::ForEachPage(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t memory, uint64_t page,
                                     ByteSpan bytes)>& callback) {
  std::optional<std::pair<uint32_t, uint64_t>> last;
  return WithDb([&](ProcessDb& db, bool) {
    return db.ForEachPage(
        process,
        [&](uint32_t memory, uint64_t page, ByteSpan bytes) -> absl::Status {
          const std::pair<uint32_t, uint64_t> at(memory, page);
          if (last.has_value() && at <= *last) return absl::OkStatus();
          last = at;
          return callback(memory, page, bytes);
        });
  });
}

absl::Status SharedStore::ForEachLog(
    ProcessNumber process, uint32_t stream, uint64_t offset,
    const std::function<absl::Status(ByteSpan bytes)>& callback) {
  return WithDb([&](ProcessDb& db, bool) {
    return db.ForEachLog(process, stream, offset,
                         [&](ByteSpan bytes) -> absl::Status {
                           offset += bytes.size();
                           return callback(bytes);
                         });
  });
}

absl::Status SharedStore::ForEachLogRecord(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
        callback) {
  uint64_t given = 0;
  return WithDb([&](ProcessDb& db, bool) {
    uint64_t at = 0;
    return db.ForEachLogRecord(
        process, [&](uint32_t stream, ByteSpan bytes) -> absl::Status {
          if (at++ < given) return absl::OkStatus();
          ++given;
          return callback(stream, bytes);
        });
  });
}

absl::Status SharedStore::ForEachJournalBlock(
    ProcessNumber process, uint64_t from_event,
    const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
        callback) {
  std::optional<uint64_t> last;
  return WithDb([&](ProcessDb& db, bool) {
    return db.ForEachJournalBlock(
        process, from_event,
        [&](uint64_t first_event, ByteSpan bytes) -> absl::Status {
          if (last.has_value() && first_event <= *last) return absl::OkStatus();
          last = first_event;
          return callback(first_event, bytes);
        });
  });
}

absl::StatusOr<std::vector<ProcessNumber>> SharedStore::DueProcesses(
    int64_t now_ns, size_t limit) {
  return WithDb(
      [&](ProcessDb& db, bool) { return db.DueProcesses(now_ns, limit); });
}

absl::StatusOr<StoreCensus> SharedStore::Check(
    const std::function<void(const StoreFinding&)>& found) {
  return WithDb([&](ProcessDb& db, bool) { return db.Check(found); });
}

absl::StatusOr<StoreUsage> SharedStore::Usage() {
  return WithDb([&](ProcessDb& db, bool) { return db.Usage(); });
}

StoreStatistics SharedStore::Statistics() const {
  const std::shared_ptr<Access> at = access();
  return at->own != nullptr ? at->own->Statistics() : StoreStatistics();
}

}  // namespace wasmd
