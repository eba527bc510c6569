#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/str_cat.h"
#include "runtime/engine.h"
#include "runtime/outside.h"
#include "runtime/process_view.h"
#include "store/encryption_key.h"
#include "store/process_db.h"
#include "tools/commands/all_commands.h"
#include "tools/commands/json.h"
#include "tools/commands/store_access.h"
#include "tools/commands/whole_store.h"

namespace wasmd {
namespace {

// Prints findings as they come, or collects them for JSON.
class Findings {
 public:
  explicit Findings(bool json_wanted) : json_wanted_(json_wanted) {
    json_.BeginObject();
    json_.Key("findings");
    json_.BeginArray();
  }

  void Add(const StoreFinding& finding) {
    ++count_;
    if (!json_wanted_) {
      std::puts(finding.what.c_str());
      return;
    }
    json_.BeginObject();
    if (finding.process != 0) json_.Field("process", finding.process);
    json_.Field("what", finding.what);
    json_.EndObject();
  }

  void End(const StoreCensus& census) {
    if (!json_wanted_) {
      std::puts(StrCat("checked ", census.processes, " processes, ",
                       census.modules, " modules, ", census.pages, " pages, ",
                       census.log_records, " log records: ", count_,
                       count_ == 1 ? " finding" : " findings")
                    .c_str());
      return;
    }
    json_.EndArray();
    json_.Field("processes", census.processes);
    json_.Field("modules", census.modules);
    json_.Field("pages", census.pages);
    json_.Field("log_records", census.log_records);
    json_.EndObject();
    std::puts(json_.text().c_str());
  }

  uint64_t count() const { return count_; }

 private:
  const bool json_wanted_;
  JsonWriter json_;
  uint64_t count_ = 0;
};

// That every process could go on.
absl::Status CheckProcesses(ProcessDb& db, Findings* findings) {
  const std::unique_ptr<Outside> outside = SystemOutside(/*with_input=*/false);
  Engine engine(&db, *outside, EngineOptions());
  return db.ForEachProcess([&](ProcessNumber number,
                               const ProcessRecord& record) {
    const absl::Status status = CheckRestorable(engine, number);
    if (!status.ok()) {
      findings->Add(
          {.process = number,
           .what = StrCat("process ", record.name(),
                          " cannot be resumed: ", ToStd(status.message()))});
    }
    const absl::Status history = CheckHistory(engine, number);
    if (!history.ok()) {
      findings->Add(
          {.process = number,
           .what = StrCat("the history of process ", record.name(),
                          " is damaged: ", ToStd(history.message()))});
    }
    return absl::OkStatus();
  });
}

int Fsck(std::span<const std::string> arguments) {
  WholeStore whole;
  const int parsed = ParseWholeStore(kFsckCommand, arguments, &whole);
  if (parsed != kExitOk) return parsed;
  OpenOptions options;
  options.create_if_missing = false;
  options.read_only = true;
  options.check_wal = true;
  absl::StatusOr<std::optional<EncryptionKey>> key = whole.key.Read();
  if (!key.ok()) return Fail(key.status());
  options.key = *std::move(key);
  const auto db = ProcessDb::Open(whole.directory, options);
  if (!db.ok()) return Fail(db.status());

  Findings findings(whole.json_wanted);
  const absl::StatusOr<StoreCensus> census =
      (*db)->Check([&](const StoreFinding& finding) { findings.Add(finding); });
  if (!census.ok()) return Fail(census.status());
  const absl::Status checked = CheckProcesses(**db, &findings);
  // A damaged record was reported above.
  if (!checked.ok() && findings.count() == 0) return Fail(checked);
  findings.End(*census);
  return findings.count() == 0 ? kExitOk : kExitDamaged;
}

}  // namespace

const Command kFsckCommand = {
    .name = "fsck",
    .synopsis = "[--store DIR] [--json]",
    .summary = "check the whole store and say what is wrong with it",
    .details =
        R"(Reads everything: checksums of files and values, references from one
thing to another, whether each process could be resumed (what came after its
last state is run again from the journal), and whether each state that is kept
could be gone back to. Changes nothing, and works while another wasmd runs
processes of the same store. Prints one line for each finding; exits with 74 if
there are any.
)",
    .run = Fsck,
};

}  // namespace wasmd
