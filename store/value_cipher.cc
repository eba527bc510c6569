#include "store/value_cipher.h"

#include <openssl/crypto.h>

#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "store/openssl.h"

namespace wasmd {
namespace {

constexpr size_t kNumberBytes = 8;
constexpr size_t kTagBytes = 16;
constexpr size_t kNonceBytes = 12;
// Of how many epochs the keys are kept at hand. A store has one for each time
// that it was opened.
constexpr size_t kMaxContexts = 256;
constexpr std::string_view kDerivation = "wasmd store values 1";

const uint8_t* Data(std::string_view text) { return AsBytes(text).data(); }

// The nonce of a value: its number, and zeros.
std::array<uint8_t, kNonceBytes> NonceOf(const char* number) {
  std::array<uint8_t, kNonceBytes> nonce = {};
  std::memcpy(nonce.data(), number, kNumberBytes);
  return nonce;
}

// There is no cipher without it.
const OpenSsl& Functions() { return **OpenSsl::Get(); }

}  // namespace

void ValueCipher::FreeContext::operator()(evp_cipher_ctx_st* context) const {
  Functions().CIPHER_CTX_free(context);
}

absl::StatusOr<std::unique_ptr<ValueCipher>> ValueCipher::Create(
    const EncryptionKey& key) {
  RETURN_IF_ERROR(OpenSsl::Get().status());
  // As good as a key, and longer than needed.
  ASSIGN_OR_RETURN(const EncryptionKey random, EncryptionKey::MakeRandom());
  Epoch epoch;
  std::memcpy(epoch.data(), random.bytes().data(), epoch.size());
  return std::unique_ptr<ValueCipher>(new ValueCipher(key, epoch));
}

ValueCipher::~ValueCipher() = default;

ValueCipher::Context ValueCipher::Make(const Use& use) const {
  std::string message(kDerivation);
  message.append(reinterpret_cast<const char*>(use.epoch.data()),
                 use.epoch.size());
  EncryptionKey::Bytes derived;
  unsigned size = 0;
  const OpenSsl& openssl = Functions();
  CHECK(openssl.HMAC(openssl.sha256(), key_.bytes().data(),
                     static_cast<int>(key_.bytes().size()), Data(message),
                     message.size(), derived.data(), &size) != nullptr);
  CHECK(size == derived.size());
  Context context(openssl.CIPHER_CTX_new());
  CHECK(context != nullptr);
  CHECK(openssl.CipherInit_ex(context.get(), openssl.aes_256_gcm(), nullptr,
                              derived.data(), nullptr,
                              use.is_encryption ? 1 : 0) == 1);
  OPENSSL_cleanse(derived.data(), derived.size());
  return context;
}

ValueCipher::Context ValueCipher::Take(const Use& use) const {
  {
    absl::MutexLock lock(&mutex_);
    const auto free = contexts_.find(use);
    if (free != contexts_.end() && !free->second.empty()) {
      Context context = std::move(free->second.back());
      free->second.pop_back();
      return context;
    }
  }
  return Make(use);
}

void ValueCipher::GiveBack(const Use& use, Context context) const {
  absl::MutexLock lock(&mutex_);
  if (contexts_.size() >= kMaxContexts && !contexts_.contains(use)) {
    contexts_.clear();
  }
  contexts_[use].push_back(std::move(context));
}

void ValueCipher::Encrypt(char context, std::string_view key,
                          std::string_view text, std::string* sealed) const {
  const Use use = {.epoch = epoch_, .is_encryption = true};
  sealed->resize(kOverheadBytes + text.size());
  char* const number = sealed->data() + epoch_.size();
  std::memcpy(sealed->data(), epoch_.data(), epoch_.size());
  StoreLittle(number, next_number_.fetch_add(1));
  auto* const out = reinterpret_cast<uint8_t*>(number + kNumberBytes);
  const OpenSsl& openssl = Functions();
  Context cipher = Take(use);
  int size = 0;
  CHECK(openssl.CipherInit_ex(cipher.get(), nullptr, nullptr, nullptr,
                              NonceOf(number).data(), 1) == 1);
  CHECK(openssl.CipherUpdate(cipher.get(), nullptr, &size,
                             reinterpret_cast<const uint8_t*>(&context),
                             1) == 1);
  CHECK(openssl.CipherUpdate(cipher.get(), nullptr, &size, Data(key),
                             static_cast<int>(key.size())) == 1);
  CHECK(openssl.CipherUpdate(cipher.get(), out, &size, Data(text),
                             static_cast<int>(text.size())) == 1);
  CHECK(static_cast<size_t>(size) == text.size());
  CHECK(openssl.CipherFinal_ex(cipher.get(), out + text.size(), &size) == 1);
  CHECK(openssl.CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                out + text.size()) == 1);
  GiveBack(use, std::move(cipher));
}

bool ValueCipher::Decrypt(char context, std::string_view key,
                          std::string_view sealed, std::string* text) const {
  text->clear();
  if (sealed.size() < kOverheadBytes) return false;
  Use use = {.epoch = {}, .is_encryption = false};
  std::memcpy(use.epoch.data(), sealed.data(), use.epoch.size());
  const char* const number = sealed.data() + use.epoch.size();
  const std::string_view encrypted = sealed.substr(
      use.epoch.size() + kNumberBytes, sealed.size() - kOverheadBytes);
  std::array<uint8_t, kTagBytes> tag;
  std::memcpy(tag.data(), encrypted.data() + encrypted.size(), tag.size());
  text->resize(encrypted.size());
  const OpenSsl& openssl = Functions();
  auto* const out = reinterpret_cast<uint8_t*>(text->data());
  Context cipher = Take(use);
  int size = 0;
  uint8_t none = 0;
  const bool is_open =
      openssl.CipherInit_ex(cipher.get(), nullptr, nullptr, nullptr,
                            NonceOf(number).data(), 0) == 1 &&
      openssl.CipherUpdate(cipher.get(), nullptr, &size,
                           reinterpret_cast<const uint8_t*>(&context),
                           1) == 1 &&
      openssl.CipherUpdate(cipher.get(), nullptr, &size, Data(key),
                           static_cast<int>(key.size())) == 1 &&
      openssl.CipherUpdate(cipher.get(), out, &size, Data(encrypted),
                           static_cast<int>(encrypted.size())) == 1 &&
      openssl.CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                              tag.data()) == 1 &&
      openssl.CipherFinal_ex(cipher.get(), &none, &size) == 1;
  GiveBack(use, std::move(cipher));
  if (!is_open) text->clear();
  return is_open;
}

}  // namespace wasmd
