#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/whole_number.h"
#include "runtime/engine.h"
#include "runtime/journal.h"
#include "runtime/module_loader.h"
#include "runtime/outside.h"
#include "runtime/process.h"
#include "runtime/process_options.pb.h"
#include "store/sharing/shared_store.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/clone.h"
#include "tools/commands/flags.h"
#include "tools/commands/leave.h"
#include "tools/commands/session.h"
#include "tools/commands/signal_watcher.h"
#include "tools/commands/store_access.h"
#include "wasi/tcp.h"

namespace wasmd {
namespace {

struct RunFlags {
  SessionFlags session;
  std::string id;
  std::string from;
  std::string invoke;
  std::vector<std::string> directories;
  std::vector<std::string> environment;
  std::vector<std::string> links;
  std::vector<std::string> listeners;
  std::string max_memory;
  std::string max_stack;
  std::string checkpoint_fuel;
  std::string history;
  std::string history_states;
  std::string history_age;
  std::string history_bytes;
  std::string history_fuel;
  bool is_ephemeral = false;

  void AddTo(Flags* flags) {
    session.AddTo(flags);
    flags->Add("--id", &id);
    flags->Add("--from", &from);
    flags->Add("--invoke", &invoke);
    flags->Add("--dir", &directories);
    flags->Add("--env", &environment);
    flags->Add("--link", &links);
    flags->Add("--tcplisten", &listeners);
    flags->Add("--max-memory", &max_memory);
    flags->Add("--max-stack", &max_stack);
    flags->Add("--ephemeral", &is_ephemeral);
    flags->Add("--checkpoint-fuel", &checkpoint_fuel);
    flags->Add("--history", &history);
    flags->Add("--history-states", &history_states);
    flags->Add("--history-age", &history_age);
    flags->Add("--history-bytes", &history_bytes);
    flags->Add("--history-fuel", &history_fuel);
  }
};

// A clone has all but its name from the process it comes from.
absl::Status CheckFromAlone(const RunFlags& flags,
                            const std::vector<std::string>& operands) {
  if (operands.empty() && flags.invoke.empty() && flags.directories.empty() &&
      flags.environment.empty() && flags.links.empty() &&
      flags.listeners.empty() && flags.max_memory.empty() &&
      flags.max_stack.empty() && !flags.is_ephemeral) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "--from takes no module and no arguments or options for one: all is as "
      "in the process that is cloned");
}

// HOST, HOST::GUEST or HOST::GUEST::ro.
absl::StatusOr<ProcessOptions::Preopen> ParseDirectory(std::string_view text) {
  ProcessOptions::Preopen preopen;
  const size_t colons = text.find("::");
  std::string_view host = text.substr(0, colons);
  std::string_view guest = host;
  if (colons != std::string_view::npos) {
    guest = text.substr(colons + 2);
    if (guest.ends_with("::ro")) {
      preopen.set_read_only(true);
      guest.remove_suffix(4);
    }
  }
  if (host.empty() || guest.empty()) {
    return absl::InvalidArgumentError(StrCat(
        "--dir is HOST, HOST::GUEST or HOST::GUEST::ro, not '", text, "'"));
  }
  // The process may be resumed from anywhere.
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(host, error);
  if (error) {
    return absl::InvalidArgumentError(
        StrCat("--dir ", text, ": ", error.message()));
  }
  preopen.set_host_path(path.lexically_normal().string());
  preopen.set_guest_path(std::string(guest));
  return preopen;
}

// KEY=VALUE, or KEY for the value it has here.
absl::StatusOr<std::string> ParseVariable(const std::string& text) {
  if (text.empty() || text[0] == '=') {
    return absl::InvalidArgumentError(
        StrCat("--env is KEY=VALUE or KEY, not '", text, "'"));
  }
  if (text.find('=') != std::string::npos) return text;
  const char* value = std::getenv(text.c_str());
  if (value == nullptr) {
    return absl::InvalidArgumentError(
        StrCat("--env ", text, ": it is not set here"));
  }
  return StrCat(text, "=", value);
}

// Bytes, with K, M or G for the powers of 1024.
absl::StatusOr<uint64_t> ParseSize(std::string_view option,
                                   std::string_view text) {
  if (text.empty()) return 0;
  std::string_view unit = text;
  const uint64_t value = TakeWholeNumber(&unit).value_or(0);
  unsigned shift = 0;
  if (unit == "K") shift = 10;
  if (unit == "M") shift = 20;
  if (unit == "G") shift = 30;
  if ((shift == 0 && !unit.empty()) || value == 0 ||
      value > (uint64_t{1} << 40) >> shift) {
    return absl::InvalidArgumentError(
        StrCat(option, " is a number of bytes such as 64M, not '", text, "'"));
  }
  return value << shift;
}

absl::StatusOr<uint64_t> ParseNumber(std::string_view option,
                                     std::string_view text) {
  if (const std::optional<uint64_t> number = ParseWholeNumber(text)) {
    return *number;
  }
  return absl::InvalidArgumentError(
      StrCat(option, " is a number, not '", text, "'"));
}

// "90s", "10m", "12h" or "7d", in ns.
absl::StatusOr<int64_t> ParseAge(std::string_view option,
                                 std::string_view text) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  constexpr uint64_t kMostSeconds = uint64_t{100} * 366 * 24 * 3600;
  std::string_view unit = text;
  const uint64_t value = TakeWholeNumber(&unit).value_or(0);
  const uint64_t seconds = unit == "s"   ? 1
                           : unit == "m" ? 60
                           : unit == "h" ? 3600
                           : unit == "d" ? 24 * 3600
                                         : 0;
  if (seconds == 0 || value == 0 || value > kMostSeconds / seconds) {
    return absl::InvalidArgumentError(StrCat(
        option, " is a time such as 90s, 10m, 12h or 7d, not '", text, "'"));
  }
  return static_cast<int64_t>(value * seconds) * kSecondNs;
}

