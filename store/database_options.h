// How RocksDB is set up for the store; the reasons are in docs/store-format.md
// and in the .cc.

#ifndef WASMD_STORE_DATABASE_OPTIONS_H_
#define WASMD_STORE_DATABASE_OPTIONS_H_

#include <rocksdb/options.h>

#include "store/open_options.h"

namespace wasmd {

rocksdb::Options MakeDatabaseOptions(const OpenOptions& options);

}  // namespace wasmd

#endif  // WASMD_STORE_DATABASE_OPTIONS_H_
