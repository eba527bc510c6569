#include "store/database_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace wasmd {
namespace {

constexpr size_t kKiB = size_t{1} << 10;
constexpr size_t kMiB = size_t{1} << 20;

// Takes part in RocksDB's decision what an I/O error stops. By default every
// one that is not "disk full" stops it for good. All that was acknowledged is
// in the WAL or in the memtables, and DatabaseHolder::Recover writes the
// memtables out and begins a new WAL, so writing can go on once the disk
// works again.
class IoErrorListener : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                         rocksdb::Status* error) override {
    if (!error->IsIOError()) return;
    if (reason == rocksdb::BackgroundErrorReason::kCompaction) {
      // Nothing is lost, the compaction is tried again by itself.
      *error = rocksdb::Status::OK();
    } else if (error->severity() > rocksdb::Status::kHardError) {
      *error = rocksdb::Status(*error, rocksdb::Status::kHardError);
    }
  }

  // RocksDB would poll for free space every few seconds and refuse our own
  // attempts meanwhile.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

bool IsSupported(rocksdb::CompressionType type) {
  const std::vector<rocksdb::CompressionType> supported =
      rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), type) != supported.end();
}

rocksdb::CompressionType IfSupported(rocksdb::CompressionType type) {
  return IsSupported(type) ? type : rocksdb::kNoCompression;
}

// Memory for new data of a family before it is written to a file.
size_t WriteBufferBytes(Family family) {
  switch (family) {
    case Family::kPage:
      return 64 * kMiB;
    case Family::kState:
    case Family::kLog:
    case Family::kModule:
      return 32 * kMiB;
    default:
      return 8 * kMiB;
  }
}

}  // namespace

std::shared_ptr<rocksdb::Cache> MakeBlockCache() {
  return rocksdb::NewLRUCache(32 * kMiB);
}

rocksdb::DBOptions MakeDatabaseOptions(const OpenOptions& options) {
  rocksdb::DBOptions db;
  db.env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  db.create_if_missing = options.create_if_missing;
  db.create_missing_column_families = options.create_if_missing;
  db.listeners.push_back(std::make_shared<IoErrorListener>());
  db.max_bgerror_resume_count = 0;

  // The families of one commit must stay together even when writing the WAL
  // failed in the middle and recovery from that is cut off too.
  db.atomic_flush = true;
  // Bounds the time to open after a crash (0.3 GB/s measured).
  db.max_total_wal_size = 128 * kMiB;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Writers that wait together share one sync, whatever their size; the default
  // of 1 MiB let only a handful of checkpoints share.
  db.max_write_batch_group_size_bytes = 32 * kMiB;
  db.bytes_per_sync = 1 * kMiB;

  // A reader beside the owner must hold every file open, since the owner may
  // delete them; the owner leaves descriptors for guests.
  db.max_open_files = options.read_only ? -1 : 512;
  db.max_manifest_file_size = 16 * kMiB;
  db.skip_stats_update_on_db_open = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = 1 * kMiB;
  db.keep_log_file_num = 4;
  db.avoid_unnecessary_blocking_io = true;
  return db;
}

rocksdb::ColumnFamilyOptions MakeFamilyOptions(
    Family family, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions cf;
  // Started once the format version was checked.
  cf.disable_auto_compactions = true;
  cf.write_buffer_size = WriteBufferBytes(family);
  cf.max_write_buffer_number = 3;
  cf.level_compaction_dynamic_level_bytes = true;
  cf.compression = IfSupported(rocksdb::kLZ4Compression);
  cf.bottommost_compression = IfSupported(rocksdb::kZSTD);

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 * kKiB;
  table.format_version = 5;

  switch (family) {
    case Family::kPage:
      // Compressed page by page already. Read by iterating, so a filter would
      // not be asked.
      cf.compression = rocksdb::kNoCompression;
      cf.bottommost_compression = rocksdb::kDisableCompressionOption;
      break;
    case Family::kModule:
      cf.enable_blob_files = true;
      cf.min_blob_size = 4 * kKiB;
      cf.blob_compression_type = IfSupported(rocksdb::kZSTD);
      cf.enable_blob_garbage_collection = true;
      table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
      break;
    case Family::kTimer:
      // Timers are deleted about as often as they are made.
      cf.table_properties_collector_factories.push_back(
          rocksdb::NewCompactOnDeletionCollectorFactory(1024, 512));
      break;
    case Family::kProcess:
    case Family::kName:
    case Family::kState:
      table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
      break;
    case Family::kMeta:
    case Family::kModuleUse:
    case Family::kLog:
    case Family::kLogIndex:
      break;
  }
  cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return cf;
}

}  // namespace wasmd
