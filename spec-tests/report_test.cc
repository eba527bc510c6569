#include "spec-tests/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "spec-tests/expectations.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Kind = WastCommand::Kind;

Report MakeReport() {
  Report report;
  report.Add({"a.wast",
              {{1, Kind::kModule, Outcome::kPass, ""},
               {2, Kind::kAssertReturn, Outcome::kPass, ""},
               {3, Kind::kAssertReturn, Outcome::kFail, "got 1, want 2"},
               {4, Kind::kAssertTrap, Outcome::kSkip, ""}}});
  report.Add({"b.wast", {{1, Kind::kModule, Outcome::kPass, ""}}});
  return report;
}

TEST(ReportTest, AnUnexpectedFailureIsShownAndCounts) {
  std::ostringstream out;
  EXPECT_FALSE(MakeReport().Print({}, out));
  EXPECT_THAT(out.str(), HasSubstr("a.wast:3: assert_return: got 1, want 2\n"));
  EXPECT_THAT(out.str(), HasSubstr("1/2"));
  EXPECT_THAT(out.str(), HasSubstr("2 files: 3 passed, 1 failed (0 as "
                                   "expected), 1 skipped; 1 unexpected"));
}

TEST(ReportTest, AnExpectedFailureIsFine) {
  std::ostringstream out;
  EXPECT_TRUE(MakeReport().Print({{{"a.wast", 3}, "why"}}, out));
  EXPECT_THAT(out.str(), Not(HasSubstr("a.wast:3:")));
  EXPECT_THAT(out.str(), HasSubstr("1 failed (1 as expected)"));
}

TEST(ReportTest, AnUnexpectedPassIsNot) {
  std::ostringstream out;
  EXPECT_FALSE(MakeReport().Print(
      {{{"a.wast", 2}, "why"}, {{"a.wast", 3}, "why"}}, out));
  EXPECT_THAT(out.str(),
              HasSubstr("a.wast:2: is expected to fail but does not: why"));
}

TEST(ReportTest, ExpectationsOfFilesThatWereNotRunAreLeftAlone) {
  std::ostringstream out;
  EXPECT_TRUE(MakeReport().Print(
      {{{"a.wast", 3}, "why"}, {{"c.wast", 1}, "why"}}, out));
}

TEST(ReportTest, AWholeFileMayBeExpectedToFail) {
  std::ostringstream out;
  EXPECT_TRUE(MakeReport().Print({{{"a.wast", kEveryLine}, "why"}}, out));
  EXPECT_FALSE(MakeReport().Print(
      {{{"a.wast", kEveryLine}, "why"}, {{"b.wast", kEveryLine}, "why"}}, out));
  EXPECT_THAT(out.str(),
              HasSubstr("b.wast:*: is expected to fail but does not: why"));
}

TEST(ReportTest, SaysWhatWasSuspended) {
  std::ostringstream out;
  Report report = MakeReport();
  report.Add({"c.wast", {}, {.all = 7, .sampled_calls = 1}});
  report.Add({"d.wast", {}, {.all = 5}});
  report.Print({}, out);
  EXPECT_THAT(out.str(), HasSubstr("\n12 suspensions, each"));
  EXPECT_THAT(out.str(), HasSubstr("; 1 calls only sampled"));
}

TEST(ReportTest, EachKindHasItsColumn) {
  std::ostringstream out;
  Report report;
  report.Add({"x.wast",
              {{1, Kind::kAssertMalformed, Outcome::kPass, ""},
               {2, Kind::kAssertInvalid, Outcome::kPass, ""},
               {3, Kind::kAssertInvalid, Outcome::kPass, ""}}});
  EXPECT_TRUE(report.Print({}, out));
  std::istringstream lines(out.str());
  std::string header;
  std::string row;
  std::getline(lines, header);
  std::getline(lines, row);
  // Columns are aligned at their right ends.
  EXPECT_EQ(header.find("malformed") + 9, row.find("1/1") + 3);
  EXPECT_EQ(header.find("invalid") + 7, row.find("2/2") + 3);
}

}  // namespace
}  // namespace wasmd::spec
