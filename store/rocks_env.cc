#include "store/rocks_env.h"

// The linker's names of the ends of a section, which has the constructors that
// third_party:late_rocksdb holds back. Other programs have none: then both are
// null.
using Constructor = void (*)();
extern "C" {
[[gnu::weak,
  gnu::visibility(
      "hidden")]] extern const Constructor __start_rocksdb_constructors[];
[[gnu::weak,
  gnu::visibility(
      "hidden")]] extern const Constructor __stop_rocksdb_constructors[];
}

namespace wasmd {
namespace {

bool Construct() {
  for (const Constructor* next = __start_rocksdb_constructors;
       next != __stop_rocksdb_constructors; ++next) {
    (*next)();
  }
  return true;
}

}  // namespace

rocksdb::Env* RocksEnv(const OpenOptions& options) {
  [[maybe_unused]] static const bool is_constructed = Construct();
  return options.env != nullptr ? options.env : rocksdb::Env::Default();
}

}  // namespace wasmd
