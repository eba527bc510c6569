// ValueCipher: the encryption of the values of a store, AES-256-GCM. What is
// where on disk: docs/store-format.md, "Encryption"; why it is so:
// docs/decisions/0010-encryption.md.
//
// A cipher has an epoch: 16 random bytes, from which it derives the key that it
// encrypts with. Values are numbered within it. So no nonce is used twice with
// the same key, whatever happened to the store in between: each time it is
// opened, here or as a copy, another epoch begins.

#ifndef WASMD_STORE_VALUE_CIPHER_H_
#define WASMD_STORE_VALUE_CIPHER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "store/encryption_key.h"

struct evp_cipher_ctx_st;

namespace wasmd {

// Thread-safe.
class ValueCipher {
 public:
  // Epoch, number, tag.
  static constexpr size_t kOverheadBytes = 16 + 8 + 16;

  // Unavailable if the operating system has no randomness to give,
  // FailedPrecondition if it has no OpenSSL.
  static absl::StatusOr<std::unique_ptr<ValueCipher>> Create(
      const EncryptionKey& key);
  ~ValueCipher();
  ValueCipher(const ValueCipher&) = delete;
  ValueCipher& operator=(const ValueCipher&) = delete;

  // `sealed` becomes epoch, number, encrypted text and tag. Neither `context`
  // nor `key` are in it, but nothing opens without the same.
  void Encrypt(char context, std::string_view key, std::string_view text,
               std::string* sealed) const;
  // False if this was not sealed with this context under this key: `text` is
  // then empty.
  bool Decrypt(char context, std::string_view key, std::string_view sealed,
               std::string* text) const;

 private:
  using Epoch = std::array<uint8_t, 16>;
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  // With the key of one epoch; for encrypting or for decrypting.
  using Context = std::unique_ptr<evp_cipher_ctx_st, FreeContext>;
  struct Use {
    Epoch epoch;
    bool is_encryption;
    auto operator<=>(const Use&) const = default;
  };

  ValueCipher(const EncryptionKey& key, const Epoch& epoch)
      : key_(key), epoch_(epoch) {}
  Context Take(const Use& use) const;
  void GiveBack(const Use& use, Context context) const;
  Context Make(const Use& use) const;

  const EncryptionKey key_;
  const Epoch epoch_;
  mutable std::atomic<uint64_t> next_number_ = 0;

  mutable absl::Mutex mutex_;
  // Not in use just now.
  mutable std::map<Use, std::vector<Context>> contexts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wasmd

#endif  // WASMD_STORE_VALUE_CIPHER_H_
