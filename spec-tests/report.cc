#include "spec-tests/report.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <set>
#include <string>
#include <string_view>

#include "base/str_cat.h"

namespace wasmd::spec {
namespace {

using Kind = WastCommand::Kind;

enum Column : size_t {
  kModules,
  kReturn,
  kTrap,
  kExhaustion,
  kException,
  kMalformed,
  kInvalid,
  kUnlinkable,
  kOther,  // actions, registrations, custom sections
  kColumnCount,
};

constexpr std::array<std::string_view, kColumnCount> kTitles = {
    "module",    "return",  "trap",       "exhaustion", "exception",
    "malformed", "invalid", "unlinkable", "other"};

Column ColumnOf(Kind kind) {
  switch (kind) {
    case Kind::kModule:
    case Kind::kInstance:
      return kModules;
    case Kind::kAssertReturn:
      return kReturn;
    case Kind::kAssertTrap:
      return kTrap;
    case Kind::kAssertExhaustion:
      return kExhaustion;
    case Kind::kAssertException:
      return kException;
    case Kind::kAssertMalformed:
      return kMalformed;
    case Kind::kAssertInvalid:
      return kInvalid;
    case Kind::kAssertUnlinkable:
      return kUnlinkable;
    case Kind::kRegister:
    case Kind::kAction:
    case Kind::kAssertMalformedCustom:
    case Kind::kAssertInvalidCustom:
      return kOther;
  }
}

struct Count {
  size_t passed = 0;
  size_t tried = 0;
};

// One line of the table.
struct Row {
  std::array<Count, kColumnCount> counts;
  size_t skipped = 0;

  void Add(const CommandResult& result) {
    if (result.outcome == Outcome::kSkip) {
      ++skipped;
      return;
    }
    Count& count = counts[ColumnOf(result.kind)];
    ++count.tried;
    if (result.outcome == Outcome::kPass) ++count.passed;
  }
};

size_t NameWidth(const std::vector<FileResult>& files) {
  size_t width = std::string_view("total").size();
  for (const FileResult& file : files) {
    width = std::max(width, file.name.size());
  }
  return width;
}

void PrintRow(std::string_view name, size_t name_width, const Row& row,
              std::ostream& out) {
  out << std::left << std::setw(static_cast<int>(name_width)) << name
      << std::right;
  for (size_t i = 0; i < kColumnCount; ++i) {
    const Count& count = row.counts[i];
    const std::string cell =
        count.tried == 0 ? "-" : StrCat(count.passed, "/", count.tried);
    out << "  " << std::setw(std::max(11, static_cast<int>(kTitles[i].size())))
        << cell;
  }
  out << "\n";
}

void PrintSuspensions(const std::vector<FileResult>& files, std::ostream& out) {
  SuspensionCount sum;
  for (const FileResult& file : files) {
    sum.all += file.suspensions.all;
    sum.sampled_calls += file.suspensions.sampled_calls;
  }
  if (sum.all == 0) return;
  out << sum.all << " suspensions, each with a snapshot that was restored and "
      << "taken again, identically; " << sum.sampled_calls
      << " calls only sampled (see the README)\n";
}

void PrintHeader(size_t name_width, std::ostream& out) {
  out << std::left << std::setw(static_cast<int>(name_width)) << "file"
      << std::right;
  for (std::string_view title : kTitles) {
    out << "  " << std::setw(std::max(11, static_cast<int>(title.size())))
        << title;
  }
  out << "\n";
}

}  // namespace

bool Report::Print(const Expectations& expectations, std::ostream& out) const {
  const size_t name_width = NameWidth(files_);
  Row total;
  size_t unexpected = 0;
  size_t expected_failures = 0;
  std::vector<Row> rows;
  for (const FileResult& file : files_) {
    Row row;
    std::set<uint32_t> failed_lines;
    for (const CommandResult& result : file.commands) {
      row.Add(result);
      total.Add(result);
      if (result.outcome != Outcome::kFail) continue;
      failed_lines.insert(result.line);
      if (expectations.contains({file.name, result.line}) ||
          expectations.contains({file.name, kEveryLine})) {
        ++expected_failures;
        continue;
      }
      ++unexpected;
      out << file.name << ":" << result.line << ": " << ToString(result.kind)
          << ": " << result.detail << "\n";
    }
    for (auto at = expectations.lower_bound({file.name, 0});
         at != expectations.end() && at->first.first == file.name; ++at) {
      const uint32_t line = at->first.second;
      if (line == kEveryLine ? !failed_lines.empty()
                             : failed_lines.contains(line)) {
        continue;
      }
      ++unexpected;
      out << file.name << ":"
          << (line == kEveryLine ? "*" : std::to_string(line))
          << ": is expected to fail but does not: " << at->second << "\n";
    }
    rows.push_back(row);
  }
  PrintHeader(name_width, out);
  for (size_t i = 0; i < files_.size(); ++i) {
    PrintRow(files_[i].name, name_width, rows[i], out);
  }
  PrintRow("total", name_width, total, out);
  PrintSuspensions(files_, out);
  Count sum;
  for (const Count& count : total.counts) {
    sum.passed += count.passed;
    sum.tried += count.tried;
  }
  out << files_.size() << " files: " << sum.passed << " passed, "
      << sum.tried - sum.passed << " failed (" << expected_failures
      << " as expected), " << total.skipped << " skipped; " << unexpected
      << " unexpected\n";
  return unexpected == 0;
}

}  // namespace wasmd::spec
