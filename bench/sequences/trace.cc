// trace: runs a WASI command op by op, and writes which ops followed each other
// how often (op_map.h and op_runs.h say how). For train.py.
//
//   trace [--period N] [--dir PATH::GUEST_PATH]... X.wasm [ARGUMENT]... > FILE

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "bench/sequences/guest.h"
#include "bench/sequences/op_map.h"
#include "bench/sequences/op_runs.h"
#include "interp/exec/observed_loop.h"

namespace wasmd {
namespace {

struct Arguments {
  uint64_t period = 1;
  wasi::Options wasi;
};

std::optional<Arguments> Parse(int argc, char** argv) {
  Arguments arguments;
  int at = 1;
  for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
    const std::string_view option = argv[at];
    const std::string value = argv[at + 1];
    if (option == "--period") {
      arguments.period = std::strtoull(value.c_str(), nullptr, 10);
    } else if (option == "--dir" && value.find("::") != value.npos) {
      const size_t middle = value.find("::");
      arguments.wasi.preopens.push_back({.host_path = value.substr(0, middle),
                                         .guest_path = value.substr(middle + 2),
                                         .read_only = true});
    } else {
      return std::nullopt;
    }
  }
  arguments.wasi.arguments.assign(argv + at, argv + argc);
  if (at == argc || arguments.period == 0) return std::nullopt;
  return arguments;
}

absl::Status Trace(const Arguments& arguments) {
  const std::string& path = arguments.wasi.arguments[0];
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(StrCat("cannot read ", path));
  OpRuns runs(arguments.period);
  ObservedBackend backend(runs);
  std::unique_ptr<OpMap> ops;
  const absl::Status status = RunGuest(
      {.binary = {std::istreambuf_iterator<char>(file), {}},
       .options = arguments.wasi,
       .backend = &backend,
       .before_start = [&](const std::shared_ptr<TranslatedModule>& module) {
         ops = std::make_unique<OpMap>(module);
         runs.SetOps(ops.get());
       }});
  if (!status.ok()) return status;
  std::string text;
  ops->AppendText(&text);
  runs.AppendText(&text);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return absl::OkStatus();
}

}  // namespace
}  // namespace wasmd

int main(int argc, char** argv) {
  const auto arguments = wasmd::Parse(argc, argv);
  if (!arguments.has_value()) {
    std::fputs(
        "usage: trace [--period N] [--dir PATH::GUEST_PATH]... X.wasm "
        "[ARGUMENT]...\n",
        stderr);
    return 2;
  }
  const absl::Status status = wasmd::Trace(*arguments);
  if (status.ok()) return 0;
  std::fprintf(stderr, "trace: %s\n", status.ToString().c_str());
  return 1;
}
