#include "store/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace wasmd {
namespace {

uint32_t Crc(const std::string& text) { return ExtendCrc32c(0, AsBytes(text)); }

// Test vectors of RFC 3720, appendix B.4.
TEST(Crc32cTest, KnownValues) {
  EXPECT_EQ(Crc(""), 0u);
  EXPECT_EQ(Crc(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc(std::string(32, '\xFF')), 0x62A8AB43u);
  std::string ascending;
  for (char i = 0; i < 32; ++i) ascending.push_back(i);
  EXPECT_EQ(Crc(ascending), 0x46DD794Eu);
  EXPECT_EQ(Crc("123456789"), 0xE3069283u);
}

TEST(Crc32cTest, ExtendsAcrossAnySplit) {
  const std::string text = "The quick brown fox jumps over the lazy dog.";
  for (size_t at = 0; at <= text.size(); ++at) {
    EXPECT_EQ(ExtendCrc32c(Crc(text.substr(0, at)), AsBytes(text.substr(at))),
              Crc(text));
  }
}

}  // namespace
}  // namespace wasmd
