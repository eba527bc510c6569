// Creating a context, and what all calls go through.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasi/context_impl.h"
#include "wasi/host_paths.h"

namespace wasmd::wasi {
namespace {

constexpr size_t kMaxPreopens = 256;

absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
  if (path.empty()) {
    return absl::InvalidArgumentError(
        "the path of a preopened directory is empty");
  }
  if (path.front() == '/') return path;
  char current[PATH_MAX];
  if (::getcwd(current, sizeof(current)) == nullptr) {
    return absl::InternalError(StrCat("cannot find the current directory for ",
                                      path, ": ",
                                      std::string_view(std::strerror(errno))));
  }
  return StrCat(std::string_view(current), "/", path);
}

absl::Status OpenError(const std::string& path, int error) {
  const std::string message =
      StrCat("cannot open preopened directory ", path, ": ",
             std::string_view(std::strerror(error)));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    default:
      return absl::InternalError(message);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Context>> Context::Create(
    const Options& options, Environment* environment) {
  return ContextImpl::CreateImpl(options, environment,
                                 PathResolver::Method::kKernel);
}

absl::StatusOr<std::unique_ptr<Context>> Context::Load(
    ByteSpan saved, Environment* environment,
    std::vector<std::string>* warnings) {
  return ContextImpl::LoadImpl(saved, environment,
                               PathResolver::Method::kKernel, warnings);
}

std::optional<uint32_t> Context::FindFunction(std::string_view name) {
  const std::vector<FunctionEntry>& table = Functions();
  for (uint32_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name) return i;
  }
  return std::nullopt;
}

const FunctionType& Context::TypeOf(uint32_t function) {
  CHECK(function < Functions().size());
  return Functions()[function].type;
}

std::string_view Context::NameOf(uint32_t function) {
  CHECK(function < Functions().size());
  return Functions()[function].name;
}

uint32_t Context::FunctionCount() {
  return static_cast<uint32_t>(Functions().size());
}

absl::StatusOr<std::unique_ptr<ContextImpl>> ContextImpl::CreateImpl(
    const Options& options, Environment* environment,
    PathResolver::Method method) {
  RETURN_IF_ERROR(CheckStartStrings(options.arguments, "an argument"));
  RETURN_IF_ERROR(
      CheckStartStrings(options.environment, "an environment variable"));
  // The constructor is private: make_unique cannot call it.
  auto context = std::unique_ptr<ContextImpl>(
      new ContextImpl(environment, method, GuestClocks::Start(environment)));
  context->arguments_ = options.arguments;
  context->environ_ = options.environment;
  context->AddStandardStreams();
  RETURN_IF_ERROR(context->OpenRoots(options.preopens));
  RETURN_IF_ERROR(context->OpenListeners(options.listeners));
  return context;
}

void ContextImpl::AddStandardStreams() {
  for (uint32_t stream = 0; stream < 3; ++stream) {
    if (environment_->IsTerminal(stream)) terminals_ |= 1u << stream;
    Descriptor descriptor;
    descriptor.kind = static_cast<Descriptor::Kind>(stream);
    descriptor.base =
        stream == 0 ? rights::kStandardInput : rights::kStandardOutput;
    descriptors_.Put(stream, std::move(descriptor));
  }
}

absl::Status ContextImpl::OpenRoots(const std::vector<Preopen>& preopens) {
  if (preopens.size() > kMaxPreopens) {
    return absl::ResourceExhaustedError(
        StrCat(preopens.size(), " preopened directories; at most ",
               kMaxPreopens, " are possible"));
  }
  for (const Preopen& preopen : preopens) {
    RETURN_IF_ERROR(CheckStartStrings({preopen.host_path, preopen.guest_path},
                                      "the path of a preopened directory"));
    Root root;
    ASSIGN_OR_RETURN(root.host_path, AbsolutePath(preopen.host_path));
    root.guest_path = preopen.guest_path;
    root.read_only = preopen.read_only;
    root.fd = OpenDirectory(root.host_path);
    if (!root.fd.is_open()) return OpenError(root.host_path, errno);
    root.real_path = RealPathOf(root.fd.get());

    Descriptor descriptor;
    descriptor.kind = Descriptor::Kind::kDirectory;
    const Rights allowed = root.read_only ? ~rights::kChanging : ~Rights{0};
    descriptor.base = rights::kDirectory & allowed;
    descriptor.inheriting = rights::kInheriting & allowed;
    descriptor.fd = OpenAgain(root.fd.get());
    if (!descriptor.fd.is_open()) return OpenError(root.host_path, errno);
    descriptor.root = static_cast<uint32_t>(roots_.size());
    descriptor.path = ".";
    descriptor.host_reads = true;
    descriptor.is_preopen = true;
    roots_.push_back(std::move(root));
    CHECK(descriptors_.Add(std::move(descriptor)).ok());
  }
  return absl::OkStatus();
}

ErrnoOr<Descriptor*> ContextImpl::Find(uint32_t fd) {
  Descriptor* descriptor = descriptors_.Find(fd);
  if (descriptor == nullptr) return Errno::kBadf;
  if (descriptor->is_lost()) return Errno::kIo;
  return descriptor;
}

ErrnoOr<Descriptor*> ContextImpl::FindFile(uint32_t fd, Rights rights,
                                           Errno not_a_file) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (descriptor->kind == Descriptor::Kind::kDirectory) return Errno::kIsdir;
  if (descriptor->kind != Descriptor::Kind::kFile) return not_a_file;
  if (!descriptor->has(rights)) return Errno::kNotCapable;
  return descriptor;
}

