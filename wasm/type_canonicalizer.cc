#include "wasm/type_canonicalizer.h"

#include <cstdint>
#include <span>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/types/span.h"

namespace wasmd {
namespace {

// A group of types as a sequence of words that is equal exactly when the groups
// are the same. All keys of a module live in one buffer.
class GroupKeys {
 public:
  explicit GroupKeys(const std::vector<SubType>& types) : types_(types) {}

  // Appends the key of [begin, begin + count) and returns where it begins.
  size_t Append(uint32_t begin, uint32_t count) {
    const size_t at = words_.size();
    begin_ = begin;
    end_ = begin + count;
    words_.push_back(count);
    for (uint32_t i = begin; i < end_; ++i) AppendSubType(types_[i]);
    return at;
  }
  void Truncate(size_t size) { words_.resize(size); }

  absl::Span<const uint32_t> Words(size_t begin, size_t size) const {
    return absl::Span<const uint32_t>(words_.data() + begin, size);
  }
  size_t size() const { return words_.size(); }

 private:
  void AppendSubType(const SubType& type) {
    words_.push_back(static_cast<uint32_t>(type.kind) |
                     static_cast<uint32_t>(type.is_final) << 8);
    words_.push_back(type.supertype_count);
    if (type.supertype) AppendIndex(*type.supertype);
    switch (type.kind) {
      case CompositeKind::kFunction:
        AppendValueTypes(type.function.params);
        AppendValueTypes(type.function.results);
        break;
      case CompositeKind::kStruct:
      case CompositeKind::kArray:
        words_.push_back(static_cast<uint32_t>(type.fields.size()));
        for (const FieldType& field : type.fields) {
          words_.push_back(static_cast<uint32_t>(field.packed) |
                           static_cast<uint32_t>(field.is_mutable) << 8);
          AppendValueType(field.value);
        }
        break;
    }
  }

  void AppendValueTypes(const std::vector<ValueType>& value_types) {
    words_.push_back(static_cast<uint32_t>(value_types.size()));
    for (const ValueType type : value_types) AppendValueType(type);
  }

  void AppendValueType(ValueType type) {
    uint32_t word = static_cast<uint32_t>(type.kind()) << 24;
    if (type.is_ref()) {
      word |= static_cast<uint32_t>(type.is_nullable()) << 23;
      if (type.heap_type().is_concrete()) {
        words_.push_back(word | 1u << 22);
        AppendIndex(type.heap_type().type_index());
        return;
      }
      word |= static_cast<uint32_t>(type.heap_type().abstract());
    }
    words_.push_back(word);
  }

  void AppendIndex(uint32_t index) {
    if (index >= begin_ && index < end_) {
      words_.push_back(kOwnGroup);
      words_.push_back(index - begin_);
    } else if (index < begin_) {
      words_.push_back(kEarlierGroup);
      words_.push_back(types_[index].canonical_index);
    } else {  // invalid, as the validator will say
      words_.push_back(kNowhere);
      words_.push_back(index);
    }
  }

  static constexpr uint32_t kOwnGroup = 0;
  static constexpr uint32_t kEarlierGroup = 1;
  static constexpr uint32_t kNowhere = 2;

  const std::vector<SubType>& types_;
  std::vector<uint32_t> words_;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
};

struct Group {
  size_t key_begin;
  size_t key_size;
  uint32_t first_type;
};

struct HashGroup {
  const GroupKeys* keys;
  size_t operator()(const Group& group) const {
    return absl::HashOf(keys->Words(group.key_begin, group.key_size));
  }
};

struct EqualGroups {
  const GroupKeys* keys;
  bool operator()(const Group& a, const Group& b) const {
    return keys->Words(a.key_begin, a.key_size) ==
           keys->Words(b.key_begin, b.key_size);
  }
};

}  // namespace

void CanonicalizeTypes(std::vector<SubType>* types) {
  GroupKeys keys(*types);
  absl::flat_hash_set<Group, HashGroup, EqualGroups> groups(0, HashGroup{&keys},
                                                            EqualGroups{&keys});
  for (uint32_t begin = 0; begin < types->size();) {
    const uint32_t count = (*types)[begin].group_count;
    const size_t key_begin = keys.Append(begin, count);
    const auto [at, is_new] =
        groups.insert({key_begin, keys.size() - key_begin, begin});
    if (!is_new) keys.Truncate(key_begin);
    for (uint32_t i = 0; i < count; ++i) {
      (*types)[begin + i].canonical_index = at->first_type + i;
    }
    begin += count;
  }
}

}  // namespace wasmd
