// `wasmd input`: appends to what a process reads as its standard input.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/owned_fd.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/append_input.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/flags.h"
#include "tools/commands/json.h"
#include "tools/commands/store_access.h"

namespace wasmd {
namespace {

struct InputFlags {
  std::string store;
  KeyFlags key;
  std::string file;
  bool closes = false;
  bool without_newline = false;
  bool json_wanted = false;

  void AddTo(Flags* flags) {
    flags->Add("--store", &store);
    key.AddTo(flags);
    flags->Add("--file", &file);
    flags->Add("--close", &closes);
    flags->Add("-n", &without_newline);
    flags->Add("--json", &json_wanted);
  }
};

absl::Status ReadError(const std::string& what) {
  return absl::UnavailableError(StrCat(what, ": ", std::strerror(errno)));
}

// Appends to one process, and counts.
class Appender {
 public:
  Appender(ProcessDb& db, ProcessNumber process) : db_(db), process_(process) {}

  // In pieces, each of which is there or not.
  absl::Status Append(std::string_view text) {
    while (!text.empty()) {
      const std::string_view piece = text.substr(0, kMaxInputWriteBytes);
      ASSIGN_OR_RETURN(
          end_, AppendInput(db_, process_, AsBytes(piece), /*closes=*/false));
      appended_ += piece.size();
      text.remove_prefix(piece.size());
    }
    return absl::OkStatus();
  }

  // All that `fd` gives, in bounded memory; what comes now and then is appended
  // as it comes.
  absl::Status AppendFrom(int fd, const std::string& name) {
    std::string buffer(kMaxInputWriteBytes, '\0');
    for (bool has_ended = false; !has_ended;) {
      size_t size = 0;
      do {
        const ssize_t read =
            ::read(fd, buffer.data() + size, buffer.size() - size);
        if (read < 0 && errno == EINTR) continue;
        if (read < 0) return ReadError(name);
        has_ended = read == 0;
        size += static_cast<size_t>(read);
      } while (!has_ended && size < buffer.size() && HasMore(fd));
      RETURN_IF_ERROR(Append(std::string_view(buffer).substr(0, size)));
    }
    return absl::OkStatus();
  }

  absl::Status Close() {
    ASSIGN_OR_RETURN(end_, AppendInput(db_, process_, {}, /*closes=*/true));
    return absl::OkStatus();
  }

  uint64_t appended() const { return appended_; }
  uint64_t end() const { return end_; }

 private:
  static bool HasMore(int fd) {
    pollfd ready = {fd, POLLIN, 0};
    return poll(&ready, 1, 0) > 0;
  }

  ProcessDb& db_;
  const ProcessNumber process_;
  uint64_t appended_ = 0;
  uint64_t end_ = 0;
};

absl::Status AppendAll(const InputFlags& flags,
                       const std::vector<std::string>& words,
                       Appender& appender) {
  const bool is_stdin = flags.file == "-" ||
                        (words.size() == 1 && words[0] == "-") ||
                        (flags.file.empty() && words.empty() && !flags.closes);
  if (is_stdin) {
    RETURN_IF_ERROR(appender.AppendFrom(STDIN_FILENO, "standard input"));
  } else if (!flags.file.empty()) {
    const OwnedFd file(::open(flags.file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return ReadError(flags.file);
    RETURN_IF_ERROR(appender.AppendFrom(file.get(), flags.file));
  } else if (!words.empty()) {
    std::string text = words[0];
    for (size_t i = 1; i < words.size(); ++i) StrAppend(&text, " ", words[i]);
    if (!flags.without_newline) text.push_back('\n');
    RETURN_IF_ERROR(appender.Append(text));
  }
  return flags.closes ? appender.Close() : absl::OkStatus();
}

int Input(std::span<const std::string> arguments) {
  InputFlags input;
  Flags flags;
  input.AddTo(&flags);
  flags.AllowAfterOperands();
  std::vector<std::string> operands;
  if (absl::Status parsed = flags.Parse(arguments, &operands); !parsed.ok()) {
    return UsageError(kInputCommand, ToStd(parsed.message()));
  }
  if (operands.empty()) return UsageError(kInputCommand, "give a process");
  const std::string id = operands[0];
  operands.erase(operands.begin());
  if (!input.file.empty() && !operands.empty()) {
    return UsageError(kInputCommand, "give a text, or a file");
  }
  const absl::StatusOr<std::string> directory = StoreDirectory(input.store);
  if (!directory.ok()) return Fail(directory.status());
  const auto db = OpenToWrite(*directory, input.key);
  if (!db.ok()) return Fail(db.status());
  const absl::StatusOr<ProcessNumber> number = FindProcess(**db, id);
  if (!number.ok()) return Fail(number.status());
  Appender appender(**db, *number);
  const absl::Status done = AppendAll(input, operands, appender);
  if (!done.ok()) {
    if (appender.appended() == 0) return Fail(done);
    return Fail(absl::Status(
        done.code(), StrCat(ToStd(done.message()), "; the first ",
                            appender.appended(), " bytes were appended")));
  }
  if (input.json_wanted) {
    JsonWriter json;
    json.BeginObject();
    json.Field("number", *number);
    json.Field("appended_bytes", appender.appended());
    json.Field("input_bytes", appender.end());
    json.EndObject();
    std::puts(json.text().c_str());
  }
  return kExitOk;
}

}  // namespace

const Command kInputCommand = {
    .name = "input",
    .synopsis = "[OPTIONS] ID [TEXT... | -]",
    .summary = "give a process something to read as its standard input",
    .details =
        R"(Appends TEXT and a newline to the input of the process, or, without
TEXT, what this command has as standard input. What was appended is on disk when
this ends. A process that waits for input goes on at once if a wasmd runs it,
and else with the next `wasmd resume`. It reads all once, in order, before what
its `wasmd run` or `resume` has as standard input; `wasmd run --stdin
queue` reads nothing else. Up to 1 MiB is appended as a whole or not at all;
more in pieces of that. What a process has not read may be 256 MiB.

    --file FILE     append what FILE has
    --close         after that, let the input end, for ever; without TEXT or
                    --file, only that
    -n              no newline after TEXT
    --json          print how many bytes were appended, and how many there were
                    in all
    --store DIR, --key-file FILE, --key-command COMMAND
                    see `wasmd help run`
)",
    .run = Input,
};

}  // namespace wasmd
