// TypeTable: the type section under construction. Types of `type` fields come
// first, in order; those that inline signatures need are appended (core
// specification, text/modules, "Type Uses").

#ifndef WASMD_WASM_TEXT_TYPE_TABLE_H_
#define WASMD_WASM_TEXT_TYPE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wasmd::text {

// A function type in the encoding of the binary format, without its 0x60.
// Equal types have equal encodings: indices are shortest LEB128, and reference
// types take the one-byte form wherever there is one.
struct Signature {
  std::string encoded;
  uint32_t param_count = 0;
};

class TypeTable {
 public:
  struct Entry {
    bool is_function = false;
    Signature signature;  // is_function
  };

  // Starts a recursive group of `count` types; each is then added in order.
  void BeginGroup(uint32_t count);
  // A type of the group: `encoded` is its subtype in binary. Final function
  // types without supertypes that are alone in their group are "simple": inline
  // signatures may use them.
  void Add(std::string_view encoded, const Entry& entry, bool is_simple);

  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }
  // Null where there is no such type.
  const Entry* Find(uint32_t index) const {
    return index < entries_.size() ? &entries_[index] : nullptr;
  }

  // The first simple type with this signature; appends one if there is none.
  uint32_t FindOrAppend(const Signature& signature);

  uint32_t group_count() const { return group_count_; }
  // The contents of the type section after its count of groups.
  const std::string& encoded_groups() const { return encoded_; }

 private:
  std::vector<Entry> entries_;
  std::map<std::string, uint32_t, std::less<>> simple_;  // by encoded signature
  std::string encoded_;
  uint32_t group_count_ = 0;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_TYPE_TABLE_H_
