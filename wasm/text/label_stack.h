// LabelStack: the labels in scope at a point of a function body; an inner label
// hides an outer one of the same name (core specification, text/instructions,
// "Labels").

#ifndef WASMD_WASM_TEXT_LABEL_STACK_H_
#define WASMD_WASM_TEXT_LABEL_STACK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace wasmd::text {

class LabelStack {
 public:
  size_t size() const { return labels_.size(); }

  void Push(const std::optional<std::string>& id) {
    if (id.has_value()) {
      depths_[*id].push_back(static_cast<uint32_t>(labels_.size()));
    }
    labels_.push_back(id);
  }

  void Pop() {
    if (labels_.back().has_value()) depths_[*labels_.back()].pop_back();
    labels_.pop_back();
  }

  // The innermost label.
  const std::optional<std::string>& Top() const { return labels_.back(); }

  // The label index of `id`: 0 is the innermost.
  std::optional<uint32_t> Find(const std::string& id) const {
    const auto found = depths_.find(id);
    if (found == depths_.end() || found->second.empty()) return std::nullopt;
    return static_cast<uint32_t>(labels_.size()) - 1 - found->second.back();
  }

 private:
  std::vector<std::optional<std::string>> labels_;
  std::unordered_map<std::string, std::vector<uint32_t>> depths_;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_LABEL_STACK_H_
