#include "store/database.h"

#include <rocksdb/env.h>
#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/leb128.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/commit_priority.h"
#include "store/database_options.h"
#include "store/info_log.h"
#include "store/manifest_audit.h"
#include "store/rocks_env.h"
#include "store/rocks_status.h"
#include "store/store_cipher.h"
#include "store/store_directory.h"
#include "store/store_file_system.h"
#include "store/wal_audit.h"

namespace wasmd {
namespace {

constexpr size_t kMaxFormatBytes = 10;
// A store is closed with no more than this in the WAL, and in no more files.
constexpr uint64_t kMaxRereadBytes = uint64_t{8} << 20;
constexpr size_t kMaxRereadFiles = 6;
// How often a reader tries again when the owner changed files under it.
constexpr int kReadOnlyAttempts = 100;
constexpr int kReadOnlyRetryMicros = 10'000;

rocksdb::Slice ToSlice(std::string_view text) {
  return {text.data(), text.size()};
}

absl::Status NoStore(const std::string& directory) {
  return absl::NotFoundError(
      StrCat("there is no store in ", directory, ": check the path"));
}

absl::Status CannotOpen(const rocksdb::Status& status,
                        const std::string& directory) {
  return FromRocksStatus(status, StrCat("cannot open store ", directory));
}

absl::Status LostCommits(const std::string& directory,
                         const std::string& where) {
  return absl::DataLossError(
      StrCat("store ", directory, " has lost acknowledged commits, ", where,
             " is damaged: restore it from a backup, or repair it to what was "
             "before"));
}

// What is not in the WAL any more.
struct Tables {
  // Everything up to this sequence number is in tables; perhaps more is.
  uint64_t last_sequence = 0;
  // The first WAL file that is needed.
  uint64_t first_wal = 0;
};

// Leaves the WAL files that RocksDB has not replaced by tables yet.
absl::StatusOr<Tables> DropObsolete(const std::string& directory,
                                    const OpenOptions& options,
                                    std::vector<WalFile>* files) {
  rocksdb::Options rocks_options = MakeDatabaseOptions(options);
  rocks_options.info_log = MakeSilentLog();
  rocksdb::DB* rocks = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(rocks_options, directory, &rocks);
  if (!opened.ok()) return OpenError(opened, directory);
  const std::unique_ptr<rocksdb::DB> owner(rocks);
  Tables in;
  if (!rocks->GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep,
                             &in.first_wal)) {
    return absl::InternalError("RocksDB does not tell which WAL it needs");
  }
  std::erase_if(*files, [&in](const WalFile& file) {
    if (file.number >= in.first_wal) return false;
    in.last_sequence = std::max(in.last_sequence, file.last_sequence);
    return true;
  });
  std::vector<rocksdb::LiveFileMetaData> tables;
  rocks->GetLiveFilesMetaData(&tables);
  for (const rocksdb::LiveFileMetaData& table : tables) {
    in.last_sequence = std::max(in.last_sequence, table.largest_seqno);
  }
  return in;
}

// How far the WAL can be read, of the files that are needed. DataLoss if not
// all that it and the note promise is there.
absl::StatusOr<WalVerdict> AuditWal(const std::string& directory,
                                    const OpenOptions& options,
                                    std::vector<WalFile>* files) {
  // Before the WAL, which the owner may be writing.
  const SyncNote::Promise note = SyncNote::Read(RocksEnv(options), directory);
  ASSIGN_OR_RETURN(*files, ReadWal(RocksEnv(options), directory));
  WalVerdict verdict = JudgeWal(*files);
  verdict.promised = std::max(verdict.promised, note.sequence);
  if (verdict.damage.empty() && verdict.promised <= verdict.readable) {
    return verdict;
  }
  ASSIGN_OR_RETURN(const Tables tables,
                   DropObsolete(directory, options, files));
  verdict = JudgeWal(*files);
  // Not even the first record of the WAL may be readable.
  verdict.readable = std::max(verdict.readable, tables.last_sequence);
  // What was in WAL files that are not needed is in tables, though compaction
  // may have taken the sequence numbers away.
  if (note.wal >= tables.first_wal) {
    verdict.promised = std::max(verdict.promised, note.sequence);
  }
  if (verdict.promised > verdict.readable && !options.accept_loss) {
    return LostCommits(directory, verdict.damage.empty() ? "the end of its WAL"
                                                         : verdict.damage);
  }
  return verdict;
}

// The cipher of a store that an owner opens or makes.
absl::StatusOr<std::unique_ptr<ValueCipher>> OwnersCipher(
    const std::string& directory, const OpenOptions& options, bool exists) {
  rocksdb::Env* env = RocksEnv(options);
  if (exists) return OpenStoreCipher(env, directory, options.key);
  ASSIGN_OR_RETURN(const StoreLock lock, StoreLock::Acquire(env, directory));
  // Another may have made it meanwhile.
  ASSIGN_OR_RETURN(const bool exists_now, HasDatabase(env, directory));
  return exists_now ? OpenStoreCipher(env, directory, options.key)
                    : MakeStoreCipher(env, directory, options.key);
}

struct RepairedWal {
  // The sequence number up to which everything must be there.
  uint64_t promised = 0;
  bool has_loss = false;  // which was accepted
  size_t files = 0;
};

// Syncs the WAL and cuts it where it cannot be read on.
absl::StatusOr<RepairedWal> RepairWal(const std::string& directory,
                                      const OpenOptions& options) {
  rocksdb::Env* env = RocksEnv(options);
  ASSIGN_OR_RETURN(const StoreLock lock, StoreLock::Acquire(env, directory));
  RETURN_IF_ERROR(SyncWalFiles(env, directory));
  std::vector<WalFile> files;
  ASSIGN_OR_RETURN(const WalVerdict verdict,
                   AuditWal(directory, options, &files));
  if (!verdict.damage.empty()) {
    RETURN_IF_ERROR(CutWal(env, files, verdict));
  }
  return RepairedWal{.promised = std::min(verdict.promised, verdict.readable),
                     .has_loss = verdict.promised > verdict.readable,
                     .files = files.size()};
}

}  // namespace

