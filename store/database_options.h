// How RocksDB is set up for the store; the reasons are in docs/store-format.md
// and in the .cc.

#ifndef WASMD_STORE_DATABASE_OPTIONS_H_
#define WASMD_STORE_DATABASE_OPTIONS_H_

#include <rocksdb/options.h>

#include <memory>

#include "store/key.h"
#include "store/open_options.h"

namespace wasmd {

rocksdb::DBOptions MakeDatabaseOptions(const OpenOptions& options);

// `cache` is shared by the families of a database.
rocksdb::ColumnFamilyOptions MakeFamilyOptions(
    Family family, const std::shared_ptr<rocksdb::Cache>& cache);

std::shared_ptr<rocksdb::Cache> MakeBlockCache();

}  // namespace wasmd

#endif  // WASMD_STORE_DATABASE_OPTIONS_H_
