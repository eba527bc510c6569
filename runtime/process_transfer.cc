#include "runtime/process_transfer.h"

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/engine.h"
#include "runtime/outside.h"
#include "runtime/process.h"
#include "runtime/process_options.pb.h"
#include "runtime/record.h"
#include "snapshot/snapshot.h"
#include "store/input.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

// A stored page, kept until the commit. Empty bytes: all zeros.
struct KeptPage {
  uint32_t memory;
  uint64_t page;
  std::vector<uint8_t> bytes;
};

// A process whose import did not end is removed again, unless Keep is called.
class NewProcess {
 public:
  NewProcess(ProcessDb& db, ProcessNumber number) : db_(db), number_(number) {}
  ~NewProcess() {
    // If this fails too, `importing` keeps it from ever running.
    if (!kept_) db_.RemoveProcess(number_).IgnoreError();
  }
  NewProcess(const NewProcess&) = delete;
  NewProcess& operator=(const NewProcess&) = delete;
  void Keep() { kept_ = true; }

 private:
  ProcessDb& db_;
  const ProcessNumber number_;
  bool kept_ = false;
};

// In the logs of a file: the input that the process has not read.
constexpr uint32_t kInputStream = 0;

// What is in the queue behind the state.
absl::Status TakeInput(ProcessDb& db, ProcessNumber number,
                       ProcessRecord* record, std::string* input) {
  ProcessOptions options;
  if (!options.ParseFromString(record->runtime_state())) {
    return absl::OkStatus();  // damaged; an import says so
  }
  for (;;) {
    ASSIGN_OR_RETURN(const InputBytes read,
                     db.ReadInput(number, options.state_input() + input->size(),
                                  kMaxInputWriteBytes));
    if (!read.bytes.empty()) {
      input->append(read.bytes);
      continue;
    }
    if (read.is_closed) {
      options.set_input_is_closed(true);
      record->set_runtime_state(options.SerializeAsString());
    }
    return absl::OkStatus();
  }
}

absl::Status PutInput(ProcessDb& db, ProcessNumber number,
                      const ProcessOptions& options, std::string_view input) {
  InputWrite write{
      .process = number, .offset = options.state_input(), .begins = true};
  while (!input.empty() || options.input_is_closed()) {
    const std::string_view piece = input.substr(0, kMaxInputWriteBytes);
    write.bytes = AsBytes(piece);
    input.remove_prefix(piece.size());
    write.closes = options.input_is_closed() && input.empty();
    RETURN_IF_ERROR(db.AppendInput(write, SyncMode::kNoSync));
    if (write.closes) break;
    write.offset += piece.size();
  }
  return absl::OkStatus();
}

absl::Status CheckModules(
    const std::map<Sha256Digest, std::vector<uint8_t>>& modules) {
  for (const auto& [hash, bytes] : modules) {
    ASSIGN_OR_RETURN(std::shared_ptr<const Module> module, Decode(bytes));
    RETURN_IF_ERROR(Validate(*module));
  }
  return absl::OkStatus();
}

// A process, held while what was captured of it is used.
struct Running {
  std::unique_ptr<Outside> outside;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Process> process;
};

// The file has no journal: where the last commit of the process was only that,
// what it made of the process is found by running it again. Else nothing.
absl::StatusOr<Running> RunToLastCommit(ProcessDb& db, ProcessNumber number,
                                        ProcessRecord* record,
                                        Capture* capture) {
  Running running;
  running.outside = SystemOutside(/*with_input=*/false);
  running.engine =
      std::make_unique<Engine>(&db, *running.outside, EngineOptions());
  ASSIGN_OR_RETURN(running.process, Process::Resume(*running.engine, number));
  if (!running.process->ran_again()) return running;
  ASSIGN_OR_RETURN(*capture, running.process->CaptureWhole());
  *record = running.process->RecordWithoutJournal();
  return running;
}

}  // namespace

