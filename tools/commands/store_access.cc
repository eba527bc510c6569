#include "tools/commands/store_access.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "base/whole_number.h"
#include "tools/commands/command.h"

namespace wasmd {

namespace {

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

void KeyFlags::AddTo(Flags* flags) {
  flags->Add("--key-file", &file);
  flags->Add("--key-command", &command);
}

std::string KeyFlags::Words() const {
  std::string words;
  if (!file.empty()) StrAppend(&words, "--key-file ", ShellWord(file), " ");
  if (!command.empty()) {
    StrAppend(&words, "--key-command ", ShellWord(command), " ");
  }
  return words;
}

absl::StatusOr<std::optional<EncryptionKey>> KeyFlags::Read() const {
  KeyFlags from = *this;
  if (from.file.empty() && from.command.empty()) {
    from.file = Variable("WASMD_KEY_FILE");
    from.command = Variable("WASMD_KEY_COMMAND");
  }
  if (!from.file.empty() && !from.command.empty()) {
    return absl::InvalidArgumentError(
        "the key of the store comes from a file or from a command: give one of "
        "--key-file and --key-command");
  }
  if (!from.file.empty()) return ReadKeyFile(from.file);
  if (!from.command.empty()) return RunKeyCommand(from.command);
  return std::optional<EncryptionKey>();
}

absl::StatusOr<std::string> StoreDirectory(const std::string& flag) {
  if (!flag.empty()) return flag;
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && state[0] == '/') return StrCat(state, "/wasmd");
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] != '\0') {
    return StrCat(home, "/.local/state/wasmd");
  }
  return absl::FailedPreconditionError(
      "neither HOME nor XDG_STATE_HOME is set; choose a store with --store");
}

absl::StatusOr<std::unique_ptr<SharedStore>> OpenToWrite(
    const std::string& directory, const KeyFlags& key) {
  OpenOptions options;
  ASSIGN_OR_RETURN(options.key, key.Read());
  ASSIGN_OR_RETURN(std::unique_ptr<SharedStore> db,
                   SharedStore::Open(directory, options));
  std::error_code error;
  std::filesystem::create_directory(ShownDirectory(directory), error);
  if (error) {
    return absl::UnavailableError(
        StrCat(ShownDirectory(directory), ": ", error.message()));
  }
  // No failure: without it, what is taken goes through the store.
  std::filesystem::create_directory(TakenDirectory(directory), error);
  return db;
}

absl::StatusOr<std::unique_ptr<ProcessDb>> OpenToRead(
    const std::string& directory, const KeyFlags& key) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error) && !error) return nullptr;
  OpenOptions options;
  options.create_if_missing = false;
  options.read_only = true;
  ASSIGN_OR_RETURN(options.key, key.Read());
  absl::StatusOr<std::unique_ptr<ProcessDb>> db =
      ProcessDb::Open(directory, options);
  if (absl::IsNotFound(db.status())) return nullptr;
  return db;
}

std::string ShownDirectory(const std::string& directory) {
  return StrCat(directory, "/shown");
}

std::string TakenDirectory(const std::string& directory) {
  return StrCat(directory, "/taken");
}

void RemoveBesideStore(const std::string& directory, ProcessNumber process) {
  std::error_code ignored;  // most have nothing there
  std::filesystem::remove(StrCat(ShownDirectory(directory), "/", process),
                          ignored);
  std::filesystem::remove_all(StrCat(TakenDirectory(directory), "/", process),
                              ignored);
}

absl::StatusOr<ProcessNumber> FindProcess(ProcessDb& db, std::string_view id) {
  absl::StatusOr<ProcessNumber> found = db.FindProcess(id);
  if (found.ok() || !absl::IsNotFound(found.status())) return found;
  const std::optional<ProcessNumber> number = ParseWholeNumber(id);
  if (number.has_value() && db.GetRecord(*number).ok()) return *number;
  return absl::NotFoundError(
      StrCat("there is no process '", id, "'; `wasmd ps` lists them"));
}

absl::StatusOr<ProcessNumber> ClaimProcess(SharedStore& store,
                                           std::string_view id) {
  ASSIGN_OR_RETURN(const ProcessNumber number, FindProcess(store, id));
  const absl::Status claimed = store.Claim(number);
  if (absl::IsFailedPrecondition(claimed)) {
    return absl::FailedPreconditionError(
        StrCat(id,
               " is running: `wasmd pause` parks it, `wasmd cancel` ends "
               "it"));
  }
  RETURN_IF_ERROR(claimed);
  return number;
}

std::string ShellWord(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
      "_-./=:+,@%";
  if (!text.empty() &&
      text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') {
      word += "'\\''";
    } else {
      word.push_back(c);
    }
  }
  return word + "'";
}

int ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kInternal:
      return kExitDamaged;
    default:
      return kExitFailure;
  }
}

int Fail(const absl::Status& status) {
  return Fail(ExitCodeOf(status), ToStd(status.message()));
}

}  // namespace wasmd
