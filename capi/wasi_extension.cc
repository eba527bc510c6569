#include "capi/wasi_extension.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"
#include "capi/traps.h"
#include "capi/type_objects.h"
#include "capi/vectors.h"

namespace wasmd::capi {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
// The longest that is slept without looking at the clock again.
constexpr uint64_t kMaxSleepNs = 60 * uint64_t{kNsPerSecond};

void CloseStreams(const WasiStreams& streams) {
  for (const int fd :
       {streams.input_fd, streams.output_fds[0], streams.output_fds[1]}) {
    if (fd >= 0) close(fd);
  }
}

// Everything, or as much as anybody wants to read.
void WriteAll(int fd, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
}

}  // namespace

class WasiExtension::Environment final : public wasi::HostEnvironment {
 public:
  explicit Environment(const WasiStreams& streams)
      : HostEnvironment(streams.input_fd), streams_(streams) {}

  void Write(uint32_t stream, ByteSpan bytes) override {
    if (streams_.write != nullptr) {
      streams_.write(streams_.env, static_cast<int>(stream), bytes.data(),
                     bytes.size());
      return;
    }
    const int fd = streams_.output_fds[stream - 1];
    if (fd >= 0) WriteAll(fd, bytes);
  }

  bool IsTerminal(uint32_t stream) override {
    const int fd =
        stream == 0 ? streams_.input_fd : streams_.output_fds[stream - 1];
    return fd >= 0 && isatty(fd) != 0;
  }

 private:
  const WasiStreams& streams_;
};

WasiExtension::WasiExtension(wasi_config_t* config) {
  if (config != nullptr) {
    streams_ = std::exchange(config->streams, {});
  } else {
    streams_.input_fd = dup(0);
    streams_.output_fds[0] = dup(1);
    streams_.output_fds[1] = dup(2);
  }
  environment_ = std::make_unique<Environment>(streams_);
}

WasiExtension::~WasiExtension() { CloseStreams(streams_); }

absl::Status WasiExtension::Open(const wasi::Options& options) {
  auto context = wasi::Context::Create(options, environment_.get());
  if (!context.ok()) return context.status();
  host_.set_context(*std::move(context));
  return absl::OkStatus();
}

