#include "runtime/process.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "runtime/back_trace.h"
#include "runtime/module_loader.h"
#include "runtime/record.h"
#include "runtime/value_text.h"
#include "snapshot/snapshot.h"

namespace wasmd {
namespace {

constexpr std::string_view kMainFunction = "_start";
constexpr int32_t kTrapExitCode = 134;
// Output beyond this is committed without waiting for more.
constexpr size_t kMaxOutboxBytes = size_t{256} << 10;
// A checkpoint that nobody waits for may take this part of the time.
constexpr int64_t kCheckpointTimePart = 50;
// Waits up to this are not worth a commit of their own.
constexpr int64_t kShortWaitNs = 2'000'000;
// Waits from this on are synced: somebody may turn the machine off meanwhile.
constexpr int64_t kLongWaitNs = 1'000'000'000;

StoreLimits StoreLimitsOf(const ProcessOptions& options) {
  StoreLimits limits;
  if (options.max_memory_bytes() != 0) {
    limits.max_memory_bytes = options.max_memory_bytes();
    limits.max_all_memory_bytes =
        std::max(limits.max_all_memory_bytes, limits.max_memory_bytes);
  }
  return limits;
}

ThreadLimits ThreadLimitsOf(const ProcessOptions& options) {
  ThreadLimits limits;
  if (options.stack_bytes() != 0) limits.stack_bytes = options.stack_bytes();
  return limits;
}

// A name made from the module's path: its last part without extension, kept to
// characters that need no quoting anywhere.
std::string NameStem(std::string_view path) {
  std::string_view last = path.substr(path.rfind('/') + 1);
  last = last.substr(0, last.find('.'));
  std::string stem;
  for (const char c : last) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       (c >= '0' && c <= '9') || c == '_' || c == '-';
    stem.push_back(plain ? c : '-');
  }
  return stem.empty() ? "process" : stem;
}

}  // namespace

// The world as WASI sees it: output goes to the outbox, the rest to Outside.
class Process::WasiEnvironment : public wasi::Environment {
 public:
  WasiEnvironment(Process& process, Outside& outside)
      : process_(process), outside_(outside) {}

  int64_t RealtimeNow() override { return outside_.RealtimeNow(); }
  int64_t MonotonicNow() override { return outside_.MonotonicNow(); }
  std::optional<int64_t> CpuNow() override { return outside_.CpuNow(); }
  void Random(MutableByteSpan out) override { outside_.Random(out); }
  void Write(uint32_t stream, ByteSpan bytes) override {
    process_.WriteOutput(stream, bytes);
  }
  std::optional<std::string> ReadInput(size_t max_bytes) override {
    return outside_.ReadInput(max_bytes);
  }
  bool IsTerminal(uint32_t stream) override {
    return outside_.IsTerminal(stream);
  }

 private:
  Process& process_;
  Outside& outside_;
};

// A commit that was captured and not yet written.
struct Process::Staged {
  Capture capture;  // what `commit` borrows from
  Commit commit;
  ProcessRecord record;  // as `commit` has it
  SyncMode sync = SyncMode::kSync;
  bool has_state = false;
  int64_t begin_ns = 0;
  KillPoint after = KillPoint::kAfterCommit;
  Progress next = Progress::kRunnable;
};

struct Process::Ending {
  ProcessStatus status = COMPLETED;
  int32_t exit_code = 0;
  std::string failure = {};
  std::vector<std::string> stack = {};
};

Process::Process(Engine& engine, ProcessRecord record, ProcessOptions options)
    : engine_(engine),
      record_(std::move(record)),
      options_(std::move(options)),
      sync_level_(engine.options.sync.value_or(SyncLevelOf(options_.sync()))),
      environment_(std::make_unique<WasiEnvironment>(*this, engine.outside)),
      host_(saves_before_effects()) {
  checkpoint_due_ns_ =
      engine_.outside.MonotonicNow() + engine_.options.checkpoint_interval_ns;
}

Process::~Process() = default;

