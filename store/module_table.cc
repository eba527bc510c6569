#include "store/module_table.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/leb128.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {
namespace {

// Persisted by what it leaves on disk: every chunk but the last has this size.
constexpr size_t kChunkBytes = size_t{1} << 20;
constexpr size_t kMaxHeaderBytes = 10;
constexpr uint64_t kMaxModuleBytes = uint64_t{4} << 30;

// Greater than every key of the module.
std::string KeysEnd(const Sha256Digest& hash) {
  const Key last =
      MakeModuleChunkKey(hash, std::numeric_limits<uint32_t>::max());
  std::string end(last.view());
  end.push_back('\0');
  return end;
}

// The size in bytes, nullopt if there is no such module.
absl::StatusOr<std::optional<uint64_t>> ReadSize(const Database& database,
                                                 const Sha256Digest& hash) {
  const Key key = MakeModuleKey(hash);
  ASSIGN_OR_RETURN(const std::optional<std::string> header,
                   database.Read(key.view(), kMaxHeaderBytes));
  if (!header.has_value()) return std::optional<uint64_t>();
  const auto size = ReadUnsignedLeb128<uint64_t>(AsBytes(*header));
  if (size.error != Leb128Error::kNone || size.value > kMaxModuleBytes) {
    return DamagedValue(key.view(), "its size is wrong");
  }
  return std::optional<uint64_t>(size.value);
}

}  // namespace

void AddModule(const Sha256Digest& hash, ByteSpan bytes, BatchWriter* out) {
  std::string size;
  AppendUnsignedLeb128(&size, bytes.size());
  out->Put(MakeModuleKey(hash).view(), AsBytes(size));
  uint32_t chunk = 0;
  for (size_t at = 0; at < bytes.size(); at += kChunkBytes) {
    out->Put(MakeModuleChunkKey(hash, chunk++).view(),
             bytes.subspan(at, std::min(kChunkBytes, bytes.size() - at)));
  }
}

void AddModuleRemoval(const Sha256Digest& hash, BatchWriter* out) {
  out->DeleteRange(MakeModuleKey(hash).view(), KeysEnd(hash));
}

absl::StatusOr<bool> HasModule(const Database& database,
                               const Sha256Digest& hash) {
  ASSIGN_OR_RETURN(const std::optional<uint64_t> size,
                   ReadSize(database, hash));
  return size.has_value();
}

absl::StatusOr<std::vector<uint8_t>> ReadModule(const Database& database,
                                                const Sha256Digest& hash) {
  ASSIGN_OR_RETURN(const std::optional<uint64_t> size,
                   ReadSize(database, hash));
  if (!size.has_value()) {
    return absl::NotFoundError(
        StrCat("there is no module ", ToHex(hash), " in the store"));
  }
  const Key first = MakeModuleChunkKey(hash, 0);
  const std::string end = KeysEnd(hash);
  Cursor cursor(database, first.view(), end);
  std::vector<uint8_t> bytes;
  for (cursor.SeekToFirst(); cursor.Valid() && bytes.size() < *size;
       cursor.Next()) {
    ASSIGN_OR_RETURN(const ByteSpan chunk, cursor.Payload(kChunkBytes));
    bytes.insert(bytes.end(), chunk.begin(), chunk.end());
  }
  RETURN_IF_ERROR(cursor.status(StrCat("module ", ToHex(hash))));
  if (bytes.size() != *size || Sha256(bytes) != hash) {
    return DamagedValue(MakeModuleKey(hash).view(),
                        "its bytes do not have this hash");
  }
  return bytes;
}

absl::StatusOr<std::vector<uint64_t>> ModuleUsers(const Database& database,
                                                  const Sha256Digest& hash,
                                                  size_t limit) {
  const Key lower = MakeModuleUseKey(hash, 0);
  std::string upper(
      MakeModuleUseKey(hash, std::numeric_limits<uint64_t>::max()).view());
  upper.push_back('\0');
  std::vector<uint64_t> users;
  Cursor cursor(database, lower.view(), upper);
  for (cursor.SeekToFirst(); cursor.Valid() && users.size() < limit;
       cursor.Next()) {
    if (const auto use = ParseModuleUseKey(cursor.key())) {
      users.push_back(use->process);
    }
  }
  RETURN_IF_ERROR(cursor.status(StrCat("the uses of module ", ToHex(hash))));
  return users;
}

absl::StatusOr<std::vector<Sha256Digest>> UnusedModules(
    const Database& database) {
  std::vector<Sha256Digest> unused;
  Cursor cursor(database, Table::kModule);
  cursor.SeekToFirst();
  while (cursor.Valid()) {
    Sha256Digest hash;
    const std::string_view key = cursor.key();
    if (key.size() < 1 + hash.size()) {
      return DamagedValue(key, "its key is short");
    }
    std::memcpy(hash.data(), key.data() + 1, hash.size());
    ASSIGN_OR_RETURN(const std::vector<uint64_t> users,
                     ModuleUsers(database, hash, 1));
    if (users.empty()) unused.push_back(hash);
    cursor.Seek(KeysEnd(hash));
  }
  RETURN_IF_ERROR(cursor.status("the modules"));
  return unused;
}

}  // namespace wasmd
