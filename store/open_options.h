// How a store is opened.

#ifndef WASMD_STORE_OPEN_OPTIONS_H_
#define WASMD_STORE_OPEN_OPTIONS_H_

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace wasmd {

struct OpenOptions {
  bool create_if_missing = true;
  // Does not take the lock and writes nothing; sees what was committed when it
  // was opened, whether or not another wasmd owns the store.
  bool read_only = false;
  // Not owned; null for the default. Tests put faults here.
  rocksdb::Env* env = nullptr;
};

}  // namespace wasmd

#endif  // WASMD_STORE_OPEN_OPTIONS_H_
