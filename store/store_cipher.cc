#include "store/store_cipher.h"

#include <openssl/crypto.h>
#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/rocks_status.h"
#include "store/value.h"

namespace wasmd {
namespace {

constexpr char kFileName[] = "ENCRYPTION";
// Persisted: what the file is sealed under, and what kind of file it is.
constexpr std::string_view kPlace = "ENCRYPTION";
constexpr char kVersion = 1;
constexpr size_t kMaxFileBytes = 1024;

absl::Status CannotUse(const rocksdb::Status& status,
                       const std::string& directory) {
  return FromRocksStatus(status, StrCat("cannot open store ", directory));
}

absl::Status DamagedFile(const std::string& directory) {
  return absl::DataLossError(StrCat(
      directory, "/", kFileName,
      " is damaged, without it the store cannot be read: restore that file "
      "from a backup"));
}

// nullopt: there is none.
absl::StatusOr<std::optional<std::string>> ReadFile(
    rocksdb::Env* env, const std::string& directory) {
  const std::string path = StrCat(directory, "/", kFileName);
  const rocksdb::Status exists = env->FileExists(path);
  if (exists.IsNotFound()) return std::optional<std::string>();
  if (!exists.ok()) return CannotUse(exists, directory);
  std::string contents;
  const rocksdb::Status read = rocksdb::ReadFileToString(env, path, &contents);
  if (!read.ok()) return CannotUse(read, directory);
  return std::optional<std::string>(std::move(contents));
}

// Whole or not at all.
absl::Status WriteFile(rocksdb::Env* env, const std::string& directory,
                       const std::string& contents) {
  const std::string path = StrCat(directory, "/", kFileName);
  const std::string part = StrCat(path, ".part");
  rocksdb::Status status =
      rocksdb::WriteStringToFile(env, contents, part, /*should_sync=*/true);
  if (status.ok()) status = env->RenameFile(part, path);
  std::unique_ptr<rocksdb::Directory> parent;
  if (status.ok()) status = env->NewDirectory(directory, &parent);
  if (status.ok()) status = parent->Fsync();
  return CannotUse(status, directory);
}

absl::StatusOr<EncryptionKey> Unwrap(const std::string& directory,
                                     const std::string& contents,
                                     const EncryptionKey& key) {
  std::string buffer;
  const absl::StatusOr<ByteSpan> payload =
      Unseal(kPlace, contents, kMaxFileBytes, &buffer);
  if (!payload.ok() || payload->empty()) return DamagedFile(directory);
  if (payload->front() != kVersion) {
    return absl::UnimplementedError(
        StrCat("store ", directory,
               " is encrypted in a way that this wasmd "
               "does not know: use the newer wasmd that made it"));
  }
  ASSIGN_OR_RETURN(const auto wrapping, ValueCipher::Create(key));
  std::string bytes;
  if (!wrapping->Decrypt(kVersion, kPlace, AsText(payload->subspan(1)),
                         &bytes)) {
    return absl::FailedPreconditionError(
        StrCat("the key is not that of store ", directory,
               ": give the key that it was made with"));
  }
  EncryptionKey::Bytes data_key = {};
  if (bytes.size() != data_key.size()) return DamagedFile(directory);
  std::copy(bytes.begin(), bytes.end(), data_key.begin());
  const EncryptionKey unwrapped(data_key);
  OPENSSL_cleanse(data_key.data(), data_key.size());
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return unwrapped;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ValueCipher>> OpenStoreCipher(
    rocksdb::Env* env, const std::string& directory,
    const std::optional<EncryptionKey>& key) {
  ASSIGN_OR_RETURN(const std::optional<std::string> contents,
                   ReadFile(env, directory));
  if (!contents.has_value()) {
    if (!key.has_value()) return nullptr;
    return absl::FailedPreconditionError(
        StrCat("store ", directory,
               " is not encrypted: open it without a "
               "key"));
  }
  if (!key.has_value()) {
    return absl::FailedPreconditionError(
        StrCat("store ", directory,
               " is encrypted: give its key (--key-file or --key-command)"));
  }
  ASSIGN_OR_RETURN(const EncryptionKey data_key,
                   Unwrap(directory, *contents, *key));
  return ValueCipher::Create(data_key);
}

absl::StatusOr<std::unique_ptr<ValueCipher>> MakeStoreCipher(
    rocksdb::Env* env, const std::string& directory,
    const std::optional<EncryptionKey>& key) {
  // It may be there from an attempt that was cut off.
  ASSIGN_OR_RETURN(const std::optional<std::string> contents,
                   ReadFile(env, directory));
  if (!key.has_value() || contents.has_value()) {
    return OpenStoreCipher(env, directory, key);
  }
  ASSIGN_OR_RETURN(const EncryptionKey data_key, EncryptionKey::MakeRandom());
  ASSIGN_OR_RETURN(const auto wrapping, ValueCipher::Create(*key));
  std::string sealed;
  wrapping->Encrypt(kVersion, kPlace, AsText(data_key.bytes()), &sealed);
  RETURN_IF_ERROR(WriteFile(
      env, directory,
      SealSmall(kPlace, AsBytes(StrCat(std::string(1, kVersion), sealed)))));
  return ValueCipher::Create(data_key);
}

}  // namespace wasmd