bool Process::saves_before_effects() const {
  return engine_.db != nullptr && sync_level_ != SyncLevel::kNone;
}

SyncMode Process::sync_mode() const {
  const bool is_synced =
      sync_level_ == SyncLevel::kStrict || sync_level_ == SyncLevel::kGroup;
  return is_synced ? SyncMode::kSync : SyncMode::kNoSync;
}

absl::StatusOr<std::unique_ptr<Process>> Process::Launch(
    Engine& engine, const LaunchRequest& request,
    std::shared_ptr<TranslatedModule> module) {
  ProcessRecord record;
  record.set_status(PENDING);
  const Sha256Digest& hash = module->module().hash;
  record.set_module_hash(hash.data(), hash.size());
  record.set_invoke(request.invoke);
  record.set_module_path(request.module_path);
  for (const std::string& argument : request.arguments) {
    record.add_arguments(argument);
  }
  record.set_created_ns(engine.outside.RealtimeNow());
  record.set_updated_ns(record.created_ns());
  ProcessOptions options = request.options;
  for (const LinkedModule& link : request.links) {
    const Sha256Digest& linked = link.module->module().hash;
    options.add_links()->set_name(link.name);
    options.mutable_links()->rbegin()->set_module_hash(linked.data(),
                                                       linked.size());
    record.add_other_module_hashes(linked.data(), linked.size());
  }
  record.set_runtime_state(options.SerializeAsString());

  std::unique_ptr<Process> process(
      new Process(engine, std::move(record), std::move(options)));
  RETURN_IF_ERROR(process->Instantiate(request.links, std::move(module)));
  RETURN_IF_ERROR(process->Register(request.name));
  return process;
}

absl::Status Process::Register(const std::string& wanted_name) {
  const std::string stem = NameStem(record_.module_path());
  record_.set_name(wanted_name.empty() ? stem : wanted_name);
  if (engine_.db == nullptr) return absl::OkStatus();
  for (int i = 1;; ++i) {
    if (wanted_name.empty()) record_.set_name(StrCat(stem, "-", i));
    absl::StatusOr<ProcessNumber> number = engine_.db->CreateProcess(record_);
    if (number.ok()) {
      number_ = *number;
      engine_.options.kill_points.Pass(KillPoint::kCreated);
      if (engine_.options.shown_directory.empty()) return absl::OkStatus();
      ASSIGN_OR_RETURN(shown_, ShownOutput::Create(ShownOutputPath()));
      return absl::OkStatus();
    }
    if (!wanted_name.empty() || !absl::IsAlreadyExists(number.status())) {
      return StoreError(number.status());
    }
  }
}

wasi::Options Process::WasiOptions() const {
  wasi::Options options;
  if (!record_.invoke().empty()) {
    options.arguments.push_back(NameStem(record_.module_path()));
  }
  options.arguments.insert(options.arguments.end(), record_.arguments().begin(),
                           record_.arguments().end());
  options.environment.assign(options_.environment().begin(),
                             options_.environment().end());
  for (const ProcessOptions::Preopen& preopen : options_.preopens()) {
    options.preopens.push_back(
        {preopen.host_path(), preopen.guest_path(), preopen.read_only()});
  }
  return options;
}

absl::Status Process::Instantiate(std::span<const LinkedModule> links,
                                  std::shared_ptr<TranslatedModule> module) {
  ASSIGN_OR_RETURN(std::unique_ptr<wasi::Context> context,
                   wasi::Context::Create(WasiOptions(), environment_.get()));
  host_.set_context(std::move(context));
  store_ = std::make_unique<Store>(StoreLimitsOf(options_));
  ASSIGN_OR_RETURN(instantiation_trap_,
                   InstantiateLinked(*store_, host_, links, std::move(module)));
  thread_ = std::make_unique<Thread>(*store_, ThreadLimitsOf(options_));
  // What is wrong with the request is found before anything is registered.
  ASSIGN_OR_RETURN(const FuncAddr main, MainFunction());
  if (record_.invoke().empty()) return absl::OkStatus();
  const FunctionType& type =
      store_->types().Get(store_->function(main).type).function;
  const std::vector<std::string> texts(record_.arguments().begin(),
                                       record_.arguments().end());
  return ParseArguments(texts, type).status();
}

