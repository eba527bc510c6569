// NoteFile: two numbers in a small file of a store's directory, written over in
// place: a plain value (value.h) as if under the key that is the name of the
// file, whose payload they are (8 bytes each, little-endian).

#ifndef WASMD_STORE_NOTE_FILE_H_
#define WASMD_STORE_NOTE_FILE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace wasmd {

// Thread-safe: it has no state.
class NoteFile {
 public:
  using Numbers = std::array<uint64_t, 2>;

  // `name` is persisted, and outlives this.
  constexpr explicit NoteFile(std::string_view name) : name_(name) {}

  std::string PathIn(const std::string& directory) const;
  std::string Encode(const Numbers& numbers) const;
  // Zeros if it is not there or not whole.
  Numbers Read(rocksdb::Env* env, const std::string& directory) const;

 private:
  std::string_view name_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_NOTE_FILE_H_
