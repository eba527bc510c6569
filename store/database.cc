#include "store/database.h"

#include <rocksdb/env.h>
#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>
#include <rocksdb/write_batch.h>

#include <utility>

#include "base/leb128.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/database_options.h"
#include "store/rocks_status.h"
#include "store/store_directory.h"

namespace wasmd {
namespace {

constexpr size_t kMaxFormatBytes = 10;
// How often a reader tries again when the owner changed files under it.
constexpr int kReadOnlyAttempts = 100;
constexpr int kReadOnlyRetryMicros = 10'000;

rocksdb::Slice ToSlice(std::string_view text) {
  return {text.data(), text.size()};
}

std::vector<rocksdb::ColumnFamilyDescriptor> DescribeFamilies() {
  const std::shared_ptr<rocksdb::Cache> cache = MakeBlockCache();
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const Family family : kFamilies) {
    descriptors.emplace_back(std::string(FamilyName(family)),
                             MakeFamilyOptions(family, cache));
  }
  return descriptors;
}

rocksdb::Env* EnvOf(const OpenOptions& options) {
  return options.env != nullptr ? options.env : rocksdb::Env::Default();
}

absl::Status NoStore(const std::string& directory) {
  return absl::NotFoundError(
      StrCat("there is no store in ", directory, ": check the path"));
}

// Before RocksDB replays its WAL: that a directory is ours as far as its table
// names tell. A database with only "default" may be anybody's.
absl::Status CheckOnlyDefaultFamily(const std::string& directory,
                                    const OpenOptions& options) {
  rocksdb::DB* rocks = nullptr;
  rocksdb::Options rocks_options(MakeDatabaseOptions(options),
                                 rocksdb::ColumnFamilyOptions());
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(rocks_options, directory, &rocks);
  if (!opened.ok()) {
    return FromRocksStatus(opened, StrCat("cannot open store ", directory));
  }
  const std::unique_ptr<rocksdb::DB> owner(rocks);
  std::string value;
  if (rocks->Get({}, ToSlice(kFormatKey), &value).ok()) {
    return absl::OkStatus();
  }
  const std::unique_ptr<rocksdb::Iterator> iterator(rocks->NewIterator({}));
  iterator->SeekToFirst();
  if (!iterator->Valid() && iterator->status().ok()) return absl::OkStatus();
  return NotAStore(directory);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::string& directory, const OpenOptions& options) {
  return options.read_only ? OpenReadOnly(directory, options)
                           : OpenOwned(directory, options);
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenOwned(
    const std::string& directory, const OpenOptions& options) {
  rocksdb::Env* env = EnvOf(options);
  ASSIGN_OR_RETURN(const StoreDirectory found,
                   ExamineDirectory(env, directory));
  if (!found.exists) {
    if (!options.create_if_missing) return NoStore(directory);
    RETURN_IF_ERROR(CreateDirectory(env, directory));
  } else if (found.families.size() == 1) {
    // Only "default": a store that was being created, or anybody's database.
    RETURN_IF_ERROR(CheckOnlyDefaultFamily(directory, options));
  }

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* rocks = nullptr;
  rocksdb::DBOptions db_options = MakeDatabaseOptions(options);
  // A crash may have left the creation of a store half done.
  db_options.create_missing_column_families = true;
  const rocksdb::Status opened = rocksdb::DB::Open(
      db_options, directory, DescribeFamilies(), &handles, &rocks);
  if (!opened.ok()) return OpenError(opened, directory);

  auto database = std::unique_ptr<Database>(new Database());
  database->rocks_.reset(rocks);
  database->TakeHandles(handles);
  RETURN_IF_ERROR(database->CheckFormat(directory, /*read_only=*/false));
  if (const rocksdb::Status enabled = rocks->EnableAutoCompaction(handles);
      !enabled.ok()) {
    return FromRocksStatus(enabled, StrCat("cannot open store ", directory));
  }
  return database;
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenReadOnly(
    const std::string& directory, const OpenOptions& options) {
  rocksdb::Env* env = EnvOf(options);
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
    const std::string& directory, const OpenOptions& options) {
  ASSIGN_OR_RETURN(const StoreDirectory found,
                   ExamineDirectory(EnvOf(options), directory));
  if (found.families.size() < kFamilies.size()) return NoStore(directory);
  rocksdb::DBOptions db_options = MakeDatabaseOptions(options);
  db_options.create_if_missing = false;
  db_options.create_missing_column_families = false;
  db_options.info_log = MakeSilentLogger();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* rocks = nullptr;
  const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(
      db_options, directory, DescribeFamilies(), &handles, &rocks);
  if (!opened.ok()) return OpenError(opened, directory);
  auto database = std::unique_ptr<Database>(new Database());
  database->rocks_.reset(rocks);
  database->TakeHandles(handles);
  RETURN_IF_ERROR(database->CheckFormat(directory, /*read_only=*/true));
  return database;
}

Database::~Database() {
  if (rocks_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* const handle : handles_) {
    if (handle != nullptr) (void)rocks_->DestroyColumnFamilyHandle(handle);
  }
  (void)rocks_->Close();
}

void Database::TakeHandles(
    const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  for (size_t i = 0; i < kFamilies.size(); ++i) {
    handles_[static_cast<size_t>(kFamilies[i])] = handles[i];
  }
}

absl::StatusOr<bool> Database::HasNoKeys() const {
  for (const Family family : kFamilies) {
    Cursor cursor(*this, family, {}, {});
    cursor.SeekToFirst();
    if (cursor.Valid()) return false;
    RETURN_IF_ERROR(cursor.status("the store"));
  }
  return true;
}

absl::Status Database::WriteFormat() {
  std::string version;
  AppendUnsignedLeb128(&version, kFormatVersion);
  ValueSealer sealer;
  std::string value;
  for (const std::string_view part : sealer.Seal(
           Family::kMeta, kFormatKey, AsBytes(version), Compression::kNone)) {
    value.append(part);
  }
  rocksdb::WriteOptions write;
  write.sync = true;
  return FromRocksStatus(
      rocks_->Put(write, handle(Family::kMeta), ToSlice(kFormatKey), value),
      "cannot create the store");
}

absl::Status Database::CheckFormat(const std::string& directory,
                                   bool read_only) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   Read(Family::kMeta, kFormatKey, kMaxFormatBytes));
  if (!stored.has_value()) {
    ASSIGN_OR_RETURN(const bool is_new, HasNoKeys());
    if (!is_new) {
      return absl::DataLossError(
          StrCat("store ", directory,
                 " has lost its format version: restore it from a backup"));
    }
    return read_only ? NoStore(directory) : WriteFormat();
  }
  const auto version = ReadUnsignedLeb128<uint64_t>(AsBytes(*stored));
  if (version.error != Leb128Error::kNone || version.value == 0) {
    return DamagedValue(Family::kMeta, kFormatKey, "it is not a version");
  }
  if (version.value > kFormatVersion) {
    return absl::UnimplementedError(
        StrCat("store ", directory, " has format ", version.value,
               ", this wasmd knows formats up to ", kFormatVersion,
               ": use the newer wasmd that wrote it"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> Database::Read(
    Family family, std::string_view key, size_t max_bytes) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status read =
      rocks_->Get({}, handle(family), ToSlice(key), &value);
  if (read.IsNotFound()) return std::optional<std::string>();
  if (!read.ok()) {
    return FromRocksStatus(read,
                           StrCat("cannot read ", DescribeKey(family, key)));
  }
  std::string buffer;
  ASSIGN_OR_RETURN(
      const ByteSpan bytes,
      Unseal(family, key, {value.data(), value.size()}, max_bytes, &buffer));
  if (AsText(bytes).data() == buffer.data()) {
    return std::optional<std::string>(std::move(buffer));
  }
  return std::optional<std::string>(AsText(bytes));
}

bool Database::MemtablesAreEmpty() const {
  for (const Family family : kFamilies) {
    for (const std::string& property :
         {rocksdb::DB::Properties::kNumEntriesActiveMemTable,
          rocksdb::DB::Properties::kNumEntriesImmMemTables}) {
      uint64_t entries = 0;
      if (!rocks_->GetIntProperty(handle(family), property, &entries) ||
          entries != 0) {
        return false;
      }
    }
  }
  return true;
}

Cursor::Cursor(const Database& database, Family family, std::string_view lower,
               std::string_view upper, const rocksdb::Snapshot* snapshot)
    : family_(family), lower_(ToSlice(lower)), upper_(ToSlice(upper)) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.fill_cache = false;
  options.adaptive_readahead = true;
  if (!lower.empty()) options.iterate_lower_bound = &lower_;
  if (!upper.empty()) options.iterate_upper_bound = &upper_;
  iterator_.reset(
      database.rocks().NewIterator(options, database.handle(family)));
}

absl::StatusOr<ByteSpan> Cursor::Payload(size_t max_bytes) {
  const rocksdb::Slice value = iterator_->value();
  return Unseal(family_, key(), {value.data(), value.size()}, max_bytes,
                &buffer_);
}

absl::Status Cursor::status(std::string_view reading) const {
  const rocksdb::Status status = iterator_->status();
  if (status.ok()) return absl::OkStatus();
  return FromRocksStatus(status, StrCat("cannot read ", reading));
}

}  // namespace wasmd