absl::StatusOr<FuncAddr> Process::MainFunction() const {
  const std::string_view name = record_.invoke().empty()
                                    ? kMainFunction
                                    : std::string_view(record_.invoke());
  const std::optional<ExternValue> found =
      MainInstance(*store_).FindExport(name);
  if (found.has_value() && found->kind == ExternKind::kFunction) {
    return found->address;
  }
  return absl::FailedPreconditionError(
      StrCat("the module exports no function ", name,
             record_.invoke().empty() ? "; choose one with --invoke" : ""));
}

absl::StatusOr<std::unique_ptr<Process>> Process::Resume(Engine& engine,
                                                         ProcessNumber number) {
  CHECK(engine.db != nullptr);
  ASSIGN_OR_RETURN(ProcessRecord record, engine.db->GetRecord(number));
  ProcessOptions options;
  const bool has_options = options.ParseFromString(record.runtime_state());
  std::unique_ptr<Process> process(
      new Process(engine, std::move(record), std::move(options)));
  process->number_ = number;
  RETURN_IF_ERROR(process->ShowRest());
  if (HasFinished(process->record_.status())) {
    if (process->shown_ != nullptr) return process;
    return absl::FailedPreconditionError(StrCat(
        "process ", process->record_.name(),
        " has finished: ", ProcessStatus_Name(process->record_.status())));
  }
  if (!has_options) {
    return absl::DataLossError(StrCat("process ", process->record_.name(),
                                      ": its options are damaged"));
  }
  if (process->options_.importing()) {
    return absl::DataLossError(
        StrCat("process ", process->record_.name(),
               ": its import did not end; remove it and import it again"));
  }
  if (process->options_.phase() == ProcessOptions::NOT_STARTED) {
    RETURN_IF_ERROR(process->InstantiateAnew());
    return process;
  }
  ASSIGN_OR_RETURN(const std::string state, engine.db->GetState(number));
  RETURN_IF_ERROR(process->Restore(AsBytes(state)));
  return process;
}

absl::Status Process::InstantiateAnew() {
  std::vector<LinkedModule> links;
  for (const ProcessOptions::Link& link : options_.links()) {
    ASSIGN_OR_RETURN(const Sha256Digest hash,
                     ToModuleHash(record_, link.module_hash()));
    ASSIGN_OR_RETURN(std::shared_ptr<TranslatedModule> module,
                     engine_.modules.Find(hash));
    links.push_back({link.name(), std::move(module)});
  }
  ASSIGN_OR_RETURN(const Sha256Digest hash, ModuleHashOf(record_));
  ASSIGN_OR_RETURN(std::shared_ptr<TranslatedModule> module,
                   engine_.modules.Find(hash));
  return Instantiate(links, std::move(module));
}

std::string Process::ShownOutputPath() const {
  return StrCat(engine_.options.shown_directory, "/", number_);
}