// Which states are kept to go back to.
absl::Status SetKeptStates(const RunFlags& flags, ProcessOptions* options) {
  // Where the journal has a limit.
  constexpr uint64_t kDefaultCount = 100;
  const bool is_wanted =
      !flags.history_states.empty() || !flags.history_age.empty() ||
      !flags.history_bytes.empty() || !flags.history_fuel.empty() ||
      (!flags.history.empty() && flags.history != "0");
  if (!is_wanted || flags.history_states == "0") return absl::OkStatus();
  ProcessOptions::KeptStates& kept = *options->mutable_kept_states();
  if (flags.history_states.empty()) {
    kept.set_max_count(flags.history == "all" ? 0 : kDefaultCount);
  } else if (flags.history_states != "all") {
    ASSIGN_OR_RETURN(const uint64_t count,
                     ParseNumber("--history-states", flags.history_states));
    kept.set_max_count(count);
  }
  if (!flags.history_age.empty()) {
    ASSIGN_OR_RETURN(const int64_t age_ns,
                     ParseAge("--history-age", flags.history_age));
    kept.set_max_age_ns(age_ns);
  }
  ASSIGN_OR_RETURN(const uint64_t bytes,
                   ParseSize("--history-bytes", flags.history_bytes));
  kept.set_max_bytes(bytes);
  if (!flags.history_fuel.empty()) {
    ASSIGN_OR_RETURN(const uint64_t fuel,
                     ParseNumber("--history-fuel", flags.history_fuel));
    kept.set_interval_fuel(fuel);
  }
  return absl::OkStatus();
}

absl::Status SetJournalOptions(const RunFlags& flags, ProcessOptions* options) {
  if (!flags.checkpoint_fuel.empty()) {
    ASSIGN_OR_RETURN(const uint64_t fuel,
                     ParseNumber("--checkpoint-fuel", flags.checkpoint_fuel));
    options->set_checkpoint_fuel(fuel);
  }
  RETURN_IF_ERROR(SetKeptStates(flags, options));
  if (flags.history == "all") {
    options->set_history_bytes(Journal::kKeepAll);
  } else if (flags.history == "0") {
    options->set_history_bytes(0);
  } else if (!flags.history.empty()) {
    ASSIGN_OR_RETURN(const uint64_t bytes,
                     ParseSize("--history", flags.history));
    options->set_history_bytes(bytes);
  }
  return absl::OkStatus();
}

absl::StatusOr<LaunchRequest> MakeRequest(const RunFlags& flags,
                                          std::vector<std::string> operands) {
  if (operands.empty()) {
    return absl::InvalidArgumentError("name a module to run");
  }
  LaunchRequest request;
  request.name = flags.id;
  request.invoke = flags.invoke;
  request.module_path = operands[0];
  operands.erase(operands.begin());
  if (!operands.empty() && operands[0] == "--") {
    operands.erase(operands.begin());
  }
  request.arguments = std::move(operands);
  if (flags.invoke.empty()) {
    const std::filesystem::path path(request.module_path);
    request.arguments.insert(request.arguments.begin(),
                             path.filename().string());
  }
  for (const std::string& variable : flags.environment) {
    ASSIGN_OR_RETURN(*request.options.add_environment(),
                     ParseVariable(variable));
  }
  for (const std::string& directory : flags.directories) {
    ASSIGN_OR_RETURN(*request.options.add_preopens(),
                     ParseDirectory(directory));
  }
  for (const std::string& address : flags.listeners) {
    RETURN_IF_ERROR(wasi::CheckTcpAddress(address));
    request.options.add_listeners(address);
  }
  ASSIGN_OR_RETURN(const uint64_t memory_bytes,
                   ParseSize("--max-memory", flags.max_memory));
  request.options.set_max_memory_bytes(memory_bytes);
  ASSIGN_OR_RETURN(const uint64_t stack_bytes,
                   ParseSize("--max-stack", flags.max_stack));
  request.options.set_stack_bytes(stack_bytes);
  ASSIGN_OR_RETURN(const ProcessOptions::Sync sync, SyncToKeep(flags.session));
  request.options.set_sync(sync);
  ASSIGN_OR_RETURN(const ProcessOptions::StandardInput input,
                   InputToKeep(flags.session));
  request.options.set_standard_input(input);
  RETURN_IF_ERROR(SetJournalOptions(flags, &request.options));
  return request;
}

