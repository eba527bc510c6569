#include "wasm/text/numbers.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>
#include <type_traits>

#include "absl/strings/charconv.h"

namespace wasmd::text {
namespace {

constexpr NumberResult kSyntaxError{0, NumberError::kSyntax};
constexpr NumberResult kRangeError{0, NumberError::kOutOfRange};

// The value of a digit in base 10 or 16, or -1.
int DigitValue(char c, unsigned base) {
  if (c >= '0' && c <= '9') return c - '0';
  if (base == 16 && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (base == 16 && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool ConsumePrefix(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Removes an optional sign; true if it was a minus.
bool ConsumeSign(std::string_view* text) {
  if (ConsumePrefix(text, "-")) return true;
  ConsumePrefix(text, "+");
  return false;
}

// Moves the digits at the front of `text`, without their underscores, to the
// back of `out`. False if there is no digit or a stray underscore.
bool ConsumeDigits(std::string_view* text, unsigned base, std::string* out) {
  bool after_digit = false;
  size_t at = 0;
  for (; at < text->size(); ++at) {
    const char c = (*text)[at];
    if (DigitValue(c, base) >= 0) {
      out->push_back(c);
      after_digit = true;
    } else if (c == '_' && after_digit) {
      after_digit = false;
    } else {
      break;
    }
  }
  text->remove_prefix(at);
  return after_digit;
}

// The magnitude of an integer literal without sign.
NumberResult ParseMagnitude(std::string_view text) {
  const unsigned base = ConsumePrefix(&text, "0x") ? 16 : 10;
  std::string digits;
  if (!ConsumeDigits(&text, base, &digits) || !text.empty()) {
    return kSyntaxError;
  }
  uint64_t value = 0;
  for (char c : digits) {
    if (__builtin_mul_overflow(value, base, &value) ||
        __builtin_add_overflow(value, DigitValue(c, base), &value)) {
      return kRangeError;
    }
  }
  return {value};
}

uint64_t Mask(unsigned width) {
  return width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

template <typename Float>
struct FloatTraits;
template <>
struct FloatTraits<float> {
  using Bits = uint32_t;
  static constexpr unsigned kMantissaBits = 23;
};
template <>
struct FloatTraits<double> {
  using Bits = uint64_t;
  static constexpr unsigned kMantissaBits = 52;
};

// A finite magnitude in the grammar's float or hexfloat, as the plain digits
// that from_chars reads. False if it is neither.
bool NormalizeFloat(std::string_view text, std::string* plain, bool* is_hex) {
  *is_hex = ConsumePrefix(&text, "0x");
  const unsigned base = *is_hex ? 16 : 10;
  const char exponent = *is_hex ? 'p' : 'e';
  if (!ConsumeDigits(&text, base, plain)) return false;
  if (ConsumePrefix(&text, ".")) {
    plain->push_back('.');
    // The fraction may be empty: "1." and "1.e3".
    if (!text.empty() && DigitValue(text[0], base) >= 0 &&
        !ConsumeDigits(&text, base, plain)) {
      return false;
    }
  }
  if (text.empty()) return true;
  if ((text[0] | 0x20) != exponent) return false;
  text.remove_prefix(1);
  plain->push_back(exponent);
  plain->push_back(ConsumeSign(&text) ? '-' : '+');
  return ConsumeDigits(&text, 10, plain) && text.empty();
}

// An exponent of more digits than from_chars takes: the value is 0 or past
// every limit, unless the mantissa is as long as the exponent is large, which
// no source below 4 GiB can reach with this many digits.
constexpr size_t kMaxExponentDigits = 9;

// Shortens an exponent of `plain` to kMaxExponentDigits without changing what
// the literal rounds to.
void ClampExponent(std::string* plain, bool is_hex) {
  const size_t mark = plain->find(is_hex ? 'p' : 'e');
  if (mark == std::string::npos) return;
  const size_t begin = mark + 2;
  const size_t significant = plain->find_first_not_of('0', begin);
  if (significant == std::string::npos) {
    plain->resize(begin + 1);
    return;
  }
  plain->erase(begin, significant - begin);
  if (plain->size() - begin > kMaxExponentDigits) {
    plain->replace(begin, std::string::npos, kMaxExponentDigits, '9');
  }
}

template <typename Float>
NumberResult ParseFinite(std::string_view text) {
  using Bits = typename FloatTraits<Float>::Bits;
  std::string plain;
  bool is_hex = false;
  if (!NormalizeFloat(text, &plain, &is_hex)) return kSyntaxError;
  ClampExponent(&plain, is_hex);
  Float value = 0;
  const char* end = plain.data() + plain.size();
  const absl::from_chars_result result = absl::from_chars(
      plain.data(), end, value,
      is_hex ? absl::chars_format::hex : absl::chars_format::general);
  if (result.ec == std::errc::result_out_of_range) {
    // absl: a value above 1 means overflow, one below it underflow to 0.
    if (value > 1) return kRangeError;
    value = 0;
  } else if (result.ec != std::errc() || result.ptr != end) {
    return kSyntaxError;
  }
  if (std::isinf(value)) return kRangeError;
  return {std::bit_cast<Bits>(value)};
}

template <typename Float>
NumberResult ParseFloat(std::string_view text) {
  using Bits = typename FloatTraits<Float>::Bits;
  constexpr unsigned kMantissaBits = FloatTraits<Float>::kMantissaBits;
  const Bits sign =
      ConsumeSign(&text) ? Bits{1} << (sizeof(Bits) * 8 - 1) : Bits{0};
  const Bits infinity =
      std::bit_cast<Bits>(std::numeric_limits<Float>::infinity());
  if (text == "inf") return {sign | infinity};
  if (text == "nan") {
    return {sign | infinity | Bits{1} << (kMantissaBits - 1)};
  }
  if (ConsumePrefix(&text, "nan:")) {
    if (text.substr(0, 2) != "0x") return kSyntaxError;
    const NumberResult payload = ParseMagnitude(text);
    if (!payload.ok()) return payload;
    if (payload.bits == 0 || payload.bits >> kMantissaBits) return kRangeError;
    return {sign | infinity | static_cast<Bits>(payload.bits)};
  }
  NumberResult magnitude = ParseFinite<Float>(text);
  if (magnitude.ok()) magnitude.bits |= sign;
  return magnitude;
}

}  // namespace

NumberResult ParseUnsigned(std::string_view text, unsigned width) {
  const NumberResult result = ParseMagnitude(text);
  if (result.ok() && result.bits > Mask(width)) return kRangeError;
  return result;
}

NumberResult ParseInteger(std::string_view text, unsigned width) {
  const bool is_signed = !text.empty() && (text[0] == '-' || text[0] == '+');
  if (!is_signed) return ParseUnsigned(text, width);
  const bool negative = ConsumeSign(&text);
  const NumberResult magnitude = ParseMagnitude(text);
  if (!magnitude.ok()) return magnitude;
  const uint64_t limit = uint64_t{1} << (width - 1);
  if (magnitude.bits > (negative ? limit : limit - 1)) return kRangeError;
  return {(negative ? 0 - magnitude.bits : magnitude.bits) & Mask(width)};
}

NumberResult ParseF32(std::string_view text) { return ParseFloat<float>(text); }
NumberResult ParseF64(std::string_view text) {
  return ParseFloat<double>(text);
}

}  // namespace wasmd::text
