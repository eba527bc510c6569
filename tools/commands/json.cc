#include "tools/commands/json.h"

#include <cstdint>

#include "base/utf8.h"

namespace wasmd {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

void AppendCharacter(std::string* out, char c) {
  switch (c) {
    case '"':
      *out += "\\\"";
      return;
    case '\\':
      *out += "\\\\";
      return;
    case '\n':
      *out += "\\n";
      return;
    case '\t':
      *out += "\\t";
      return;
    case '\r':
      *out += "\\r";
      return;
    default:
      break;
  }
  const auto byte = static_cast<uint8_t>(c);
  if (byte >= 0x20) {
    out->push_back(c);
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  *out += "\\u00";
  out->push_back(kDigits[byte >> 4]);
  out->push_back(kDigits[byte & 15]);
}

}  // namespace

void JsonWriter::Separate() {
  if (needs_comma_) text_.push_back(',');
  needs_comma_ = true;
}

void JsonWriter::BeginObject() {
  Separate();
  text_.push_back('{');
  needs_comma_ = false;
}

void JsonWriter::EndObject() {
  text_.push_back('}');
  needs_comma_ = true;
}

void JsonWriter::BeginArray() {
  Separate();
  text_.push_back('[');
  needs_comma_ = false;
}

void JsonWriter::EndArray() {
  text_.push_back(']');
  needs_comma_ = true;
}

void JsonWriter::Key(std::string_view name) {
  Value(name);
  text_.push_back(':');
  needs_comma_ = false;
}

void JsonWriter::Value(std::string_view text) {
  Separate();
  text_.push_back('"');
  while (!text.empty()) {
    const size_t valid = ValidUtf8Prefix(text);
    for (const char c : text.substr(0, valid)) AppendCharacter(&text_, c);
    text.remove_prefix(valid);
    if (text.empty()) break;
    text_ += kReplacement;
    text.remove_prefix(1);
  }
  text_.push_back('"');
}

void JsonWriter::Value(bool value) {
  Separate();
  text_ += value ? "true" : "false";
}

}  // namespace wasmd
