#include <algorithm>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "runtime/module_loader.h"
#include "runtime/process.h"
#include "runtime/process_parts.h"
#include "runtime/record.h"
#include "runtime/stored_pages.h"
#include "runtime/value_text.h"
#include "snapshot/snapshot.h"
#include "wasi/call_trace.h"

namespace wasmd {
namespace {

constexpr std::string_view kMainFunction = "_start";
// Some thousand calls.
constexpr uint64_t kDefaultHistoryBytes = uint64_t{64} << 10;

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

Process::Process(Engine& engine, ProcessRecord record, ProcessOptions options)
    : engine_(engine),
      record_(std::move(record)),
      options_(std::move(options)),
      sync_level_(engine.options.sync.value_or(SyncLevelOf(options_.sync()))),
      input_(engine.outside, engine.db),
      environment_(std::make_unique<WasiEnvironment>(*this, engine.outside)),
      host_(saves_before_effects()) {
  if (engine.db != nullptr) {
    journal_ = std::make_unique<Journal>(options_.has_history_bytes()
                                             ? options_.history_bytes()
                                             : kDefaultHistoryBytes);
    host_.set_journal(journal_.get(), &engine.outside);
    if (options_.has_kept_states()) {
      kept_states_ = std::make_unique<KeptStates>(options_.kept_states());
    }
  }
  input_.set_reads_outside(
      engine.options.standard_input.value_or(options_.standard_input()) !=
      ProcessOptions::QUEUE);
  checkpoint_due_ns_ =
      engine_.outside.MonotonicNow() + engine_.options.checkpoint_interval_ns;
}

Process::~Process() {
  if (engine_.db != nullptr && !is_only_looked_at_) {
    engine_.db->Forget(number_);
  }
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
      input_.SetProcess(number_, engine_.options.taken_directory);
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
  options.listeners.assign(options_.listeners().begin(),
                           options_.listeners().end());
  return options;
}

absl::Status Process::Instantiate(std::span<const LinkedModule> links,
                                  std::shared_ptr<TranslatedModule> module) {
  ASSIGN_OR_RETURN(std::unique_ptr<wasi::Context> context,
                   wasi::Context::Create(WasiOptions(), environment_.get()));
  SetContext(std::move(context));
  store_ = std::make_unique<Store>(StoreLimitsOf(options_));
  ASSIGN_OR_RETURN(instantiation_trap_,
                   InstantiateLinked(*store_, host_, links, std::move(module)));
  thread_ = std::make_unique<Thread>(*store_, ThreadLimitsOf(options_));
  // What is wrong with the request is found before anything is registered.
  ASSIGN_OR_RETURN(const FuncAddr main, MainFunction());
  return MainArguments(main).status();
}

void Process::SetContext(std::unique_ptr<wasi::Context> context) {
  if (engine_.options.on_host_call != nullptr) {
    context = wasi::Traced(std::move(context), environment_.get(),
                           [this](const std::string& call) {
                             engine_.options.on_host_call(record_, call);
                           });
  }
  host_.set_context(std::move(context));
}

absl::StatusOr<std::vector<Value>> Process::MainArguments(FuncAddr main) const {
  if (record_.invoke().empty()) return std::vector<Value>();
  const FunctionType& type =
      store_->types().Get(store_->function(main).type).function;
  const std::vector<std::string> texts(record_.arguments().begin(),
                                       record_.arguments().end());
  return ParseArguments(texts, type);
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
  process->input_.SetProcess(number, engine.options.taken_directory);
  RETURN_IF_ERROR(process->ShowRest());
  if (HasFinished(process->record_.status())) {
    process->input_.Remove();
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
  ASSIGN_OR_RETURN(const std::string wasi_state,
                   process->Restore(/*point=*/std::nullopt,
                                    /*is_whole=*/false));
  RETURN_IF_ERROR(process->GoOnFrom(wasi_state));
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
    return CountAsShown();
  }
  if (shown_->bytes(kStdout) > record_.log_bytes_stdout() ||
      shown_->bytes(kStderr) > record_.log_bytes_stderr()) {
    shown_->Remove();  // it was rewound
    return CountAsShown();
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

absl::Status Process::CountAsShown() {
  ASSIGN_OR_RETURN(shown_, ShownOutput::Create(ShownOutputPath()));
  shown_->Add(kStdout, record_.log_bytes_stdout());
  shown_->Add(kStderr, record_.log_bytes_stderr());
  return absl::OkStatus();
}

absl::StatusOr<std::string> Process::Restore(std::optional<uint64_t> point,
                                             bool is_whole) {
  ASSIGN_OR_RETURN(const std::string state,
                   point.has_value() ? engine_.db->GetStateAt(number_, *point)
                                     : engine_.db->GetState(number_));
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
  const PageSource pages = [&](const PageSink& sink) -> absl::Status {
    if (!point.has_value()) return engine_.db->ForEachPage(number_, sink);
    ASSIGN_OR_RETURN(const auto reader, engine_.db->OpenPages(number_, point));
    return reader->ReadAll(sink);
  };
  ASSIGN_OR_RETURN(context.stored_pages,
                   OpenStoredPages(*engine_.db, number_, point));
  if (is_whole) context.stored_pages = nullptr;
  if (is_only_looked_at_) {
    memory_reader_ =
        std::make_unique<PassingReader>(std::move(context.stored_pages));
    context.stored_pages = memory_reader_->watched();
  }
  ASSIGN_OR_RETURN(RestoredProcess restored,
                   RestoreSnapshot(AsBytes(state), pages, context));
  auto saved = restored.host_state.find(std::string(wasi::kModuleName));
  if (saved == restored.host_state.end() || restored.thread == nullptr ||
      restored.store->instance_count() == 0) {
    return absl::DataLossError(
        StrCat("process ", record_.name(), ": its state is incomplete"));
  }
  store_ = std::move(restored.store);
  thread_ = std::move(restored.thread);
  if (memory_reader_ != nullptr) memory_reader_->Begin(*store_);
  for (MemAddr a = 0; a < store_->memory_count(); ++a) {
    LazyPages* const lazy = store_->memory(a).lazy_pages();
    if (lazy == nullptr) continue;
    lazy->set_on_failure([this] { thread_->RequestInterrupt(); });
  }
  return std::move(saved->second);
}

}  // namespace wasmd
