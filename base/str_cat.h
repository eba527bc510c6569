// StrCat and StrAppend that also take std::string_view: Debian's Abseil is
// built with a string_view type of its own, to which the standard one does not
// convert. Use these, not absl's, everywhere.

#ifndef WASMD_BASE_STR_CAT_H_
#define WASMD_BASE_STR_CAT_H_

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace wasmd {

inline absl::string_view ToAbsl(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

inline std::string_view ToStd(absl::string_view text) {
  return std::string_view(text.data(), text.size());
}

namespace str_cat_internal {

template <typename T>
decltype(auto) Piece(const T& value) {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return ToAbsl(value);
  } else {
    return (value);
  }
}

}  // namespace str_cat_internal

template <typename... T>
[[nodiscard]] std::string StrCat(const T&... values) {
  return absl::StrCat(str_cat_internal::Piece(values)...);
}

template <typename... T>
void StrAppend(std::string* out, const T&... values) {
  absl::StrAppend(out, str_cat_internal::Piece(values)...);
}

}  // namespace wasmd

#endif  // WASMD_BASE_STR_CAT_H_