Database::Database(Parts parts)
    : env_(std::move(parts.env)),
      newest_wal_(std::move(parts.newest_wal)),
      note_(std::move(parts.note)),
      cipher_(std::move(parts.cipher)),
      rocks_(std::move(parts.rocks)),
      read_only_(parts.read_only),
      wal_files_(parts.wal_files),
      bytes_before_compactions_(parts.bytes_before_compactions),
      durable_sequence_(rocks_->GetLatestSequenceNumber()),
      marked_sequence_(durable_sequence_.load()) {}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::string& directory, const OpenOptions& options) {
  return options.read_only ? OpenReadOnly(directory, options)
                           : OpenOwned(directory, options);
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenOwned(
    const std::string& directory, const OpenOptions& options) {
  rocksdb::Env* env = RocksEnv(options);
  RETURN_IF_ERROR(RepairManifest(env, directory, options.accept_loss));
  ASSIGN_OR_RETURN(const bool exists, HasDatabase(env, directory));
  if (!exists) {
    if (!options.create_if_missing) return NoStore(directory);
    RETURN_IF_ERROR(CreateDirectory(env, directory));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<ValueCipher> cipher,
                   OwnersCipher(directory, options, exists));
  ASSIGN_OR_RETURN(const RepairedWal wal, RepairWal(directory, options));
  auto newest_wal = std::make_shared<std::atomic<uint64_t>>(0);
  std::unique_ptr<rocksdb::Env> store_env = MakeStoreEnv(env, newest_wal);
  rocksdb::Options rocks_options = MakeDatabaseOptions(options);
  rocks_options.env = store_env.get();
  rocks_options.info_log = MakeInfoLog(directory);
  rocksdb::DB* rocks = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::Open(rocks_options, directory, &rocks);
  if (!opened.ok()) return OpenError(opened, directory);
  uint64_t is_pending = 1;
  (void)rocks->GetIntProperty(rocksdb::DB::Properties::kCompactionPending,
                              &is_pending);
  auto database = std::unique_ptr<Database>(new Database(
      {.env = std::move(store_env),
       .newest_wal = std::move(newest_wal),
       .note = SyncNote::Open(env, directory),
       .cipher = std::move(cipher),
       .rocks = std::unique_ptr<rocksdb::DB>(rocks),
       .wal_files = wal.files + 1,
       .bytes_before_compactions =
           is_pending != 0 ? 0 : options.write_buffer_bytes / 16}));
  if (rocks->GetLatestSequenceNumber() < wal.promised) {
    return LostCommits(directory, "its WAL");
  }
  // Numbers that were promised are given anew.
  if (wal.has_loss && database->note_ != nullptr) database->note_->Clear();
  RETURN_IF_ERROR(database->CheckFormat(directory, /*read_only=*/false));
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenReadOnly(
    const std::string& directory, const OpenOptions& options) {
  rocksdb::Env* env = RocksEnv(options);
  // RocksDB reads its list of files first and the WAL later. If the owner moved
  // data from the one to the other in between, what was opened has a hole, or
  // cannot be opened; so nothing may have changed meanwhile.
  for (int attempt = 0; attempt < kReadOnlyAttempts; ++attempt) {
    const absl::StatusOr<std::string> before = FilesOf(env, directory);
    absl::StatusOr<std::unique_ptr<Database>> opened =
        TryOpenReadOnly(directory, options);
    const absl::StatusOr<std::string> after = FilesOf(env, directory);
    if (!before.ok() || !after.ok() || *before == *after) return opened;
    opened = absl::CancelledError();  // closes it
    env->SleepForMicroseconds(kReadOnlyRetryMicros);
  }
  return absl::UnavailableError(
      StrCat("store ", directory,
             " is changing too fast to be read beside its owner: try again"));
}

absl::StatusOr<std::unique_ptr<Database>> Database::TryOpenReadOnly(
    const std::string& directory, const OpenOptions& given) {
  OpenOptions options = given;
  ASSIGN_OR_RETURN(const ManifestVerdict manifest,
                   AuditManifest(RocksEnv(options), directory));
  if (manifest.has_loss() && !options.accept_loss) {
    return LostFiles(directory, manifest);
  }
  std::unique_ptr<rocksdb::Env> without_torn_end;
  if (manifest.has_torn_end()) {
    without_torn_end = WithoutTornEnd(RocksEnv(options), manifest);
    options.env = without_torn_end.get();
  }
  ASSIGN_OR_RETURN(const bool exists,
                   HasDatabase(RocksEnv(options), directory));
  if (!exists) return NoStore(directory);
  ASSIGN_OR_RETURN(std::unique_ptr<ValueCipher> cipher,
                   OpenStoreCipher(RocksEnv(options), directory, options.key));
  if (options.check_wal) {
    std::vector<WalFile> files;
    RETURN_IF_ERROR(AuditWal(directory, options, &files).status());
  }
  rocksdb::Options rocks_options = MakeDatabaseOptions(options);
  rocks_options.create_if_missing = false;
  rocks_options.info_log = MakeSilentLog();
  rocksdb::DB* rocks = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(rocks_options, directory, &rocks);
  if (!opened.ok()) return CannotOpen(opened, directory);
  auto database = std::unique_ptr<Database>(
      new Database({.env = std::move(without_torn_end),
                    .cipher = std::move(cipher),
                    .rocks = std::unique_ptr<rocksdb::DB>(rocks),
                    .read_only = true}));
  RETURN_IF_ERROR(database->CheckFormat(directory, /*read_only=*/true));
  return database;
}

Database::~Database() {
  // The last mark, so that damage to the last batch is seen too.
  if (!read_only_ && rocks_->GetLatestSequenceNumber() > marked_sequence_ &&
      Sync().ok()) {
    rocksdb::WriteBatch mark;
    BeginBatch(&mark);
    (void)Write(&mark, /*sync=*/false);
  }
  if (!read_only_) MoveOutOfWal();
  (void)rocks_->Close();
}

rocksdb::Status Database::StartCompactions() const {
  if (compactions_started_.exchange(true)) return rocksdb::Status::OK();
  return rocks_->EnableAutoCompaction({rocks_->DefaultColumnFamily()});
}

void Database::NoteWritten(size_t bytes) const {
  if (compactions_started_.load(std::memory_order_relaxed)) return;
  if (written_bytes_ += bytes; written_bytes_ < bytes_before_compactions_) {
    return;
  }
  // It fails as the next write does, which tells.
  (void)StartCompactions();
}

void Database::MoveOutOfWal() {
  uint64_t bytes = 0;
  if (!rocks_->GetIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables,
                              &bytes) ||
      (bytes < kMaxRereadBytes && wal_files_ < kMaxRereadFiles)) {
    return;
  }
  // If it fails, the WAL still has everything.
  const rocksdb::Status flushed = rocks_->Flush(rocksdb::FlushOptions());
  // Else the next to open would ask where what it promises is.
  if (flushed.ok() && note_ != nullptr) note_->Clear();
}

rocksdb::Status Database::Sync() const {
  // Not SyncWAL, which does not wait its turn among the writers: it can meet
  // the file just after a write of it failed, and RocksDB aborts on that.
  rocksdb::WriteBatch mark;
  BeginBatch(&mark);
  return Write(&mark, /*sync=*/true);
}

void Database::BeginBatch(rocksdb::WriteBatch* batch) const {
  const uint64_t sequence = durable_sequence_;
  AddDurableMark(sequence, batch);
  marked_sequence_ = sequence;
}

rocksdb::Status Database::Write(rocksdb::WriteBatch* batch, bool sync) const {
  rocksdb::WriteOptions options;
  options.sync = sync;
  // It or a later one gets this batch.
  const uint64_t wal = newest_wal_ == nullptr ? 0 : newest_wal_->load();
  // This batch gets at least the next numbers, and a sync covers all before.
  const uint64_t sequence = rocks_->GetLatestSequenceNumber() + batch->Count();
  rocksdb::Status written;
  if (sync) {
    const CommitPriority priority(&is_priority_denied_);
    written = rocks_->Write(options, batch);
  } else {
    written = rocks_->Write(options, batch);
  }
  if (written.ok()) NoteWritten(batch->GetDataSize());
  if (!sync || !written.ok()) return written;
  if (note_ != nullptr) note_->Write({.wal = wal, .sequence = sequence});
  uint64_t durable = durable_sequence_;
  while (durable < sequence &&
         !durable_sequence_.compare_exchange_weak(durable, sequence)) {
  }
  return written;
}

absl::Status Database::CheckFormat(const std::string& directory,
                                   bool read_only) {
  const std::string key = MakeMetaKey(kFormatFact);
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   Read(key, kMaxFormatBytes));
  if (!stored.has_value()) {
    const std::unique_ptr<rocksdb::Iterator> all(rocks_->NewIterator({}));
    all->SeekToFirst();
    if (!all->status().ok()) return CannotOpen(all->status(), directory);
    if (all->Valid()) return NotAStore(directory);
    if (read_only) return NoStore(directory);
    return WriteFormat(directory);
  }
  const auto version = ReadUnsignedLeb128<uint64_t>(AsBytes(*stored));
  if (version.error != Leb128Error::kNone || version.value == 0) {
    return DamagedValue(key, "it is not a version");
  }
  if (version.value > kFormatVersion) {
    return absl::UnimplementedError(
        StrCat("store ", directory, " has format ", version.value,
               ", this wasmd knows formats up to ", kFormatVersion,
               ": use the newer wasmd that wrote it"));
  }
  RETURN_IF_ERROR(
      CheckIsEncrypted(directory, version.value > kPlainFormatVersion));
  if (version.value < kPlainFormatVersion && !read_only) {
    return WriteFormat(directory);
  }
  return absl::OkStatus();
}

