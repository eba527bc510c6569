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

#include "store/rocks_env.h"

namespace wasmd {
namespace {

constexpr size_t kKiB = size_t{1} << 10;
constexpr size_t kMiB = size_t{1} << 20;

// Takes part in RocksDB's decision what an I/O error stops.
class IoErrorListener : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                         rocksdb::Status* error) override {
    // Nothing is lost, and the compaction is tried again by itself.
    if (reason == rocksdb::BackgroundErrorReason::kCompaction &&
        error->IsIOError()) {
      *error = rocksdb::Status::OK();
    }
  }

  // See DatabaseHolder for why RocksDB is not to go on by itself.
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

// Zstandard, or the next best that this RocksDB was built with.
rocksdb::CompressionType BestCompression() {
  for (const auto type : {rocksdb::kZSTD, rocksdb::kLZ4Compression}) {
    if (IsSupported(type)) return type;
  }
  return rocksdb::kNoCompression;
}

rocksdb::TableFactory* MakeTableFactory() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(32 * kMiB);
  table.block_size = 16 * kKiB;
  table.format_version = 5;
  // One look-up in 2,000 reads a block in vain. A resume looks up 16 pages in
  // each of several files before the first instruction, which with the usual 10
  // bits (one in 100) reads one in vain every time or so.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(16));
  return rocksdb::NewBlockBasedTableFactory(table);
}

void SetFileFormat(rocksdb::Options* db) {
  // Over what is compressed value by value with LZ4 already: a small process at
  // rest takes less than two passes of LZ4 leave. Level -1 does not compress
  // literals, and so is read as fast as LZ4 is; level 1 takes a third off a
  // small process, and half as long again to read a large memory that LZ4
  // halves. From the first file on: a store of parked processes may not be
  // compacted for long.
  db->compression = BestCompression();
  db->compression_opts.level = -1;
  // Modules, and states of this size. Not pages: iterating over blobs is six
  // times slower.
  db->enable_blob_files = true;
  db->min_blob_size = 256 * kKiB;
  db->blob_compression_type = BestCompression();
  db->enable_blob_garbage_collection = true;
  db->blob_garbage_collection_force_threshold = 0.5;
  db->table_factory.reset(MakeTableFactory());
  // Timers, and later journals, are deleted about as often as they are made.
  db->table_properties_collector_factories.push_back(
      rocksdb::NewCompactOnDeletionCollectorFactory(1024, 512));
}

}  // namespace

rocksdb::Options MakeDatabaseOptions(const OpenOptions& options) {
  rocksdb::Env* const env = RocksEnv(options);
  rocksdb::Options db;
  db.env = env;
  db.create_if_missing = options.create_if_missing;
  db.listeners.push_back(std::make_shared<IoErrorListener>());
  db.max_bgerror_resume_count = 0;
  // See Database::StartCompactions.
  db.disable_auto_compactions = true;
  SetFileFormat(&db);

  db.write_buffer_size = options.write_buffer_bytes;
  db.max_write_buffer_number = 3;
  db.level_compaction_dynamic_level_bytes = true;
  // Bounds the time to open after a crash (0.3 GB/s measured).
  db.max_total_wal_size = 2 * options.write_buffer_bytes;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // The WAL stays where it is until its data would be written out anyway: short
  // lives of a store then cost no files, and a full disk can be opened. Safe
  // only because SyncWalFiles comes first.
  db.avoid_flush_during_recovery = true;
  // Writers that wait together share one sync, whatever their size; the default
  // of 1 MiB let only a handful of checkpoints share.
  db.max_write_batch_group_size_bytes = 32 * kMiB;
  // No memtable_insert_with_hint_prefix_extractor, though it halves the time of
  // a batch of many processes: in 7.8 it confuses keys with ranges that are
  // deleted.
  db.bytes_per_sync = 1 * kMiB;

  // A reader beside the owner must hold every file open, since the owner may
  // delete them; the owner leaves descriptors for guests.
  db.max_open_files = options.read_only ? -1 : 512;
  // So many threads are made to open files, also where there is none; an owner
  // opens no more than 16 at once.
  if (!options.read_only) db.max_file_opening_threads = 1;
  db.max_manifest_file_size = 16 * kMiB;
  db.skip_stats_update_on_db_open = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  // Not for readers: RocksDB then asserts that it could delete files.
  db.avoid_unnecessary_blocking_io = !options.read_only;
  return db;
}

}  // namespace wasmd
