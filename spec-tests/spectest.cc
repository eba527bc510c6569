// spectest: runs scripts of the WebAssembly test suite (.wast).

#include <charconv>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "spec-tests/conformance.h"
#include "spec-tests/name_filter.h"
#include "spec-tests/suite.h"

namespace wasmd::spec {
namespace {

constexpr std::string_view kUsage =
    "usage: spectest [OPTION...] [DIR|FILE...]\n"
    "Runs .wast scripts; without any, the official test suite, which is\n"
    "looked for in $WASM_TESTSUITE and in ../shared/spec-testsuite.\n"
    "  --static             only parse, decode and validate\n"
    "  --suspend-every=N    take the store apart at every Nth safepoint\n"
    "  --filter=RE          only files whose name matches\n"
    "  --expectations=FILE  the list of expected failures; default:\n"
    "                       spec-tests/expectations/CONFIGURATION.txt\n"
    "Exit code: 0 if every result is as expected, 1 if not, 2 if it cannot\n"
    "run.\n";

// "--name=value", or "--name" and the next argument.
std::optional<std::string> TakeValue(std::string_view name, int argc,
                                     char** argv, int* at) {
  const std::string_view argument = argv[*at];
  if (argument == name && *at + 1 < argc) return argv[++*at];
  if (!argument.starts_with(StrCat(name, "="))) return std::nullopt;
  return std::string(argument.substr(name.size() + 1));
}

absl::StatusOr<uint64_t> ParseCount(const std::string& text) {
  uint64_t count = 0;
  const char* end = text.data() + text.size();
  const std::from_chars_result result =
      std::from_chars(text.data(), end, count);
  if (result.ec != std::errc() || result.ptr != end || count == 0) {
    return absl::InvalidArgumentError(
        StrCat("--suspend-every: want a number above 0, not ", text));
  }
  return count;
}

absl::StatusOr<ConformanceOptions> ParseOptions(int argc, char** argv) {
  ConformanceOptions options;
  options.workspace = FindWorkspace();
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--static") {
      options.is_static = true;
    } else if (auto count = TakeValue("--suspend-every", argc, argv, &i)) {
      ASSIGN_OR_RETURN(options.suspend_every, ParseCount(*count));
    } else if (auto filter = TakeValue("--filter", argc, argv, &i)) {
      ASSIGN_OR_RETURN(options.filter, NameFilter::Create(*filter));
    } else if (auto file = TakeValue("--expectations", argc, argv, &i)) {
      options.expectations = *file;
    } else if (argument.starts_with("-")) {
      return absl::InvalidArgumentError(
          StrCat("unknown option ", argument, "; see --help"));
    } else {
      options.paths.emplace_back(argument);
    }
  }
  return options;
}

bool WantsHelp(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--help" || argument == "-h") return true;
  }
  return false;
}

int Main(int argc, char** argv) {
  if (WantsHelp(argc, argv)) {
    std::cout << kUsage;
    return 0;
  }
  const absl::StatusOr<ConformanceOptions> options = ParseOptions(argc, argv);
  const absl::StatusOr<bool> as_expected =
      options.ok() ? RunConformance(*options, std::cout)
                   : absl::StatusOr<bool>(options.status());
  if (!as_expected.ok()) {
    std::cerr << "spectest: " << as_expected.status().message() << "\n";
    return 2;
  }
  return *as_expected ? 0 : 1;
}

}  // namespace
}  // namespace wasmd::spec

int main(int argc, char** argv) { return wasmd::spec::Main(argc, argv); }
