// JsonWriter: the --json output of subcommands, written as it comes.
//
//   JsonWriter json;
//   json.BeginObject();
//   json.Field("name", record.name());
//   json.EndObject();

#ifndef WASMD_TOOLS_COMMANDS_JSON_H_
#define WASMD_TOOLS_COMMANDS_JSON_H_

#include <concepts>
#include <span>
#include <string>
#include <string_view>

#include "base/str_cat.h"

namespace wasmd {

class JsonWriter {
 public:
  void BeginObject();
  void EndObject();
  void BeginArray();
  void EndArray();
  void Key(std::string_view name);

  void Value(std::string_view text);  // what is not UTF-8 becomes U+FFFD
  void Value(const char* text) { Value(std::string_view(text)); }
  void Value(bool value);
  template <std::integral T>
  void Value(T value) {
    Separate();
    StrAppend(&text_, value);
  }

  template <typename T>
  void Field(std::string_view name, const T& value) {
    Key(name);
    Value(value);
  }

  const std::string& text() const { return text_; }

 private:
  // Writes the comma before an element that is not the first.
  void Separate();

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_JSON_H_
