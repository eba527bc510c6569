#include "store/note_file.h"

#include <rocksdb/env.h>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "store/value.h"

namespace wasmd {
namespace {

constexpr size_t kPayloadBytes = 16;

}  // namespace

std::string NoteFile::PathIn(const std::string& directory) const {
  return StrCat(directory, "/", name_);
}

std::string NoteFile::Encode(const Numbers& numbers) const {
  std::array<uint8_t, kPayloadBytes> payload;
  StoreLittle(payload.data(), numbers[0]);
  StoreLittle(payload.data() + 8, numbers[1]);
  return SealSmall(name_, payload);
}

NoteFile::Numbers NoteFile::Read(rocksdb::Env* env,
                                 const std::string& directory) const {
  std::string contents;
  std::string buffer;
  if (!rocksdb::ReadFileToString(env, PathIn(directory), &contents).ok()) {
    return {};
  }
  const auto payload = Unseal(name_, contents, kPayloadBytes, &buffer);
  if (!payload.ok() || payload->size() != kPayloadBytes) return {};
  return {LoadLittle<uint64_t>(payload->data()),
          LoadLittle<uint64_t>(payload->data() + 8)};
}

}  // namespace wasmd
