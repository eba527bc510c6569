#include "runtime/value_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// The magnitude of decimal or 0x digits.
std::optional<uint64_t> ParseMagnitude(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return value;
}

// The low `bits` of an integer from -2^(bits-1) to 2^bits - 1.
std::optional<uint64_t> ParseInteger(std::string_view text, unsigned bits) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::optional<uint64_t> magnitude = ParseMagnitude(text);
  if (!magnitude.has_value()) return std::nullopt;
  const uint64_t mask = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  const uint64_t limit = negative ? uint64_t{1} << (bits - 1) : mask;
  if (*magnitude > limit) return std::nullopt;
  return (negative ? ~*magnitude + 1 : *magnitude) & mask;
}

template <typename T>
std::optional<T> ParseFloat(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  auto format = std::chars_format::general;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    format = std::chars_format::hex;
    text.remove_prefix(2);
  }
  T value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, format);
  if (text.empty() || text[0] == '-' || rest != end) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::nullopt;
  if (error != std::errc()) return std::nullopt;
  return negative ? -value : value;
}

std::optional<Value> ParseVector(std::string_view text) {
  if (!text.starts_with("0x") || text.size() < 3 || text.size() > 34) {
    return std::nullopt;
  }
  text.remove_prefix(2);
  const size_t high_digits = text.size() > 16 ? text.size() - 16 : 0;
  uint64_t halves[2] = {0, 0};
  const std::string_view parts[2] = {text.substr(high_digits),
                                     text.substr(0, high_digits)};
  for (int i = 0; i < 2; ++i) {
    if (parts[i].empty()) continue;
    const char* end = parts[i].data() + parts[i].size();
    const auto [rest, error] =
        std::from_chars(parts[i].data(), end, halves[i], 16);
    if (error != std::errc() || rest != end) return std::nullopt;
  }
  return V128Value(halves[0], halves[1]);
}

std::optional<Value> Parse(std::string_view text, ValueType type) {
  if (type == kI32Type) {
    const auto bits = ParseInteger(text, 32);
    if (bits.has_value()) return I32Value(static_cast<uint32_t>(*bits));
  } else if (type == kI64Type) {
    const auto bits = ParseInteger(text, 64);
    if (bits.has_value()) return I64Value(*bits);
  } else if (type == kF32Type) {
    const auto value = ParseFloat<float>(text);
    if (value.has_value()) return F32Value(*value);
  } else if (type == kF64Type) {
    const auto value = ParseFloat<double>(text);
    if (value.has_value()) return F64Value(*value);
  } else if (type == kV128Type) {
    return ParseVector(text);
  } else if (type.is_nullable() && text == "null") {
    return Value{type, kNullReference};
  }
  return std::nullopt;
}

template <typename T>
std::string FormatFloat(T value) {
  if (std::isnan(value)) return std::signbit(value) ? "-nan" : "nan";
  std::array<char, 64> text;
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), value);
  return std::string(text.data(), result.ptr);
}

std::string Hex16(uint64_t bits) {
  std::string digits(16, '0');
  for (size_t i = 16; i > 0; --i, bits >>= 4) {
    digits[i - 1] = "0123456789abcdef"[bits & 15];
  }
  return digits;
}

}  // namespace

absl::StatusOr<Value> ParseValue(std::string_view text, ValueType type) {
  const std::optional<Value> value = Parse(text, type);
  if (value.has_value()) return *value;
  return absl::InvalidArgumentError(
      StrCat("'", text, "' is not a value of type ", ToString(type)));
}

absl::StatusOr<std::vector<Value>> ParseArguments(
    std::span<const std::string> texts, const FunctionType& type) {
  if (texts.size() != type.params.size()) {
    return absl::InvalidArgumentError(
        StrCat("the function's type is ", ToString(type), ": it takes ",
               type.params.size(), " arguments, not ", texts.size()));
  }
  std::vector<Value> values;
  values.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    ASSIGN_OR_RETURN(Value value, ParseValue(texts[i], type.params[i]));
    values.push_back(value);
  }
  return values;
}

std::string FormatValue(const Value& value) {
  if (value.type == kI32Type) return StrCat(value.As<int32_t>());
  if (value.type == kI64Type) return StrCat(value.As<int64_t>());
  if (value.type == kF32Type) return FormatFloat(value.As<float>());
  if (value.type == kF64Type) return FormatFloat(value.As<double>());
  if (value.type == kV128Type) {
    return StrCat("0x", Hex16(value.high), Hex16(value.low));
  }
  return value.low == kNullReference ? "null" : ToString(value);
}

}  // namespace wasmd