absl::Status Database::CheckIsEncrypted(const std::string& directory,
                                        bool is_encrypted) const {
  if (is_encrypted == (cipher_ != nullptr)) return absl::OkStatus();
  return absl::DataLossError(StrCat(
      "store ", directory,
      is_encrypted ? " is encrypted but has no file ENCRYPTION"
                   : " is not encrypted but has the file ENCRYPTION of another",
      ": restore it from a backup"));
}

absl::Status Database::WriteFormat(const std::string& directory) {
  const std::string key = MakeMetaKey(kFormatFact);
  std::string version;
  AppendUnsignedLeb128(&version,
                       cipher_ ? kFormatVersion : kPlainFormatVersion);
  rocksdb::WriteOptions write;
  write.sync = true;
  return CannotOpen(rocks_->Put(write, key, SealSmall(key, AsBytes(version))),
                    directory);
}

absl::StatusOr<std::optional<std::string>> Database::Read(
    std::string_view key, size_t max_bytes,
    const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  rocksdb::PinnableSlice value;
  const rocksdb::Status read =
      rocks_->Get(options, rocks_->DefaultColumnFamily(), ToSlice(key), &value);
  if (read.IsNotFound()) return std::optional<std::string>();
  if (!read.ok()) {
    return FromRocksStatus(read, StrCat("cannot read ", DescribeKey(key)));
  }
  return UnsealText(key, value, max_bytes);
}

