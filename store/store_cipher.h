// The file ENCRYPTION in the directory of an encrypted store: the key that
// values are encrypted with, encrypted with the key that people keep. A store
// without it is plain. docs/store-format.md, "Encryption".

#ifndef WASMD_STORE_STORE_CIPHER_H_
#define WASMD_STORE_STORE_CIPHER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/encryption_key.h"
#include "store/value_cipher.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace wasmd {

// The cipher of a store that is there; null for a plain one.
// FailedPrecondition if the key is wrong, missing, or given for a plain store;
// DataLoss if the file is damaged.
absl::StatusOr<std::unique_ptr<ValueCipher>> OpenStoreCipher(
    rocksdb::Env* env, const std::string& directory,
    const std::optional<EncryptionKey>& key);

// The same for a store that is about to be made: with a key it gets the file,
// on disk when this returns. `directory` exists and is locked.
absl::StatusOr<std::unique_ptr<ValueCipher>> MakeStoreCipher(
    rocksdb::Env* env, const std::string& directory,
    const std::optional<EncryptionKey>& key);

}  // namespace wasmd

#endif  // WASMD_STORE_STORE_CIPHER_H_
