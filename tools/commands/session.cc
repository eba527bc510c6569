#include "tools/commands/session.h"

#include <errno.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "tools/commands/command.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

constexpr int kExitOutputClosed = 141;  // as for a program ended by SIGPIPE

void PrintError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

// A guest's exit code as this program's, of which there are 8 bits.
int ToExitCode(int32_t code) {
  const int low = code & 0xFF;
  return code != 0 && low == 0 ? kExitFailure : low;
}

using OnHostCall = decltype(EngineOptions::on_host_call);

// What --trace and --trace-file ask for; null for nothing.
absl::StatusOr<OnHostCall> MakeTrace(const SessionFlags& flags) {
  if (flags.trace.empty()) {
    if (flags.trace_file.empty()) return OnHostCall();
    return absl::InvalidArgumentError("--trace-file needs --trace=imports");
  }
  if (flags.trace != "imports") {
    return absl::InvalidArgumentError(
        StrCat("--trace is imports, not '", flags.trace, "'"));
  }
  std::shared_ptr<std::FILE> file(stderr, [](std::FILE*) {});
  if (!flags.trace_file.empty()) {
    // Added to, so that a run and its resumes can share it.
    std::FILE* opened = std::fopen(flags.trace_file.c_str(), "ae");
    if (opened == nullptr) {
      return absl::InvalidArgumentError(StrCat(
          "--trace-file ", flags.trace_file, ": ", std::strerror(errno)));
    }
    file = std::shared_ptr<std::FILE>(opened, std::fclose);
  }
  return [file](const ProcessRecord& process, const std::string& call) {
    const std::string line = StrCat(process.name(), ": ", call, "\n");
    // At once: the program may be killed at any time.
    std::fwrite(line.data(), 1, line.size(), file.get());
    std::fflush(file.get());
  };
}

}  // namespace

void SessionFlags::AddTo(Flags* flags) {
  flags->Add("--store", &store);
  key.AddTo(flags);
  flags->Add("--sync", &sync);
  flags->Add("--stdin", &input);
  flags->Add("--trace", &trace);
  flags->Add("--trace-file", &trace_file);
}

absl::StatusOr<ProcessOptions::Sync> SyncToKeep(const SessionFlags& flags) {
  if (flags.sync.empty()) return ProcessOptions::DEFAULT;
  if (flags.sync == "strict") return ProcessOptions::STRICT;
  if (flags.sync == "group") return ProcessOptions::GROUP;
  if (flags.sync == "process") return ProcessOptions::PROCESS;
  if (flags.sync == "none") return ProcessOptions::NONE;
  return absl::InvalidArgumentError(StrCat(
      "--sync is strict, group, process or none, not '", flags.sync, "'"));
}

absl::StatusOr<ProcessOptions::StandardInput> InputToKeep(
    const SessionFlags& flags) {
  if (flags.input.empty() || flags.input == "inherit") {
    return ProcessOptions::INHERIT;
  }
  if (flags.input == "queue") return ProcessOptions::QUEUE;
  return absl::InvalidArgumentError(
      StrCat("--stdin is inherit or queue, not '", flags.input, "'"));
}

void UseDirectory(const std::string& directory, EngineOptions* options) {
  options->shown_directory = ShownDirectory(directory);
  std::error_code error;
  const std::string taken = TakenDirectory(directory);
  const bool is_encrypted =
      std::filesystem::exists(StrCat(directory, "/ENCRYPTION"), error);
  if (!is_encrypted && !error && std::filesystem::is_directory(taken, error)) {
    options->taken_directory = taken;
  }
}

absl::StatusOr<EngineOptions> MakeEngineOptions(const SessionFlags& flags) {
  EngineOptions options;
  ASSIGN_OR_RETURN(const ProcessOptions::Sync sync, SyncToKeep(flags));
  if (sync != ProcessOptions::DEFAULT) options.sync = SyncLevelOf(sync);
  ASSIGN_OR_RETURN(const ProcessOptions::StandardInput input,
                   InputToKeep(flags));
  if (!flags.input.empty()) options.standard_input = input;
  ASSIGN_OR_RETURN(options.on_host_call, MakeTrace(flags));
  const char* kill_point = std::getenv("WASMD_KILL_POINT");
  if (kill_point != nullptr) {
    ASSIGN_OR_RETURN(options.kill_points, KillPoints::Parse(kill_point));
  }
  return options;
}