ErrnoOr<Descriptor*> ContextImpl::FindDirectory(uint32_t fd, Rights rights) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (descriptor->kind != Descriptor::Kind::kDirectory) return Errno::kNotdir;
  if (!descriptor->has(rights)) return Errno::kNotCapable;
  return descriptor;
}

ErrnoOr<Descriptor*> ContextImpl::FindFileOrDirectory(uint32_t fd,
                                                      Rights rights,
                                                      Errno not_a_file) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (descriptor->kind != Descriptor::Kind::kFile &&
      descriptor->kind != Descriptor::Kind::kDirectory) {
    return not_a_file;
  }
  if (!descriptor->has(rights)) return Errno::kNotCapable;
  return descriptor;
}

Outcome ToOutcome(const ErrnoOr<std::optional<Wait>>& answer) {
  Outcome outcome;
  outcome.errno_value = static_cast<uint16_t>(answer.error());
  if (answer.ok() && answer->has_value()) {
    outcome.kind = Outcome::Kind::kWait;
    outcome.wait = **answer;
  }
  return outcome;
}

Durability ContextImpl::DurabilityOf(uint32_t function,
                                     std::span<const Slot> arguments) const {
  const FunctionEntry& entry = Functions().at(function);
  CHECK(arguments.size() == entry.type.params.size());
  if (entry.durability == DurabilityRule::kPure) return Durability::kPure;
  if (entry.durability == DurabilityRule::kInput) return Durability::kInput;
  if (entry.durability == DurabilityRule::kBlocking) {
    return Durability::kBlocking;
  }
  size_t fd_index = 0;
  if (entry.durability == DurabilityRule::kSymlink) fd_index = 2;
  if (entry.durability == DurabilityRule::kRenumber) fd_index = 1;
  const Descriptor* descriptor =
      descriptors_.Find(FromSlot<uint32_t>(arguments[fd_index]));
  if (descriptor == nullptr || descriptor->is_lost()) return Durability::kPure;
  const bool is_stream = descriptor->is_standard_stream();
  const bool is_connection = descriptor->kind == Descriptor::Kind::kConnection;
  switch (entry.durability) {
    case DurabilityRule::kRead:
      return descriptor->kind == Descriptor::Kind::kStdin || is_connection
                 ? Durability::kBlocking
                 : Durability::kInput;
    case DurabilityRule::kWrite:
      return is_stream ? Durability::kOutput : Durability::kEffect;
    case DurabilityRule::kSocketInput:
      return descriptor->is_socket() ? Durability::kBlocking
                                     : Durability::kPure;
    // The other side sees these, and no other descriptor has them.
    case DurabilityRule::kSocketEffect:
    case DurabilityRule::kClose:
    case DurabilityRule::kRenumber:
      return is_connection ? Durability::kEffect : Durability::kPure;
    case DurabilityRule::kSeek:
      return FromSlot<uint32_t>(arguments[2]) == whence::kEnd
                 ? Durability::kInput
                 : Durability::kPure;
    case DurabilityRule::kOpen: {
      const uint32_t open_flags = FromSlot<uint32_t>(arguments[4]);
      return open_flags & (oflags::kCreat | oflags::kTrunc)
                 ? Durability::kEffect
                 : Durability::kInput;
    }
    case DurabilityRule::kFdInput:
      return descriptor->has_path() ? Durability::kInput : Durability::kPure;
    default:
      return descriptor->has_path() ? Durability::kEffect : Durability::kPure;
  }
}

Outcome ContextImpl::Call(uint32_t function, std::span<const Slot> arguments,
                          MemoryInstance& memory, bool in_doubt,
                          CallRecord* record) {
  const FunctionEntry& entry = Functions().at(function);
  CHECK(arguments.size() == entry.type.params.size());
  if (static_cast<FunctionId>(function) != FunctionId::poll_oneoff) {
    pending_poll_.reset();  // of a call that was given up
  }
  Caller caller{
      GuestMemory(memory, record != nullptr ? &record->written : nullptr),
      in_doubt};
  const size_t input_before = input_.size();
  is_complete_ = false;
  Outcome outcome = entry.call(*this, caller, arguments);
  if (outcome.kind != Outcome::Kind::kWait) {
    pending_effect_.reset();
    pending_poll_.reset();
  }
  if (record != nullptr && outcome.kind == Outcome::Kind::kReturn) {
    RecordChange(static_cast<FunctionId>(function), arguments, outcome,
                 input_before, record);
  }
  return outcome;
}

}  // namespace wasmd::wasi
