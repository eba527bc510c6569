#include "wasm/text/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/testing/status_matchers.h"

namespace wasmd::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::wasmd::testing::IsOk;

std::vector<std::string> TokensOf(std::string_view text) {
  const absl::StatusOr<TokenList> list = Tokenize(text);
  if (!list.ok()) return {std::string(list.status().message())};
  std::vector<std::string> out;
  for (const Token& token : list->tokens) {
    if (token.kind != TokenKind::kEnd) out.emplace_back(list->TextOf(token));
  }
  return out;
}

std::string ErrorOf(std::string_view text) {
  const absl::StatusOr<TokenList> list = Tokenize(text);
  return list.ok() ? "OK" : std::string(list.status().message());
}

TEST(LexerTest, SplitsTokensAtBlanksAndParentheses) {
  EXPECT_THAT(TokensOf("(func $f(i32.const\t-1)\r\n\"a b\")"),
              ElementsAre("(", "func", "$f", "(", "i32.const", "-1", ")",
                          "\"a b\"", ")"));
}

TEST(LexerTest, KindsFollowTheFirstCharacter) {
  ASSERT_OK_AND_ASSIGN(const TokenList list,
                       Tokenize("a 0 -x +1 $x $\"y\" \"z\" ( )"));
  std::vector<TokenKind> kinds;
  for (const Token& token : list.tokens) kinds.push_back(token.kind);
  EXPECT_THAT(kinds, ElementsAre(TokenKind::kKeyword, TokenKind::kNumber,
                                 TokenKind::kNumber, TokenKind::kNumber,
                                 TokenKind::kId, TokenKind::kId,
                                 TokenKind::kString, TokenKind::kLeftParen,
                                 TokenKind::kRightParen, TokenKind::kEnd));
}