absl::Status WasiExtension::Load(ByteSpan saved,
                                 std::vector<std::string>* warnings) {
  auto context = wasi::Context::Load(saved, environment_.get(), warnings);
  if (!context.ok()) return context.status();
  host_.set_context(*std::move(context));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<HostFunction>> WasiExtension::Bind(
    std::string_view name) {
  absl::StatusOr<std::unique_ptr<HostFunction>> function = host_.Bind(name);
  if (function.ok()) own_.insert(function->get());
  return function;
}

bool WasiExtension::Owns(const Store& store, FuncAddr function) const {
  return own_.contains(store.function(function).host);
}

void WasiExtension::Answer(Thread& thread, Waiting* waiting, Ending* ending) {
  const WasiHost::Call call = host_.PendingCallOf(thread);
  const wasi::Outcome outcome =
      host_.context().Call(call.function, call.arguments, *call.memory,
                           std::exchange(in_doubt_, false));
  switch (outcome.kind) {
    case wasi::Outcome::Kind::kReturn: {
      const Slot result = ToSlot(uint32_t{outcome.errno_value});
      const bool has_result =
          !wasi::Context::TypeOf(call.function).results.empty();
      thread.CompleteHostCall(has_result ? std::span(&result, 1)
                                         : std::span<const Slot>());
      return;
    }
    case wasi::Outcome::Kind::kWait:
      waiting->is_waiting = true;
      waiting->has_deadline = outcome.wait.deadline_ns.has_value();
      waiting->deadline_ns = outcome.wait.deadline_ns.value_or(0);
      waiting->input = outcome.wait.input;
      waiting->descriptors.clear();
      for (const wasi::Wait::Socket& socket : outcome.wait.sockets) {
        waiting->descriptors.push_back({socket.fd, socket.for_write});
      }
      return;
    case wasi::Outcome::Kind::kExit:
      ending->has_ended = true;
      ending->exit_code = outcome.exit_code;
      return;
    case wasi::Outcome::Kind::kTrap:
      thread.FailHostCall({TrapKind::kHost, outcome.message});
      return;
  }
  CHECK(false);
}

void WasiExtension::Wait(const Waiting& waiting, uint64_t max_ns) {
  int64_t left = static_cast<int64_t>(std::min(max_ns, kMaxSleepNs));
  if (waiting.has_deadline) {
    left = std::clamp<int64_t>(
        waiting.deadline_ns - environment_->RealtimeNow(), 0, left);
  }
  std::vector<pollfd> wanted;
  if (waiting.input && streams_.input_fd >= 0) {
    wanted.push_back({streams_.input_fd, POLLIN, 0});
  }
  for (const wasmd_wait_fd_t& descriptor : waiting.descriptors) {
    const short events = descriptor.for_write ? POLLOUT : POLLIN;
    wanted.push_back({descriptor.fd, events, 0});
  }
  const timespec timeout = {left / kNsPerSecond, left % kNsPerSecond};
  ppoll(wanted.data(), wanted.size(), &timeout, nullptr);
}

std::string WasiExtension::Save() const {
  return const_cast<WasiHost&>(host_).context().Save();
}

namespace {

bool OpenStream(int* fd, const char* path, int flags) {
  if (path == nullptr) return false;
  const int opened = open(path, flags | O_CLOEXEC, 0666);
  if (opened < 0) return false;
  if (*fd >= 0) close(*fd);
  *fd = opened;
  return true;
}

void InheritStream(int* fd, int own) {
  const int copy = fcntl(own, F_DUPFD_CLOEXEC, 0);
  if (*fd >= 0) close(*fd);
  *fd = copy;
}

constexpr int kOutputFlags = O_WRONLY | O_CREAT | O_TRUNC;

bool AddPreopen(wasi_config_t* config, const char* host_path,
                const char* guest_path, bool read_only) {
  if (config == nullptr || host_path == nullptr || guest_path == nullptr) {
    return false;
  }
  config->options.preopens.push_back({host_path, guest_path, read_only});
  return true;
}

WasiExtension* WasiOf(wasm_store_t& store) {
  for (const auto& extension : store.extensions()) {
    auto* wasi = dynamic_cast<WasiExtension*>(extension.get());
    if (wasi != nullptr) return wasi;
  }
  return nullptr;
}

}  // namespace
}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

wasi_config_t::~wasi_config_t() { CloseStreams(streams); }

struct wasi_instance_t {
  StoreUser user;
  WasiExtension* wasi;  // the store's
};

extern "C" {

wasi_config_t* wasi_config_new() { return new wasi_config_t; }
void wasi_config_delete(wasi_config_t* config) { delete config; }

bool wasi_config_set_argv(wasi_config_t* config, size_t argc,
                          const char* argv[]) {
  if (config == nullptr || (argv == nullptr && argc != 0)) return false;
  std::vector<std::string> arguments;
  for (size_t i = 0; i < argc; ++i) {
    if (argv[i] == nullptr) return false;
    arguments.emplace_back(argv[i]);
  }
  config->options.arguments = std::move(arguments);
  return true;
}

bool wasi_config_set_env(wasi_config_t* config, size_t count,
                         const char* names[], const char* values[]) {
  if (config == nullptr) return false;
  if (count != 0 && (names == nullptr || values == nullptr)) return false;
  std::vector<std::string> environment;
  for (size_t i = 0; i < count; ++i) {
    if (names[i] == nullptr || values[i] == nullptr) return false;
    environment.push_back(wasmd::StrCat(std::string_view(names[i]), "=",
                                        std::string_view(values[i])));
  }
  config->options.environment = std::move(environment);
  return true;
}

void wasi_config_inherit_env(wasi_config_t* config) {
  if (config == nullptr) return;
  config->options.environment.clear();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    config->options.environment.emplace_back(*entry);
  }
}

void wasi_config_inherit_stdin(wasi_config_t* config) {
  if (config != nullptr) InheritStream(&config->streams.input_fd, 0);
}
void wasi_config_inherit_stdout(wasi_config_t* config) {
  if (config != nullptr) InheritStream(&config->streams.output_fds[0], 1);
}
void wasi_config_inherit_stderr(wasi_config_t* config) {
  if (config != nullptr) InheritStream(&config->streams.output_fds[1], 2);
}

