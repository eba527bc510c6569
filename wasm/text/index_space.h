// IndexSpace: the entities of one kind of a module (or the locals of a
// function, or the fields of a type) in order, and the identifiers bound to
// them (core specification, text/modules, "Indices" and "Contexts").

#ifndef WASMD_WASM_TEXT_INDEX_SPACE_H_
#define WASMD_WASM_TEXT_INDEX_SPACE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wasmd::text {

class IndexSpace {
 public:
  // `kind` is for messages: "func", "local".
  explicit IndexSpace(std::string_view kind) : kind_(kind) {}

  std::string_view kind() const { return kind_; }
  uint32_t size() const { return size_; }

  // Appends an entity with its identifier, if it has one, and the name that the
  // name section has for it if that is another. False if another of this space
  // has that identifier already; it is appended nonetheless.
  bool Add(const std::optional<std::string>& id,
           const std::optional<std::string>& name = std::nullopt) {
    const uint32_t index = size_++;
    if (name.has_value()) {
      names_.emplace(index, *name);
    } else if (id.has_value()) {
      names_.emplace(index, *id);
    }
    return !id.has_value() || indices_.emplace(*id, index).second;
  }

  std::optional<uint32_t> Find(const std::string& id) const {
    const auto found = indices_.find(id);
    if (found == indices_.end()) return std::nullopt;
    return found->second;
  }

  // Names by index, for the name section.
  const std::map<uint32_t, std::string>& names() const { return names_; }

 private:
  std::string_view kind_;
  uint32_t size_ = 0;
  std::unordered_map<std::string, uint32_t> indices_;
  std::map<uint32_t, std::string> names_;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_INDEX_SPACE_H_