absl::StatusOr<std::vector<std::optional<std::string>>> Database::ReadMany(
    std::span<const Key> keys, size_t max_bytes,
    const rocksdb::Snapshot* snapshot) const {
  std::vector<std::optional<std::string>> found(keys.size());
  if (keys.empty()) return found;
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.fill_cache = false;
  std::vector<rocksdb::Slice> slices;
  slices.reserve(keys.size());
  for (const Key& key : keys) slices.push_back(ToSlice(key.view()));
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> read(keys.size());
  rocks_->MultiGet(options, rocks_->DefaultColumnFamily(), keys.size(),
                   slices.data(), values.data(), read.data(),
                   /*sorted_input=*/true);
  for (size_t i = 0; i < keys.size(); ++i) {
    if (read[i].IsNotFound()) continue;
    if (!read[i].ok()) {
      return FromRocksStatus(
          read[i], StrCat("cannot read ", DescribeKey(keys[i].view())));
    }
    ASSIGN_OR_RETURN(found[i],
                     UnsealText(keys[i].view(), values[i], max_bytes));
  }
  return found;
}

absl::StatusOr<std::string> Database::UnsealText(std::string_view key,
                                                 const rocksdb::Slice& value,
                                                 size_t max_bytes) const {
  std::string buffer;
  ASSIGN_OR_RETURN(
      const ByteSpan bytes,
      Unseal(key, {value.data(), value.size()}, max_bytes, &buffer, cipher()));
  if (AsText(bytes).data() == buffer.data()) return buffer;
  return std::string(AsText(bytes));
}

Cursor::Cursor(const Database& database, std::string_view lower,
               std::string_view upper, const rocksdb::Snapshot* snapshot)
    : lower_(lower),
      upper_(upper),
      lower_slice_(lower_),
      upper_slice_(upper_),
      cipher_(database.cipher()) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.fill_cache = false;
  options.adaptive_readahead = true;
  options.iterate_lower_bound = &lower_slice_;
  options.iterate_upper_bound = &upper_slice_;
  iterator_.reset(database.rocks().NewIterator(options));
}

absl::StatusOr<ByteSpan> Cursor::Payload(size_t max_bytes) {
  const rocksdb::Slice value = iterator_->value();
  return Unseal(key(), {value.data(), value.size()}, max_bytes, &buffer_,
                cipher_);
}

absl::Status Cursor::status(std::string_view reading) const {
  const rocksdb::Status status = iterator_->status();
  if (status.ok()) return absl::OkStatus();
  return FromRocksStatus(status, StrCat("cannot read ", reading));
}

}  // namespace wasmd
