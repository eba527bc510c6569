// KeyValueStore: a ProcessStore on the functions of a program
// (wasmd_process.h).
//
//   "m" hash[32]                          binary of a module
//   "p" name 0                            hashes of its modules, 32 bytes each
//   "s" name 0                            state record
//   "d" name 0 memory:be32 page:be64      bytes of a page; empty: zeros
//
// Persisted: none of this may change. Names have no zero bytes.

#ifndef WASMD_CAPI_KEY_VALUE_STORE_H_
#define WASMD_CAPI_KEY_VALUE_STORE_H_

#include <memory>

#include "capi/include/wasmd_process.h"
#include "capi/process_store.h"

namespace wasmd::capi {

std::unique_ptr<ProcessStore> NewKeyValueStore(
    const wasmd_db_functions_t& functions);

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_KEY_VALUE_STORE_H_
