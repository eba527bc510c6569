// The store of a subcommand: which folder, opened how, and its processes by
// the names that people give them.

#ifndef WASMD_TOOLS_COMMANDS_STORE_ACCESS_H_
#define WASMD_TOOLS_COMMANDS_STORE_ACCESS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "store/encryption_key.h"
#include "store/process_db.h"
#include "store/sharing/shared_store.h"
#include "tools/commands/flags.h"

namespace wasmd {

// --key-file and --key-command: the key of an encrypted store. Where neither is
// given, WASMD_KEY_FILE and WASMD_KEY_COMMAND say it; else there is none.
struct KeyFlags {
  std::string file;
  std::string command;

  void AddTo(Flags* flags);
  // As words for a shell, each with a space behind it.
  std::string Words() const;
  // InvalidArgument if both are given; errors as ReadKeyFile, RunKeyCommand.
  absl::StatusOr<std::optional<EncryptionKey>> Read() const;
};

// `flag`, or the default store when it is empty. FailedPrecondition where there
// is no home to keep it in.
absl::StatusOr<std::string> StoreDirectory(const std::string& flag);

// For commands that change processes; makes the folder when it is not there.
// Works while another wasmd owns the store, too: what is changed then goes
// through that one. Claim a process before reading what is to be changed of it
// (shared_store.h).
absl::StatusOr<std::unique_ptr<SharedStore>> OpenToWrite(
    const std::string& directory, const KeyFlags& key = {});
// For commands that look; works while another wasmd owns the store. Null where
// there is no store yet.
absl::StatusOr<std::unique_ptr<ProcessDb>> OpenToRead(
    const std::string& directory, const KeyFlags& key = {});

// Where EngineOptions::shown_directory is for a store, and taken_directory, but
// for an encrypted one, beside which no input of processes is to be.
std::string ShownDirectory(const std::string& directory);
std::string TakenDirectory(const std::string& directory);
// What is there of a process that will not run any more.
void RemoveBesideStore(const std::string& directory, ProcessNumber process);

// By name, or by number when no process has that name. NotFound otherwise.
absl::StatusOr<ProcessNumber> FindProcess(ProcessDb& db, std::string_view id);

// FindProcess, and claims it. FailedPrecondition, saying what to do, if another
// wasmd runs it.
absl::StatusOr<ProcessNumber> ClaimProcess(SharedStore& store,
                                           std::string_view id);

// As a word for a shell: in quotes where it needs them.
std::string ShellWord(std::string_view text);

// The exit code for a failure of the store or of a process in it.
int ExitCodeOf(const absl::Status& status);
// Prints it and returns that exit code.
int Fail(const absl::Status& status);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_STORE_ACCESS_H_
