#include "runtime/module_loader.h"

#include <errno.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasm/decoder.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

// The first byte of a binary, which no text starts with.
constexpr uint8_t kBinaryMark = 0;

absl::Status IoError(const std::string& path) {
  const std::string message = StrCat(path, ": ", std::strerror(errno));
  return errno == ENOENT ? absl::NotFoundError(message)
                         : absl::UnavailableError(message);
}

}  // namespace

absl::StatusOr<std::vector<uint8_t>> ReadFile(const std::string& path,
                                              uint64_t max_bytes) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(
      std::fopen(path.c_str(), "rbe"), std::fclose);
  if (file == nullptr) return IoError(path);
  std::vector<uint8_t> bytes;
  std::array<uint8_t, 1 << 16> piece;
  for (;;) {
    const size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + got);
    if (bytes.size() > max_bytes) {
      return absl::ResourceExhaustedError(
          StrCat(path, ": larger than ", max_bytes, " bytes"));
    }
    if (got < piece.size()) break;
  }
  if (std::ferror(file.get())) return IoError(path);
  return bytes;
}

absl::StatusOr<std::vector<uint8_t>> ToBinary(std::vector<uint8_t> bytes) {
  if (bytes.empty()) return absl::InvalidArgumentError("the file is empty");
  if (bytes[0] == kBinaryMark) return bytes;
  return ParseWat(AsText(bytes));
}

absl::Status StoreError(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status)) return status;
  return absl::UnavailableError(status.message());
}

absl::StatusOr<std::shared_ptr<TranslatedModule>> ModuleLoader::Load(
    std::vector<uint8_t> binary) {
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   Decode(std::move(binary)));
  std::weak_ptr<TranslatedModule>& loaded = loaded_[module->hash];
  if (std::shared_ptr<TranslatedModule> known = loaded.lock()) return known;
  bool is_known = false;
  if (db_ != nullptr) {
    const absl::StatusOr<bool> has = db_->HasModule(module->hash);
    if (!has.ok()) return StoreError(has.status());
    is_known = *has;
  }
  if (!is_known) RETURN_IF_ERROR(Validate(*module));
  if (db_ != nullptr) {
    RETURN_IF_ERROR(StoreError(db_->PutModule(module->hash, *module->binary)));
  }
  std::shared_ptr<TranslatedModule> translated =
      TranslatedModule::Create(std::move(module));
  loaded = translated;
  return translated;
}

absl::StatusOr<std::shared_ptr<TranslatedModule>> ModuleLoader::Find(
    const Sha256Digest& hash) {
  std::weak_ptr<TranslatedModule>& loaded = loaded_[hash];
  if (std::shared_ptr<TranslatedModule> known = loaded.lock()) return known;
  if (db_ == nullptr) return absl::NotFoundError("there is no store");
  absl::StatusOr<std::vector<uint8_t>> binary = db_->GetModule(hash);
  if (!binary.ok()) {
    if (!absl::IsNotFound(binary.status())) return binary.status();
    return absl::DataLossError(
        StrCat("module ", ToHex(hash), " is not in the store"));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   Decode(*std::move(binary)));
  std::shared_ptr<TranslatedModule> translated =
      TranslatedModule::Create(std::move(module));
  loaded = translated;
  return translated;
}

}  // namespace wasmd
