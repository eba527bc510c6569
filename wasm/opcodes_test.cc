#include "wasm/opcodes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace wasmd {
namespace {

std::vector<Opcode> AllOpcodes() {
  std::vector<Opcode> all;
#define OPCODE(name, ...) all.push_back(Opcode::k##name);
#include "wasm/opcodes.def"
  return all;
}

const std::map<std::pair<uint8_t, uint32_t>, std::string>& Anchors() {
  static const auto& anchors =
      *new std::map<std::pair<uint8_t, uint32_t>, std::string>{
#define OPCODE(name, prefix, code, mnemonic, immediates, signature, \
               access_bytes, flags, feature, anchor)                \
  {{prefix, code}, anchor},
#include "wasm/opcodes.def"
      };
  return anchors;
}

TEST(OpcodesTest, InfoIsThatOfTheRow) {
  const OpcodeInfo& info = InfoOf(Opcode::kV128Load8Lane);
  EXPECT_EQ(info.mnemonic, "v128.load8_lane");
  EXPECT_EQ(info.prefix, 0xFD);
  EXPECT_EQ(info.code, 0x54u);
  EXPECT_EQ(info.immediates, Immediates::kMemArgLane);
  EXPECT_EQ(info.signature, "av:v");
  EXPECT_EQ(info.access_bytes, 1);
  EXPECT_EQ(info.flags, kTraps | kLoads);
  EXPECT_EQ(info.feature, Feature::kSimd);
}

TEST(OpcodesTest, EveryInstructionIsFoundByItsCode) {
  for (const Opcode opcode : AllOpcodes()) {
    const OpcodeInfo& info = InfoOf(opcode);
    EXPECT_EQ(FindOpcode(info.prefix, info.code), opcode) << info.mnemonic;
  }
}

TEST(OpcodesTest, EveryMnemonicFindsItsFirstInstruction) {
  std::set<std::string_view> seen;
  for (const Opcode opcode : AllOpcodes()) {
    const std::string_view mnemonic = InfoOf(opcode).mnemonic;
    if (seen.insert(mnemonic).second) {
      EXPECT_EQ(FindOpcode(mnemonic), opcode) << mnemonic;
    }
  }
  EXPECT_EQ(seen.size(), 496u);  // select, ref.test and ref.cast have twins
}

TEST(OpcodesTest, UnknownCodesAndMnemonicsAreNotFound) {
  EXPECT_EQ(FindOpcode(0, 0x06), std::nullopt);  // legacy try
  EXPECT_EQ(FindOpcode(0, 0x27), std::nullopt);
  EXPECT_EQ(FindOpcode(0, 0xFF), std::nullopt);
  EXPECT_EQ(FindOpcode(0xFB, 0x1F), std::nullopt);
  EXPECT_EQ(FindOpcode(0xFC, 0x12), std::nullopt);
  EXPECT_EQ(FindOpcode(0xFD, 0x9A), std::nullopt);
  EXPECT_EQ(FindOpcode(0xFD, 0x114), std::nullopt);
  EXPECT_EQ(FindOpcode(0xFE, 0x00), std::nullopt);  // threads
  EXPECT_EQ(FindOpcode("get_local"), std::nullopt);
  EXPECT_EQ(FindOpcode(""), std::nullopt);
  EXPECT_EQ(FindOpcode("zzz"), std::nullopt);
}

TEST(OpcodesTest, SignaturesAreWellFormed) {
  for (const Opcode opcode : AllOpcodes()) {
    const OpcodeInfo& info = InfoOf(opcode);
    if (info.signature == "*") continue;
    EXPECT_EQ(info.signature.find_first_not_of("ilfdva:"),
              std::string_view::npos)
        << info.mnemonic;
    const size_t colon = info.signature.find(':');
    ASSERT_NE(colon, std::string_view::npos) << info.mnemonic;
    EXPECT_LE(colon, 3u) << info.mnemonic;
    EXPECT_LE(info.signature.size() - colon - 1, 1u) << info.mnemonic;
    const bool accesses = info.flags & (kLoads | kStores);
    EXPECT_EQ(info.access_bytes != 0, accesses) << info.mnemonic;
  }
}

// The types of the specification's index in the letters of opcodes.def.
std::string ToLetters(const std::string& type) {
  static const std::map<std::string, std::string> kLetters = {
      {"i32", "i"},  {"i64", "l"}, {"f32", "f"}, {"f64", "d"},
      {"v128", "v"}, {"xat", "a"}, {"->", ":"},
  };
  std::string plain;
  for (const char c : type) {
    if (c != '[' && c != ']') plain += c;
  }
  std::istringstream words(plain);
  std::string out;
  for (std::string word; words >> word;) {
    const auto at = kLetters.find(word);
    if (at == kLetters.end()) return "*";
    out += at->second;
  }
  return out;
}

struct IndexRow {
  uint8_t prefix;
  uint32_t code;
  std::string type;
  std::string anchor;
};

std::vector<IndexRow> ReadIndex(std::istream& file) {
  std::vector<IndexRow> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#' || line.starts_with("since")) continue;
    std::vector<std::string> columns(1);
    for (const char c : line) {
      if (c == '\t') {
        columns.emplace_back();
      } else {
        columns.back() += c;
      }
    }
    columns.resize(7);
    std::istringstream bytes(columns[1]);
    std::vector<uint32_t> opcode;
    for (std::string byte; bytes >> byte;) {
      opcode.push_back(static_cast<uint32_t>(std::stoul(byte, nullptr, 16)));
    }
    IndexRow row{0, opcode[0], columns[3], columns[4]};
    if (opcode.size() > 1) {
      row.prefix = static_cast<uint8_t>(opcode[0]);
      row.code = opcode[1] & 0x7F;
      if (opcode.size() > 2) row.code |= opcode[2] << 7;
    }
    rows.push_back(row);
  }
  return rows;
}

// The specification's own index of instructions, where it is at hand: a table
// with tabs in the folder that WASMD_SHARED names.
TEST(OpcodesTest, AgreesWithTheIndexOfTheSpecification) {
  const char* folder = std::getenv("WASMD_SHARED");
  std::ifstream file(std::string(folder == nullptr ? "../shared" : folder) +
                     "/instructions.tsv");
  if (!file) GTEST_SKIP() << "no instructions.tsv: set WASMD_SHARED";
  const std::vector<IndexRow> rows = ReadIndex(file);
  EXPECT_EQ(rows.size(), static_cast<size_t>(kOpcodeCount));
  for (const IndexRow& row : rows) {
    const std::optional<Opcode> opcode = FindOpcode(row.prefix, row.code);
    ASSERT_TRUE(opcode) << int{row.prefix} << " " << row.code;
    const OpcodeInfo& info = InfoOf(*opcode);
    EXPECT_EQ(Anchors().at({row.prefix, row.code}), row.anchor)
        << info.mnemonic;
    if (info.signature != "*") {
      EXPECT_EQ(info.signature, ToLetters(row.type)) << info.mnemonic;
    }
  }
}

}  // namespace
}  // namespace wasmd