// A module to load: the main one, or one to link under a name.
struct ModuleFile {
  std::string link_name;
  std::string path;
  ModuleBinary binary;
};

// Those of --link, then the main one; nothing is read yet. InvalidArgument for
// a --link that is not NAME=FILE.
absl::StatusOr<std::vector<ModuleFile>> ModuleFilesOf(
    const RunFlags& flags, const std::string& main_path) {
  std::vector<ModuleFile> files;
  for (const std::string& link : flags.links) {
    const size_t equals = link.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return absl::InvalidArgumentError(
          StrCat("--link is NAME=FILE, not '", link, "'"));
    }
    files.push_back({link.substr(0, equals), link.substr(equals + 1), {}});
  }
  files.push_back({"", main_path, {}});
  return files;
}

// The exit code is kExitOk if all could be read; else it was reported. Their
// hashes are for the store.
int ReadModules(bool with_hashes, std::vector<ModuleFile>* files) {
  for (ModuleFile& file : *files) {
    absl::StatusOr<std::vector<uint8_t>> bytes = ReadFile(file.path);
    if (!bytes.ok()) return Fail(kExitFailure, ToStd(bytes.status().message()));
    absl::StatusOr<std::vector<uint8_t>> binary = ToBinary(*std::move(bytes));
    if (!binary.ok()) {
      return Fail(kExitInvalidModule,
                  StrCat(file.path, ": ", ToStd(binary.status().message())));
    }
    if (with_hashes) {
      file.binary = HashMeanwhile(*std::move(binary));
    } else {
      file.binary.bytes =
          std::make_shared<const std::vector<uint8_t>>(*std::move(binary));
    }
  }
  return kExitOk;
}

// The exit code when a process cannot be launched.
int LaunchExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
      return kExitInvalidModule;
    default:
      return ExitCodeOf(status);
  }
}

// The message of an error names the file.
absl::StatusOr<std::unique_ptr<Process>> Launch(Engine& engine,
                                                std::vector<ModuleFile> files,
                                                LaunchRequest request) {
  const auto in_file = [](const std::string& path, const absl::Status& status) {
    return absl::Status(status.code(),
                        StrCat(path, ": ", ToStd(status.message())));
  };
  for (ModuleFile& file : files) {
    auto module = engine.modules.Load(std::move(file.binary));
    if (!module.ok()) return in_file(file.path, module.status());
    request.links.push_back({std::move(file.link_name), *std::move(module)});
  }
  const auto main = std::move(request.links.back().module);
  request.links.pop_back();
  auto process = Process::Launch(engine, request, main);
  if (!process.ok()) return in_file(request.module_path, process.status());
  return process;
}

int RunFrom(const RunFlags& flags, const std::vector<std::string>& operands,
            SignalWatcher& signals) {
  const absl::Status alone = CheckFromAlone(flags, operands);
  if (!alone.ok()) return UsageError(kRunCommand, ToStd(alone.message()));
  const absl::StatusOr<EngineOptions> options =
      MakeEngineOptions(flags.session);
  if (!options.ok()) {
    return UsageError(kRunCommand, ToStd(options.status().message()));
  }
  return RunClone(flags.session, flags.from, flags.id, *options, signals);
}

