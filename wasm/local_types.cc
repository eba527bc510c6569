#include "wasm/local_types.h"

#include <algorithm>

namespace wasmd {

void LocalTypes::Clear() {
  types_.clear();
  far_.clear();
  size_ = 0;
  param_count_ = 0;
  has_unset_ = false;
  ForgetSince(0);
}

void LocalTypes::AddParams(const std::vector<ValueType>& types) {
  types_.insert(types_.end(), types.begin(), types.end());
  param_count_ = types.size();
  size_ = types.size();
}

void LocalTypes::AddLocals(uint32_t count, ValueType type) {
  if (count == 0) return;
  size_ += count;
  has_unset_ |= !type.is_defaultable();
  if (far_.empty() && size_ <= kMaxInArray) {
    types_.insert(types_.end(), count, type);
  } else {
    far_.push_back({size_, type});
  }
}

ValueType LocalTypes::TypeOfFar(uint32_t index) const {
  return std::upper_bound(
             far_.begin(), far_.end(), index,
             [](uint32_t i, const Run& run) { return i < run.end; })
      ->type;
}

bool LocalTypes::IsSetSlowly(uint32_t index) const {
  return index < param_count_ || TypeOf(index).is_defaultable() ||
         set_.contains(index);
}

void LocalTypes::AddSet(uint32_t index) {
  set_.insert(index);
  set_order_.push_back(index);
}

void LocalTypes::ForgetSince(size_t set_count) {
  while (set_order_.size() > set_count) {
    set_.erase(set_order_.back());
    set_order_.pop_back();
  }
}

}  // namespace wasmd