absl::Status Process::ShowRest() {
  if (engine_.options.shown_directory.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(shown_, ShownOutput::Open(ShownOutputPath()));
  if (shown_ == nullptr) {
    if (HasFinished(record_.status())) return absl::OkStatus();
    // It comes from another store: what it wrote there was shown there.
    ASSIGN_OR_RETURN(shown_, ShownOutput::Create(ShownOutputPath()));
    shown_->Add(kStdout, record_.log_bytes_stdout());
    shown_->Add(kStderr, record_.log_bytes_stderr());
    return absl::OkStatus();
  }
  for (const uint32_t stream : {kStdout, kStderr}) {
    RETURN_IF_ERROR(engine_.db->ForEachLog(
        number_, stream, shown_->bytes(stream), [&](ByteSpan bytes) {
          Show(stream, bytes);
          return absl::OkStatus();
        }));
  }
  if (HasFinished(record_.status()) && output_status_.ok()) shown_->Remove();
  return absl::OkStatus();
}

absl::Status Process::Restore(ByteSpan state) {
  RestoreContext context;
  context.find_module = [this](const Sha256Digest& hash) {
    return engine_.modules.Find(hash);
  };
  context.bind_host = [this](const HostFunctionInfo& info, const FunctionType&)
      -> absl::StatusOr<std::unique_ptr<HostFunction>> {
    if (info.module == wasi::kModuleName) return host_.Bind(info.name);
    return absl::FailedPreconditionError(
        StrCat("there is no host function ", info.module, ".", info.name));
  };
  context.store_limits = StoreLimitsOf(options_);
  context.thread_limits = ThreadLimitsOf(options_);
  const PageSource pages = [this](const PageSink& sink) {
    return engine_.db->ForEachPage(number_, sink);
  };
  ASSIGN_OR_RETURN(RestoredProcess restored,
                   RestoreSnapshot(state, pages, context));
  const auto saved = restored.host_state.find(std::string(wasi::kModuleName));
  if (saved == restored.host_state.end() || restored.thread == nullptr ||
      restored.store->instance_count() == 0) {
    return absl::DataLossError(
        StrCat("process ", record_.name(), ": its state is incomplete"));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<wasi::Context> wasi_context,
                   wasi::Context::Load(AsBytes(saved->second),
                                       environment_.get(), &warnings_));
  host_.set_context(std::move(wasi_context));
  store_ = std::move(restored.store);
  thread_ = std::move(restored.thread);
  in_doubt_ = thread_->state() == ThreadState::kHostCall;
  return absl::OkStatus();
}

absl::Status Process::StartNext() {
  const bool is_first = options_.phase() == ProcessOptions::NOT_STARTED;
  const uint32_t next = is_first ? 0 : options_.initial_function() + 1;
  const std::vector<FuncAddr> initial = InitialFunctions(*store_);
  if (next < initial.size()) {
    options_.set_phase(ProcessOptions::START_FUNCTION);
    options_.set_initial_function(next);
    return thread_->Start(initial[next], {});
  }
  options_.set_phase(ProcessOptions::MAIN);
  return StartMain();
}

absl::Status Process::StartMain() {
  ASSIGN_OR_RETURN(const FuncAddr main, MainFunction());
  if (record_.invoke().empty()) return thread_->Start(main, {});
  const FunctionType& type =
      store_->types().Get(store_->function(main).type).function;
  const std::vector<std::string> texts(record_.arguments().begin(),
                                       record_.arguments().end());
  ASSIGN_OR_RETURN(std::vector<Value> arguments, ParseArguments(texts, type));
  return thread_->Start(main, arguments);
}

absl::StatusOr<Process::Progress> Process::Step(int64_t quantum_ns) {
  ASSIGN_OR_RETURN(const Progress progress, StepToCommit(quantum_ns));
  return progress == Progress::kCommitting ? WriteStaged() : progress;
}

absl::StatusOr<Process::Progress> Process::StepToCommit(int64_t quantum_ns) {
  CHECK(staged_ == nullptr);
  if (HasFinished(record_.status())) return Progress::kFinished;
  const int64_t end_ns = engine_.outside.MonotonicNow() + quantum_ns;
  wait_.reset();
  if (instantiation_trap_.has_value()) {
    return Finish({.status = FAILED,
                   .exit_code = kTrapExitCode,
                   .failure = StrCat("trap while instantiating: ",
                                     ToString(*instantiation_trap_))});
  }
  do {
    // A pending call comes first: an effect must be prepared before any commit.
    Progress progress = Progress::kRunnable;
    switch (thread_->state()) {
      case ThreadState::kIdle:
        RETURN_IF_ERROR(StartNext());
        break;
      case ThreadState::kHostCall: {
        ASSIGN_OR_RETURN(progress, AnswerHostCall());
        break;
      }
      case ThreadState::kRunnable: {
        ASSIGN_OR_RETURN(progress, RunSlice(end_ns));
        break;
      }
      case ThreadState::kFinished: {
        ASSIGN_OR_RETURN(progress, AfterRun(thread_->outcome()));
        break;
      }
    }
    // After it ran, so that every step gets somewhere.
    if (progress == Progress::kRunnable &&
        thread_->state() == ThreadState::kRunnable) {
      ASSIGN_OR_RETURN(progress, CommitIfDue());
    }
    if (progress != Progress::kRunnable) return progress;
  } while (thread_->state() == ThreadState::kHostCall ||
           engine_.outside.MonotonicNow() < end_ns);
  return Progress::kRunnable;
}

absl::StatusOr<Process::Progress> Process::RunSlice(int64_t end_ns) {
  int64_t deadline_ns = end_ns;
  if (!outbox_.empty()) deadline_ns = std::min(deadline_ns, output_due_ns_);
  if (engine_.db != nullptr) {
    deadline_ns = std::min(deadline_ns, checkpoint_due_ns_);
  }
  engine_.timer.Arm(thread_.get(),
                    deadline_ns - engine_.outside.MonotonicNow());
  const RunResult result = thread_->Run();
  engine_.timer.Disarm();
  return AfterRun(result);
}

absl::StatusOr<Process::Progress> Process::AfterRun(RunResult result) {
  switch (result) {
    case RunResult::kReturned:
      return AfterReturn();
    case RunResult::kTrapped:
    case RunResult::kThrew:
      return AfterAbort(result);
    case RunResult::kHostCall:
    case RunResult::kInterrupted:
    case RunResult::kFuelExhausted:
      return Progress::kRunnable;
  }
  CHECK(false);
}

absl::StatusOr<Process::Progress> Process::AnswerHostCall() {
  const WasiHost::Call call = host_.PendingCallOf(*thread_);
  const bool is_effect = call.durability == wasi::Durability::kEffect;
  if (is_effect && saves_before_effects() && !in_doubt_) {
    if (!is_saved_for_effect_) {
      host_.context().Prepare(call.function, call.arguments, *call.memory);
      is_saved_for_effect_ = true;  // once it is written; else nothing is run
      return StageState(RUNNING, 0, sync_mode(), Progress::kRunnable);
    }
    engine_.options.kill_points.Pass(KillPoint::kBeforeEffect);
  }
  is_saved_for_effect_ = false;
  const wasi::Outcome outcome =
      host_.context().Call(call.function, call.arguments, *call.memory,
                           std::exchange(in_doubt_, false));
  if (is_effect) engine_.options.kill_points.Pass(KillPoint::kAfterEffect);
  switch (outcome.kind) {
    case wasi::Outcome::Kind::kReturn: {
      const Slot result = ToSlot(uint32_t{outcome.errno_value});
      const bool has_result =
          !wasi::Context::TypeOf(call.function).results.empty();
      thread_->CompleteHostCall(has_result ? std::span(&result, 1)
                                           : std::span<const Slot>());
      return Progress::kRunnable;
    }
    case wasi::Outcome::Kind::kWait:
      return BeginWait(outcome.wait);
    case wasi::Outcome::Kind::kExit: {
      const int32_t code = static_cast<int32_t>(outcome.exit_code);
      if (code == 0) return Finish({});
      return Finish({.status = FAILED,
                     .exit_code = code,
                     .failure = StrCat("exit code ", outcome.exit_code)});
    }
    case wasi::Outcome::Kind::kTrap:
      thread_->FailHostCall({TrapKind::kHost, outcome.message});
      return Progress::kRunnable;
  }
  CHECK(false);
}

absl::StatusOr<Process::Progress> Process::BeginWait(const wasi::Wait& wait) {
  int64_t left_ns = kLongWaitNs;
  if (wait.deadline_ns.has_value()) {
    left_ns = *wait.deadline_ns - engine_.outside.RealtimeNow();
  }
  engine_.options.kill_points.Pass(KillPoint::kBeforePark);
  wait_ = wait;
  if (left_ns <= kShortWaitNs && outbox_.empty()) return Progress::kWaiting;
  const bool promises = !outbox_.empty() || left_ns >= kLongWaitNs;
  return StageState(WAITING, wait.deadline_ns.value_or(0),
                    promises ? sync_mode() : SyncMode::kNoSync,
                    Progress::kWaiting);
}

absl::StatusOr<Process::Progress> Process::AfterReturn() {
  if (options_.phase() == ProcessOptions::START_FUNCTION) {
    RETURN_IF_ERROR(StartNext());
    return Progress::kRunnable;
  }
  if (!record_.invoke().empty()) {
    for (const Value& result : thread_->results()) {
      WriteOutput(kStdout, AsBytes(FormatValue(result) + "\n"));
    }
  }
  return Finish({});
}

absl::StatusOr<Process::Progress> Process::AfterAbort(RunResult result) {
  Ending ending = {.status = FAILED, .exit_code = kTrapExitCode};
  if (result == RunResult::kTrapped) {
    ending.failure = StrCat("trap: ", ToString(thread_->trap()));
  } else {
    ending.failure = "uncaught exception";
  }
  ending.stack = BackTrace(*thread_);
  return Finish(std::move(ending));
}

absl::StatusOr<Process::Progress> Process::Finish(Ending ending) {
  engine_.options.kill_points.Pass(KillPoint::kBeforeFinish);
  // Without a state: the last one is kept, as the last good one.
  auto staged = std::make_unique<Staged>();
  staged->record = record_;
  staged->record.set_status(ending.status);
  staged->record.set_exit_code(ending.exit_code);
  staged->record.set_failure(ending.failure);
  staged->record.mutable_failure_stack()->Assign(ending.stack.begin(),
                                                 ending.stack.end());
  staged->record.set_wake_time_ns(0);
  staged->sync = sync_mode();
  staged->after = KillPoint::kAfterFinish;
  staged->next = Progress::kFinished;
  return Stage(std::move(staged));
}

absl::Status Process::Park(ProcessStatus status) {
  CHECK(staged_ == nullptr);
  if (thread_->state() == ThreadState::kIdle) RETURN_IF_ERROR(StartNext());
  ASSIGN_OR_RETURN(const Progress progress,
                   StageState(status, 0, SyncMode::kSync, Progress::kRunnable));
  if (progress != Progress::kCommitting) return absl::OkStatus();
  return WriteStaged().status();
}

void Process::WriteOutput(uint32_t stream, ByteSpan bytes) {
  if (bytes.empty()) return;
  if (outbox_.empty()) {
    // Where saving is slow, it is not to take more than half of the time.
    const int64_t delay_ns =
        std::max(engine_.options.output_delay_ns, last_commit_took_ns_);
    output_due_ns_ = engine_.outside.MonotonicNow() + delay_ns;
    engine_.timer.Advance(delay_ns);
  }
  if (outbox_.empty() || outbox_.back().stream != stream) {
    outbox_.push_back({stream, {}});
  }
  outbox_.back().bytes.append(AsText(bytes));
  outbox_bytes_ += bytes.size();
  if (outbox_bytes_ > kMaxOutboxBytes) {
    output_due_ns_ = 0;
    engine_.timer.Advance(0);
  }
}

absl::StatusOr<Process::Progress> Process::CommitIfDue() {
  const int64_t now_ns = engine_.outside.MonotonicNow();
  const bool has_output = !outbox_.empty();
  const bool is_due = (has_output && now_ns >= output_due_ns_) ||
                      (engine_.db != nullptr && now_ns >= checkpoint_due_ns_);
  if (!is_due) return Progress::kRunnable;
  return StageState(RUNNING, 0, has_output ? sync_mode() : SyncMode::kNoSync,
                    Progress::kRunnable);
}

absl::StatusOr<Process::Progress> Process::StageState(ProcessStatus status,
                                                      int64_t wake_time_ns,
                                                      SyncMode sync,
                                                      Progress next) {
  if (engine_.db == nullptr) {
    ReleaseOutput();
    return next;
  }
  auto staged = std::make_unique<Staged>();
  staged->begin_ns = engine_.outside.MonotonicNow();
  const HostState host_state = {
      {std::string(wasi::kModuleName), host_.context().Save()}};
  ASSIGN_OR_RETURN(staged->capture,
                   CaptureSnapshot(*store_, thread_.get(), host_state,
                                   PageSelection::kDirty));
  staged->record = record_;
  staged->record.set_status(status);
  staged->record.set_wake_time_ns(wake_time_ns);
  staged->record.set_runtime_state(options_.SerializeAsString());
  uint64_t memory_bytes = 0;
  for (MemAddr i = 0; i < store_->memory_count(); ++i) {
    memory_bytes += store_->memory(i).size_bytes();
  }
  staged->record.set_memory_bytes(memory_bytes);
  staged->has_state = true;
  staged->commit.state = AsBytes(staged->capture.state);
  staged->commit.pages.reserve(staged->capture.pages.size());
  for (const PageContent& page : staged->capture.pages) {
    staged->commit.pages.push_back({page.memory, page.page, page.bytes});
  }
  staged->sync = sync;
  staged->next = next;
  return Stage(std::move(staged));
}

absl::StatusOr<Process::Progress> Process::Stage(
    std::unique_ptr<Staged> staged) {
  ProcessRecord& record = staged->record;
  record.set_updated_ns(engine_.outside.RealtimeNow());
  for (const Output& output : outbox_) {
    staged->commit.log.push_back({output.stream, output.bytes});
    if (output.stream == kStderr) {
      record.set_log_bytes_stderr(record.log_bytes_stderr() +
                                  output.bytes.size());
    } else {
      record.set_log_bytes_stdout(record.log_bytes_stdout() +
                                  output.bytes.size());
    }
  }
  if (engine_.db == nullptr) {
    record_ = std::move(record);
    ReleaseOutput();
    return staged->next;
  }
  record.set_sequence(record.sequence() + 1);
  staged->commit.process = number_;
  staged->commit.record = record;
  staged_ = std::move(staged);
  engine_.options.kill_points.Pass(KillPoint::kBeforeCommit);
  return Progress::kCommitting;
}

Process::StagedCommit Process::TakeStaged() {
  return {.commit = std::move(staged_->commit), .sync = staged_->sync};
}

absl::StatusOr<Process::Progress> Process::Committed(
    const absl::Status& written) {
  const std::unique_ptr<Staged> staged = std::move(staged_);
  RETURN_IF_ERROR(written);
  engine_.options.kill_points.Pass(staged->after);
  record_ = std::move(staged->record);
  ReleaseOutput();
  if (staged->next == Progress::kFinished && shown_ != nullptr &&
      output_status_.ok()) {
    shown_->Remove();
  }
  if (!staged->has_state) return staged->next;
  ClearDirtyPages(*store_);
  const int64_t now_ns = engine_.outside.MonotonicNow();
  last_commit_took_ns_ = now_ns - staged->begin_ns;
  checkpoint_due_ns_ =
      now_ns + std::max(engine_.options.checkpoint_interval_ns,
                        kCheckpointTimePart * last_commit_took_ns_);
  return staged->next;
}

absl::StatusOr<Process::Progress> Process::WriteStaged() {
  return Committed(engine_.db->ApplyCommit(staged_->commit, staged_->sync));
}

void Process::Show(uint32_t stream, ByteSpan bytes) {
  if (!output_status_.ok()) return;  // a resume will show it
  output_status_ = engine_.outside.Release(stream, bytes);
  if (output_status_.ok() && shown_ != nullptr) {
    shown_->Add(stream, bytes.size());
  }
}

void Process::ReleaseOutput() {
  for (const Output& output : outbox_) {
    Show(output.stream, AsBytes(output.bytes));
  }
  if (!outbox_.empty()) {
    engine_.options.kill_points.Pass(KillPoint::kAfterRelease);
  }
  outbox_.clear();
  outbox_bytes_ = 0;
}

}  // namespace wasmd