int Run(std::span<const std::string> arguments) {
  SignalWatcher signals;
  RunFlags run_flags;
  Flags flags;
  run_flags.AddTo(&flags);
  std::vector<std::string> operands;
  if (absl::Status parsed = flags.Parse(arguments, &operands); !parsed.ok()) {
    return UsageError(kRunCommand, ToStd(parsed.message()));
  }
  if (run_flags.is_ephemeral && run_flags.session.input == "queue") {
    return UsageError(kRunCommand,
                      "--stdin queue needs a store, and --ephemeral has none");
  }
  if (!run_flags.from.empty()) return RunFrom(run_flags, operands, signals);
  absl::StatusOr<LaunchRequest> request =
      MakeRequest(run_flags, std::move(operands));
  if (!request.ok()) {
    return UsageError(kRunCommand, ToStd(request.status().message()));
  }
  absl::StatusOr<EngineOptions> options = MakeEngineOptions(run_flags.session);
  if (!options.ok()) {
    return UsageError(kRunCommand, ToStd(options.status().message()));
  }
  absl::StatusOr<std::vector<ModuleFile>> files =
      ModuleFilesOf(run_flags, request->module_path);
  if (!files.ok()) {
    return UsageError(kRunCommand, ToStd(files.status().message()));
  }
  if (const int code = ReadModules(!run_flags.is_ephemeral, &*files);
      code != kExitOk) {
    return code;
  }

  std::unique_ptr<SharedStore> db;
  if (!run_flags.is_ephemeral) {
    const absl::StatusOr<std::string> directory =
        StoreDirectory(run_flags.session.store);
    if (!directory.ok()) return Fail(directory.status());
    absl::StatusOr<std::unique_ptr<SharedStore>> opened =
        OpenToWrite(*directory, run_flags.session.key);
    if (!opened.ok()) return Fail(opened.status());
    db = *std::move(opened);
    UseDirectory(*directory, &*options);
  }
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/true);
  Engine engine(db.get(), *outside, *options);
  absl::StatusOr<std::unique_ptr<Process>> process =
      Launch(engine, *std::move(files), *std::move(request));
  if (!process.ok()) {
    return Fail(LaunchExitCode(process.status()),
                ToStd(process.status().message()));
  }
  Session session(engine, db.get(), signals, run_flags.session.store,
                  run_flags.session.key);
  session.scheduler().Add(*std::move(process));
  const int code = session.Run();
  if (db == nullptr) Leave(code);
  return code;
}

}  // namespace

const Command kRunCommand = {
    .name = "run",
    .synopsis = "[OPTIONS] MODULE [ARGUMENTS] | --from ID",
    .summary = "run a module (.wasm or .wat) as a durable process",
    .details =
        R"(The program sees ARGUMENTS, the variables of --env and the folders
of --dir, and nothing else of this machine. Ctrl-C parks it; `wasmd resume`
goes on.

    --id NAME       name of the process (default: made from MODULE)
    --from ID       a clone of this parked process, instead of a module: see
                    `wasmd help clone`
    --dir HOST[::GUEST[::ro]]
                    the folder HOST as GUEST (default: the same path)
    --env KEY[=VALUE]
                    an environment variable; without VALUE, as it is here
    --link NAME=FILE
                    a module whose exports the program, and modules linked
                    after it, import from NAME; several are linked in order
    --tcplisten ADDRESS:PORT
                    a TCP listener, opened and handed to the program as a
                    descriptor after those of --dir; the only sockets there are
    --stdin SOURCE  inherit (the default): what `wasmd input` appends, and then
                    what this command has as standard input; queue: only the
                    former. A read that finds nothing waits for more; `wasmd
                    input --close` ends it. Kept with the process
    --invoke NAME   call this exported function with ARGUMENTS, and print its
                    results, instead of _start
    --ephemeral     keep nothing: an ordinary, not durable run
    --max-memory SIZE, --max-stack SIZE
                    limits of each memory (4G) and of the call stack (16M)
    --sync LEVEL    what is on disk before output is shown and files are
                    changed: strict or group (the default): everything, synced;
                    process: written, not synced (survives the end of wasmd,
                    not of the machine); none: saved now and then only. Kept
                    with the process
    --checkpoint-fuel N
                    save a state only when so many calls and loop rounds came
                    after the last one; else a commit is the journal alone, to
                    be run again by a resume. 0: always a state. Without it,
                    what costs less. Kept with the process
    --history SIZE|all
                    how much of the journal is kept for `wasmd history`
                    (default: 64K; 0: what a resume needs), and that states are
                    kept too, to which `wasmd rewind`, `fork --at` and `diff`
                    go back. Kept with the process, as the following are
    --history-states N|all
                    how many (default: the newest 100; all with --history all)
    --history-age TIME
                    for how long: 90s, 10m, 12h, 7d (default: for ever)
    --history-bytes SIZE
                    how much they, and what changed since, may take in all
    --history-fuel N
                    how often: after so many calls and loop rounds (default:
                    200,000,000, about a second of running)
    --trace=imports show each call of a host function on stderr: its
                    arguments, its results and how long it took
    --trace-file FILE
                    show them there instead, after what is there
    --store DIR     the store (default: $XDG_STATE_HOME/wasmd, or
                    ~/.local/state/wasmd)
    --key-file FILE, --key-command COMMAND
                    the key of the store: what the file has or the command
                    prints, 64 hexadecimal digits or 32 bytes. A store that is
                    made with a key is encrypted. Without them: what
                    WASMD_KEY_FILE or WASMD_KEY_COMMAND say. All commands that
                    use a store know them
)",
    .run = Run,
};

}  // namespace wasmd
