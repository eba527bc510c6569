#include "wasm/text/type_table.h"

#include "base/leb128.h"

namespace wasmd::text {
namespace {

constexpr char kRecursiveGroup = 0x4E;
constexpr char kFunctionType = 0x60;

}  // namespace

void TypeTable::BeginGroup(uint32_t count) {
  ++group_count_;
  if (count == 1) return;  // the abbreviation of a group of one
  encoded_.push_back(kRecursiveGroup);
  AppendUnsignedLeb128(&encoded_, count);
}

void TypeTable::Add(std::string_view encoded, const Entry& entry,
                    bool is_simple) {
  if (is_simple) simple_.emplace(entry.signature.encoded, size());
  entries_.push_back(entry);
  encoded_.append(encoded);
}

uint32_t TypeTable::FindOrAppend(const Signature& signature) {
  const auto found = simple_.find(signature.encoded);
  if (found != simple_.end()) return found->second;
  BeginGroup(1);
  Add(kFunctionType + signature.encoded,
      {.is_function = true, .signature = signature}, /*is_simple=*/true);
  return size() - 1;
}

}  // namespace wasmd::text