Session::Session(Engine& engine, SharedStore* store, SignalWatcher& signals,
                 std::string store_flag, KeyFlags key)
    : engine_(engine),
      store_(store),
      signals_(signals),
      store_flag_(std::move(store_flag)),
      key_(std::move(key)),
      scheduler_(
          engine, SchedulerOptions(),
          [this](const Scheduler::Report& report) { OnEnd(report); },
          [](const ProcessRecord& record, const std::string& warning) {
            PrintError(StrCat("wasmd: ", record.name(), ": ", warning, "\n"));
          }) {}

Session::~Session() {
  if (store_ == nullptr) return;
  store_->SetOnInput(nullptr);
  store_->SetOnStop(nullptr);
}

int Session::Run() {
  signals_.Start([this] { scheduler_.RequestStop(); });
  if (store_ != nullptr) {
    store_->SetOnInput(
        [this](ProcessNumber process) { scheduler_.TellOfInput(process); });
    store_->SetOnStop([this](ProcessNumber process, StopKind kind) {
      if (kind == StopKind::kCancel) {
        scheduler_.RequestCancel(process);
      } else {
        scheduler_.RequestPause(process);
      }
    });
  }
  scheduler_.Run();
  return exit_code_;
}

void Session::OnEnd(const Scheduler::Report& report) {
  const int code = Describe(report);
  if (exit_code_ == 0) exit_code_ = code;
  if (store_ != nullptr) store_->Release(report.number);
}

int Session::Describe(const Scheduler::Report& report) const {
  const ProcessRecord& record = report.record;
  const bool is_kept = engine_.db != nullptr;
  switch (report.end) {
    case Scheduler::End::kFinished:
      if (record.status() == CANCELLED) {
        PrintError(StrCat("wasmd: ", record.name(), " was cancelled\n"));
        return kExitCancelled;
      }
      if (record.failure_stack().empty() && record.exit_code() != 134) {
        return ToExitCode(record.exit_code());
      }
      PrintError(
          StrCat("wasmd: ", record.name(), ": ", record.failure(), "\n"));
      for (const std::string& line : record.failure_stack()) {
        PrintError(StrCat("    ", line, "\n"));
      }
      return ToExitCode(record.exit_code());
    case Scheduler::End::kParked: {
      const bool is_closed = !report.output_status.ok();
      const std::string why =
          is_closed ? StrCat(ToStd(report.output_status.message()), "; ") : "";
      PrintError(is_kept ? StrCat("wasmd: ", why, record.name(),
                                  " is parked; go on with: ",
                                  ResumeCommand(record.name()), "\n")
                         : StrCat("wasmd: ", why, "stopped\n"));
      return is_closed ? kExitOutputClosed : kExitParked;
    }
    case Scheduler::End::kError:
      PrintError(StrCat("wasmd: ", record.name(), ": ",
                        ToStd(report.status.message()), "\n"));
      if (is_kept && report.number != 0) {
        PrintError(StrCat("wasmd: ", record.name(),
                          " is kept as it was last saved; go on with: ",
                          ResumeCommand(record.name()), "\n"));
      }
      return ExitCodeOf(report.status);
  }
  return kExitFailure;
}

std::string Session::ResumeCommand(const std::string& name) const {
  // tools/wasmd passes on under which name it was called.
  std::string command = StrCat(ShellWord(program_invocation_name), " resume ");
  if (!store_flag_.empty()) {
    StrAppend(&command, "--store ", ShellWord(store_flag_), " ");
  }
  return command + key_.Words() + ShellWord(name);
}

}  // namespace wasmd
