#include "tools/commands/json.h"

#include <gtest/gtest.h>

namespace wasmd {
namespace {

TEST(JsonWriterTest, WritesNestedValues) {
  JsonWriter json;
  json.BeginArray();
  json.BeginObject();
  json.Field("a", 1);
  json.Field("b", true);
  json.Key("c");
  json.BeginArray();
  json.Value("x");
  json.Value(-5);
  json.EndArray();
  json.Field("d", "y");
  json.EndObject();
  json.BeginObject();
  json.EndObject();
  json.EndArray();
  EXPECT_EQ(json.text(), R"([{"a":1,"b":true,"c":["x",-5],"d":"y"},{}])");
}

TEST(JsonWriterTest, EscapesText) {
  JsonWriter json;
  json.Value(std::string_view("\"\\\n\t\r\x01\x1f/\0", 9));
  EXPECT_EQ(json.text(), R"("\"\\\n\t\r\u0001\u001f/\u0000")");
}

TEST(JsonWriterTest, ReplacesWhatIsNotUtf8) {
  JsonWriter json;
  json.Value("a\xFF\xC3\xA9\xE2\x82z");
  EXPECT_EQ(json.text(), "\"a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBDz\"");
}

}  // namespace
}  // namespace wasmd