TEST(LexerTest, SkipsCommentsUpToEveryKindOfLineEnd) {
  EXPECT_THAT(TokensOf("a;;x\nb;;y\rc;;z\r\nd;;"),
              ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(TokensOf("a(;x(;y;)(;;);)b"), ElementsAre("a", "b"));
  EXPECT_THAT(TokensOf("(; ;; ;) a"), ElementsAre("a"));
}

TEST(LexerTest, SkipsAnnotations) {
  EXPECT_THAT(TokensOf("a(@b (\")\" (;);) , ; $x\"y\"))c"),
              ElementsAre("a", "c"));
  EXPECT_THAT(TokensOf("a(@\"x y\" (@) (@ z) [{])b"), ElementsAre("a", "b"));
}

TEST(LexerTest, KeepsAnnotationsThatMeanSomething) {
  ASSERT_OK_AND_ASSIGN(const TokenList list,
                       Tokenize("(module (@custom \"x\" ) (@other) )"));
  ASSERT_EQ(list.annotations.size(), 1u);
  EXPECT_EQ(list.annotations[0].id, "custom");
  EXPECT_EQ(list.annotations[0].token_index, 2u);
  EXPECT_EQ(
      list.text.substr(list.annotations[0].begin,
                       list.annotations[0].end - list.annotations[0].begin),
      " \"x\" ");
}

TEST(LexerTest, RefusesReservedTokens) {
  for (const char* bad : {"\"a\"\"b\"", "$x\"y\"", "0\"a\"", "a\"b\"", "#x",
                          "a,b", ";", "[", "A", "=", "a;b"}) {
    EXPECT_THAT(ErrorOf(bad), HasSubstr("unknown operator")) << bad;
  }
}

TEST(LexerTest, RefusesWhatIsNotClosed) {
  EXPECT_EQ(ErrorOf("a (; (; ;)"), "1:3: unclosed comment");
  EXPECT_EQ(ErrorOf("(@a (b)"), "1:1: unclosed annotation");
  EXPECT_EQ(ErrorOf("\"abc"), "1:1: unclosed string");
  EXPECT_EQ(ErrorOf("\"abc\n\""), "1:1: unclosed string");
}

TEST(LexerTest, RefusesEmptyNames) {
  for (const char* bad : {"$", "$ x", "$\"\""}) {
    EXPECT_THAT(ErrorOf(bad), HasSubstr("empty identifier")) << bad;
  }
  for (const char* bad : {"(@)", "(@ x)", "(@\"\")"}) {
    EXPECT_THAT(ErrorOf(bad), HasSubstr("empty annotation id")) << bad;
  }
}

TEST(LexerTest, RefusesIllegalCharacters) {
  EXPECT_EQ(ErrorOf("a\n\xC3\xA4"), "2:1: illegal character");
  EXPECT_THAT(ErrorOf(std::string_view("a\0", 2)), HasSubstr("illegal"));
  EXPECT_THAT(ErrorOf("\x7F"), HasSubstr("illegal character"));
  EXPECT_THAT(ErrorOf("\"\t\""), HasSubstr("illegal character"));
  EXPECT_THAT(ErrorOf("(@a \x01)"), HasSubstr("illegal character"));
}

TEST(LexerTest, TheWholeSourceMustBeUtf8) {
  EXPECT_EQ(ErrorOf("a (;\xFF;)"), "1:5: malformed UTF-8 encoding");
  EXPECT_EQ(ErrorOf("$\"\\ef\""), "1:1: malformed UTF-8 encoding");
  EXPECT_EQ(ErrorOf("\"\\ef\""), "OK");
  EXPECT_EQ(ErrorOf(";; \xE2\x82\xAC"), "OK");
}

TEST(LexerTest, DecodesEscapes) {
  EXPECT_EQ(DecodeString(R"("\t\n\r\"\'\\\41\7f\u{20AC}\u{1_0F60}é")"),
            "\t\n\r\"'\\A\x7F\xE2\x82\xAC\xF0\x90\xBD\xA0é");
  EXPECT_EQ(DecodeString(R"("\00\ff")"), std::string("\0\xFF", 2));
  EXPECT_EQ(DecodeString("\"\""), "");
}

TEST(LexerTest, BothFormsOfAnIdentifierAreTheSame) {
  EXPECT_EQ(DecodeId("$ab"), "ab");
  EXPECT_EQ(DecodeId(R"($"a\62")"), "ab");
}

TEST(LexerTest, RefusesBadEscapes) {
  for (const char* bad :
       {R"("\x")", R"("\4")", R"("\4g")", R"("\u41")", R"("\u{}")",
        R"("\u{_1}")", R"("\u{1_}")", R"("\u{d800}")", R"("\u{dfff}")",
        R"("\u{110000}")", R"("\u{ffffffffffffffff1}")"}) {
    EXPECT_THAT(ErrorOf(bad), HasSubstr("illegal escape")) << bad;
  }
  EXPECT_THAT(Tokenize(R"("\u{10FFFF}\u{d7ff}")"), IsOk());
}

TEST(LexerTest, DeepNestingOfCommentsAndAnnotationsIsFine) {
  std::string open;
  std::string close;
  for (int i = 0; i < 200'000; ++i) {
    open += "(;";
    close += ";)";
  }
  EXPECT_EQ(ErrorOf(open + close), "OK");
  EXPECT_EQ(ErrorOf(open), "1:1: unclosed comment");
  const std::string parens(200'000, '(');
  EXPECT_EQ(ErrorOf("(@a " + parens + std::string(200'001, ')')), "OK");
}

TEST(LexerTest, PositionsCountFromOne) {
  ASSERT_OK_AND_ASSIGN(const TokenList list, Tokenize("ab\ncd\n\nx"));
  const auto at = [&](size_t offset) {
    return At(PositionOf(list, offset), "here");
  };
  EXPECT_EQ(at(0), "1:1: here");
  EXPECT_EQ(at(2), "1:3: here");
  EXPECT_EQ(at(3), "2:1: here");
  EXPECT_EQ(at(4), "2:2: here");
  EXPECT_EQ(at(6), "3:1: here");
  EXPECT_EQ(at(7), "4:1: here");
  EXPECT_EQ(at(8), "4:2: here");
}

}  // namespace
}  // namespace wasmd::text
