// Writes golden snapshots: each program of programs.h, stopped half-way.
//
//   bazel run //snapshot:make_golden -- "$PWD/snapshot/testdata/v2"
//
// Files that are there already are left alone: a golden snapshot is never made
// anew.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "base/str_cat.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/process_file.h"
#include "snapshot/testing/programs.h"
#include "snapshot/testing/test_process.h"

namespace wasmd::testing {
namespace {

constexpr uint64_t kFuel = 3;

// Steps from the start of the program to its end.
int CountSteps(const Program& program) {
  TestProcess process(kGoldenStoreLimits);
  Start(program, kGoldenThreadLimits, process);
  int steps = 0;
  RunToEnd(process.process(), kFuel, [&steps] { ++steps; });
  return steps;
}

void WriteFile(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  CHECK(file.flush().good());
}

std::string ProcessFileOf(const RestoredProcess& process) {
  const auto snapshot = CaptureAll(process);
  CHECK(snapshot.ok());
  ProcessFileContents contents;
  contents.state = snapshot->state;
  for (InstanceAddr a = 0; a < process.store->instance_count(); ++a) {
    const Module& module = *process.store->instance(a).module;
    contents.modules[module.hash] = *module.binary;
  }
  std::string file;
  CHECK(WriteProcessFile(contents, PagesOf(*snapshot), [&file](ByteSpan piece) {
          file += AsText(piece);
          return absl::OkStatus();
        }).ok());
  return file;
}

void MakeGolden(const Program& program, const std::string& folder) {
  const std::string stem = StrCat(folder, "/", program.name);
  if (std::filesystem::exists(stem + ".process")) return;
  TestProcess process(kGoldenStoreLimits);
  Start(program, kGoldenThreadLimits, process);
  process.process().host_state = {{"kept", "by the host"}};
  for (int left = CountSteps(program) / 2; left > 0; --left) {
    Step(process.process(), kFuel);
  }
  WriteFile(stem + ".process", ProcessFileOf(process.process()));
  WriteFile(stem + ".wat", StrCat(program.wat, "\n"));
  if (!program.lib.empty()) {
    WriteFile(stem + ".lib.wat", StrCat(program.lib, "\n"));
  }
  WriteFile(stem + ".expected",
            RunToEnd(process.process(), std::nullopt, [] {}) + "\n");
  std::printf("%s\n", stem.c_str());
}

}  // namespace
}  // namespace wasmd::testing

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_golden FOLDER\n");
    return 2;
  }
  for (const auto& program : wasmd::testing::AllPrograms()) {
    wasmd::testing::MakeGolden(program, argv[1]);
  }
}
