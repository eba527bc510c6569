// Report: what became of each command of each script, as a table by file and by
// kind of command, and whether that is what was expected.

#ifndef WASMD_SPEC_TESTS_REPORT_H_
#define WASMD_SPEC_TESTS_REPORT_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "spec-tests/expectations.h"
#include "spec-tests/suspension_count.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {

enum class Outcome : uint8_t { kPass, kFail, kSkip };

// What became of one command.
struct CommandResult {
  uint32_t line = 0;
  WastCommand::Kind kind = WastCommand::Kind::kModule;
  Outcome outcome = Outcome::kPass;
  std::string detail;  // one line: why it failed
};

struct FileResult {
  std::string name;
  std::vector<CommandResult> commands;
  SuspensionCount suspensions = {};
};

class Report {
 public:
  void Add(FileResult file) { files_.push_back(std::move(file)); }

  // Prints each unexpected result, then the table, whose cells are commands
  // passed of commands tried, then what was suspended, if anything, and one
  // line that sums up. Results that agree
  // with `expectations` are counted there. True if there was nothing
  // unexpected: no failure that is not in the list, no entry of the list, for a
  // file that was run, that did not fail.
  bool Print(const Expectations& expectations, std::ostream& out) const;

 private:
  std::vector<FileResult> files_;
};

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_REPORT_H_
