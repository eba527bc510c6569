// The way to RocksDB: nothing of it may be used before this was called.

#ifndef WASMD_STORE_ROCKS_ENV_H_
#define WASMD_STORE_ROCKS_ENV_H_

#include <rocksdb/env.h>

#include "store/open_options.h"

namespace wasmd {

// The environment of `options`, or else RocksDB's default; lives as long as the
// program, if it is the default. Thread-safe.
//
// The wasmd program holds RocksDB's static constructors back at its start
// (third_party/static_libraries.bzl), since most of what it is started for
// needs no store. The first call runs them.
rocksdb::Env* RocksEnv(const OpenOptions& options);

}  // namespace wasmd

#endif  // WASMD_STORE_ROCKS_ENV_H_