absl::Status ExportProcess(ProcessDb& db, ProcessNumber number,
                           const ByteSink& sink) {
  ASSIGN_OR_RETURN(ProcessRecord record, db.GetRecord(number));
  ProcessFileContents contents;
  ASSIGN_OR_RETURN(const Sha256Digest main, ModuleHashOf(record));
  std::vector<Sha256Digest> hashes = {main};
  for (const std::string& other : record.other_module_hashes()) {
    ASSIGN_OR_RETURN(hashes.emplace_back(), ToModuleHash(record, other));
  }
  Running running;
  Capture capture;
  absl::StatusOr<std::string> state = db.GetState(number);
  if (state.ok()) {
    contents.state = *std::move(state);
    if (!HasFinished(record.status())) {
      ASSIGN_OR_RETURN(running, RunToLastCommit(db, number, &record, &capture));
      if (!capture.state.empty()) contents.state = capture.state;
    }
    ASSIGN_OR_RETURN(const SnapshotSummary summary,
                     SummarizeSnapshot(AsBytes(contents.state)));
    hashes.insert(hashes.end(), summary.modules.begin(), summary.modules.end());
  } else if (!absl::IsNotFound(state.status())) {
    return state.status();
  }
  for (const Sha256Digest& hash : hashes) {
    if (contents.modules.contains(hash)) continue;
    ASSIGN_OR_RETURN(contents.modules[hash], db.GetModule(hash));
  }
  for (const uint32_t stream : {1u, 2u}) {
    RETURN_IF_ERROR(db.ForEachLog(number, stream, 0, [&](ByteSpan bytes) {
      contents.logs[stream].append(AsText(bytes));
      return absl::OkStatus();
    }));
  }
  std::string input;
  RETURN_IF_ERROR(TakeInput(db, number, &record, &input));
  if (!input.empty()) contents.logs[kInputStream] = std::move(input);
  contents.process_record = record.SerializeAsString();
  const PageSource pages = [&](const PageSink& page_sink) -> absl::Status {
    if (capture.state.empty()) return db.ForEachPage(number, page_sink);
    for (const PageContent& page : capture.pages) {
      RETURN_IF_ERROR(page_sink(page.memory, page.page, page.bytes));
    }
    return absl::OkStatus();
  };
  return WriteProcessFile(contents, pages, sink);
}

absl::StatusOr<ProcessNumber> ImportProcess(ProcessDb& db, ByteSpan file,
                                            const std::string& name) {
  std::deque<KeptPage> pages;
  ASSIGN_OR_RETURN(
      ProcessFileContents contents,
      ReadProcessFile(file, [&](MemAddr memory, uint64_t page, ByteSpan bytes) {
        pages.push_back({memory, page, {bytes.begin(), bytes.end()}});
        return absl::OkStatus();
      }));
  ProcessRecord record;
  ProcessOptions options;
  if (!record.ParseFromString(contents.process_record) ||
      !options.ParseFromString(record.runtime_state())) {
    return absl::DataLossError("the file's process record is damaged");
  }
  ASSIGN_OR_RETURN(const Sha256Digest main, ModuleHashOf(record));
  if (!contents.modules.contains(main)) {
    return absl::DataLossError("the file has no module");
  }
  RETURN_IF_ERROR(CheckModules(contents.modules));

  if (!name.empty()) record.set_name(name);
  if (!HasFinished(record.status()) && record.status() != PENDING) {
    record.set_status(PAUSED);
  }
  record.set_sequence(0);
  record.set_wake_time_ns(0);
  Commit commit;
  commit.record = record;
  commit.record.set_sequence(1);
  options.set_importing(true);
  record.set_runtime_state(options.SerializeAsString());

  for (const auto& [hash, bytes] : contents.modules) {
    RETURN_IF_ERROR(db.PutModule(hash, bytes));
  }
  ASSIGN_OR_RETURN(const ProcessNumber number, db.CreateProcess(record));
  NewProcess created(db, number);
  commit.process = number;
  if (!contents.state.empty()) commit.state = AsBytes(contents.state);
  for (const KeptPage& page : pages) {
    commit.pages.push_back({page.memory, page.page, page.bytes});
  }
  for (const auto& [stream, text] : contents.logs) {
    if (stream != kInputStream) commit.log.push_back({stream, text});
  }
  RETURN_IF_ERROR(PutInput(db, number, options, contents.logs[kInputStream]));
  RETURN_IF_ERROR(db.ApplyCommit(commit, SyncMode::kSync));
  created.Keep();
  return number;
}

}  // namespace wasmd