bool wasi_config_set_stdin_file(wasi_config_t* config, const char* path) {
  return config != nullptr &&
         OpenStream(&config->streams.input_fd, path, O_RDONLY);
}
bool wasi_config_set_stdout_file(wasi_config_t* config, const char* path) {
  return config != nullptr &&
         OpenStream(&config->streams.output_fds[0], path, kOutputFlags);
}
bool wasi_config_set_stderr_file(wasi_config_t* config, const char* path) {
  return config != nullptr &&
         OpenStream(&config->streams.output_fds[1], path, kOutputFlags);
}

void wasi_config_set_output(wasi_config_t* config,
                            void (*write)(void* env, int stream,
                                          const void* bytes, size_t size),
                            void* env) {
  if (config == nullptr) return;
  config->streams.write = write;
  config->streams.env = env;
}

bool wasi_config_listen_tcp(wasi_config_t* config, const char* address) {
  if (config == nullptr || address == nullptr) return false;
  config->options.listeners.emplace_back(address);
  return true;
}

bool wasi_config_preopen_dir(wasi_config_t* config, const char* host_path,
                             const char* guest_path) {
  return AddPreopen(config, host_path, guest_path, /*read_only=*/false);
}
bool wasi_config_preopen_dir_read_only(wasi_config_t* config,
                                       const char* host_path,
                                       const char* guest_path) {
  return AddPreopen(config, host_path, guest_path, /*read_only=*/true);
}

wasi_instance_t* wasi_instance_new(wasm_store_t* store, const char* name,
                                   wasi_config_t* config, wasm_trap_t** trap) {
  const std::unique_ptr<wasi_config_t> owned(config);
  if (trap != nullptr) *trap = nullptr;
  const std::string_view module = name == nullptr ? "" : name;
  absl::Status status;
  auto extension = std::make_unique<WasiExtension>(
      owned != nullptr ? owned.get() : std::make_unique<wasi_config_t>().get());
  if (store == nullptr || owned == nullptr) {
    status = absl::InvalidArgumentError("no store or no config");
  } else if (module != wasmd::wasi::kModuleName) {
    status = absl::InvalidArgumentError(
        wasmd::StrCat("there is no WASI called ", module));
  } else if (WasiOf(*store) != nullptr) {
    status = absl::FailedPreconditionError("the store has a WASI already");
  } else {
    status = extension->Open(owned->options);
  }
  if (!status.ok()) {
    if (store != nullptr) store->set_error(status);
    if (trap != nullptr) {
      *trap = NewTrap(store, std::string(wasmd::ToStd(status.message())));
    }
    return nullptr;
  }
  auto* instance = new wasi_instance_t{StoreUser(store), extension.get()};
  store->extensions().push_back(std::move(extension));
  return instance;
}

void wasi_instance_delete(wasi_instance_t* instance) { delete instance; }

const wasm_extern_t* wasi_instance_bind_import(
    const wasi_instance_t* instance, const wasm_importtype_t* import) {
  if (instance == nullptr || import == nullptr ||
      instance->user.store() == nullptr) {
    return nullptr;
  }
  const std::string_view module = TextOf(import->module);
  if (module != wasmd::wasi::kModuleName) {
    return nullptr;
  }
  const std::string name(TextOf(import->name));
  wasm_store_t& store = *instance->user.store();
  auto& functions = instance->wasi->functions();
  auto found = functions.find(name);
  if (found == functions.end()) {
    const auto number = wasmd::wasi::Context::FindFunction(name);
    if (!number.has_value()) return nullptr;
    auto function = instance->wasi->Bind(name);
    if (!function.ok()) return nullptr;
    const wasmd::FuncAddr address = store.store().AddHostFunction(
        wasmd::wasi::Context::TypeOf(*number), *std::move(function),
        {std::string(wasmd::wasi::kModuleName), name});
    found = functions.emplace(name, address).first;
  }
  return store.Function(found->second);
}

}  // extern "C"
