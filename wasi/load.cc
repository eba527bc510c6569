// Load: a context from saved bytes. Nothing in them is trusted; files are found
// again below their preopened directories by the same means as the guest's.

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasi/context_impl.h"
#include "wasi/host_paths.h"
#include "wasi/state_version.h"
#include "wasi/tcp.h"
#include "wasi/wasi_state.pb.h"

namespace wasmd::wasi {
namespace {

constexpr int64_t kMaxTimeNs = int64_t{1} << 62;
constexpr size_t kMaxInputBytes = size_t{1} << 20;
constexpr size_t kMaxSavedClocks = 1 << 16;

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(StrCat("damaged WASI state: ", what));
}

FileIdentity ToIdentity(const SavedIdentity& saved) {
  return {.device = saved.device(),
          .inode = saved.inode(),
          .size_bytes = saved.size_bytes(),
          .modified_ns = saved.modified_ns()};
}

bool HasNul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

bool IsTime(int64_t time_ns) { return time_ns >= 0 && time_ns <= kMaxTimeNs; }

}  // namespace

class StateLoader {
 public:
  StateLoader(const WasiState& state, std::vector<std::string>* warnings)
      : state_(state), warnings_(warnings) {}

  absl::StatusOr<std::unique_ptr<ContextImpl>> Load(
      Environment* environment, PathResolver::Method method) {
    ASSIGN_OR_RETURN(const GuestClocks clocks, LoadClocks(environment));
    context_.reset(new ContextImpl(environment, method, clocks));
    RETURN_IF_ERROR(LoadStrings());
    RETURN_IF_ERROR(LoadRoots());
    RETURN_IF_ERROR(LoadInputAndPoll());
    RETURN_IF_ERROR(LoadEffect());
    for (const SavedDescriptor& saved : state_.descriptors()) {
      RETURN_IF_ERROR(LoadDescriptor(saved));
    }
    if (connection_count_ != 0) {
      Warn(StrCat("connections that ended when the process stopped: ",
                  connection_count_, "; their use fails with ECONNRESET"));
    }
    return std::move(context_);
  }

 private:
  absl::StatusOr<GuestClocks> LoadClocks(Environment* environment) {
    const SavedClocks& saved = state_.clocks();
    if (!IsTime(saved.realtime_ns()) || !IsTime(saved.monotonic_ns()) ||
        !IsTime(saved.monotonic_at_realtime_ns()) || !IsTime(saved.cpu_ns())) {
      return Damaged("a clock is out of range");
    }
    return GuestClocks::Resume(
        environment,
        {.realtime_ns = saved.realtime_ns(),
         .monotonic_ns = saved.monotonic_ns(),
         .monotonic_at_realtime_ns = saved.monotonic_at_realtime_ns(),
         .cpu_ns = saved.cpu_ns()});
  }

  absl::Status LoadStrings() {
    context_->arguments_.assign(state_.arguments().begin(),
                                state_.arguments().end());
    context_->environ_.assign(state_.environment().begin(),
                              state_.environment().end());
    for (const auto* strings : {&context_->arguments_, &context_->environ_}) {
      const absl::Status status = CheckStartStrings(*strings, "a string");
      if (!status.ok()) return Damaged(ToStd(status.message()));
    }
    return absl::OkStatus();
  }

  absl::Status LoadRoots() {
    for (const SavedRoot& saved : state_.roots()) {
      if (!saved.host_path().starts_with('/') || HasNul(saved.host_path())) {
        return Damaged("the path of a preopened directory");
      }
      Root root;
      root.host_path = saved.host_path();
      root.guest_path = saved.guest_path();
      root.read_only = saved.read_only();
      root.fd = OpenDirectory(root.host_path);
      if (root.fd.is_open()) {
        root.real_path = RealPathOf(root.fd.get());
      } else {
        Warn(StrCat("cannot open preopened directory ", root.host_path, ": ",
                    std::string_view(std::strerror(errno)),
                    "; what the process has open there fails with EIO"));
      }
      context_->roots_.push_back(std::move(root));
    }
    return absl::OkStatus();
  }

  absl::Status LoadInputAndPoll() {
    if (state_.input().size() > kMaxInputBytes) {
      return Damaged("too much standard input");
    }
    context_->input_ = state_.input();
    context_->input_ended_ = state_.input_ended() && state_.input().empty();
    context_->environment_->SetInputPosition(state_.input_position());
    context_->terminals_ = state_.terminals() & 7;
    if (!state_.has_poll()) return absl::OkStatus();
    if (state_.poll().clocks_size() > static_cast<int>(kMaxSavedClocks)) {
      return Damaged("too many clocks are waited for");
    }
    std::vector<ClockWait>& waits = context_->pending_poll_.emplace();
    for (const SavedPoll::Clock& saved : state_.poll().clocks()) {
      ClockWait wait = {.deadline_ns = saved.deadline_ns(),
                        .monotonic_ns = std::nullopt};
      if (saved.has_monotonic_ns()) wait.monotonic_ns = saved.monotonic_ns();
      waits.push_back(wait);
    }
    return absl::OkStatus();
  }

  absl::Status LoadEffect() {
    if (!state_.has_effect()) return absl::OkStatus();
    const SavedEffect& saved = state_.effect();
    const std::optional<uint32_t> function =
        Context::FindFunction(saved.function());
    if (!function.has_value()) return Damaged("an effect of no function");
    PendingEffect& effect = context_->pending_effect_.emplace();
    effect.function = static_cast<FunctionId>(*function);
    if (saved.has_source()) effect.source = ToIdentity(saved.source());
    if (saved.has_target()) effect.target = ToIdentity(saved.target());
    effect.end_offset = saved.end_offset();
    if (!saved.old_path().empty()) {
      if (saved.old_root() >= context_->roots_.size() ||
          saved.new_root() >= context_->roots_.size()) {
        return Damaged("a rename below no preopened directory");
      }
      effect.old_root = saved.old_root();
      effect.old_path = saved.old_path();
      effect.new_root = saved.new_root();
      effect.new_path = saved.new_path();
    }
    return absl::OkStatus();
  }

  absl::Status LoadDescriptor(const SavedDescriptor& saved) {
    if (saved.number() >= DescriptorTable::kMaxDescriptors ||
        context_->descriptors_.Find(saved.number()) != nullptr) {
      return Damaged(StrCat("descriptor ", saved.number()));
    }
    if (!SavedDescriptor::Kind_IsValid(saved.kind())) {
      return Damaged(StrCat("the kind of descriptor ", saved.number()));
    }
    Descriptor descriptor;
    descriptor.kind = static_cast<Descriptor::Kind>(saved.kind());
    descriptor.base = saved.rights_base();
    descriptor.inheriting = saved.rights_inheriting();
    descriptor.flags = saved.flags() & fdflags::kAll;
    RETURN_IF_ERROR(LoadPlace(saved, descriptor));
    LimitRights(descriptor);
    context_->descriptors_.Put(saved.number(), std::move(descriptor));
    return absl::OkStatus();
  }

  // To those of its kind, and of a read-only directory.
  void LimitRights(Descriptor& descriptor) {
    Rights inherited = 0;
    switch (descriptor.kind) {
      case Descriptor::Kind::kStdin:
        descriptor.base &= rights::kStandardInput;
        break;
      case Descriptor::Kind::kStdout:
      case Descriptor::Kind::kStderr:
        descriptor.base &= rights::kStandardOutput;
        break;
      case Descriptor::Kind::kFile:
        descriptor.base &= rights::kFile;
        break;
      case Descriptor::Kind::kDevice:
        descriptor.base &= rights::kDevice;
        break;
      case Descriptor::Kind::kDirectory:
        descriptor.base &= rights::kDirectory;
        inherited = rights::kInheriting;
        break;
      case Descriptor::Kind::kListener:
        descriptor.base &= rights::kListener;
        inherited = rights::kConnection;
        break;
      case Descriptor::Kind::kConnection:
        descriptor.base &= rights::kConnection;
        break;
    }
    descriptor.inheriting &= inherited;
    if (descriptor.has_path() && context_->roots_[descriptor.root].read_only) {
      descriptor.base &= ~rights::kChanging;
      descriptor.inheriting &= ~rights::kChanging;
    }
  }

  absl::Status LoadPlace(const SavedDescriptor& saved, Descriptor& descriptor) {
    if (descriptor.is_standard_stream()) return absl::OkStatus();
    if (descriptor.is_socket()) return LoadSocket(saved, descriptor);
    if (saved.root() >= context_->roots_.size() || saved.path().empty() ||
        HasNul(saved.path()) ||
        saved.offset() > uint64_t{std::numeric_limits<int64_t>::max()}) {
      return Damaged(StrCat("the file of descriptor ", saved.number()));
    }
    descriptor.root = saved.root();
    descriptor.path = saved.path();
    descriptor.host_reads = saved.host_reads();
    descriptor.host_writes = saved.host_writes();
    descriptor.offset = saved.offset();
    descriptor.is_preopen = saved.is_preopen();
    if (descriptor.is_preopen &&
        descriptor.kind != Descriptor::Kind::kDirectory) {
      return Damaged(StrCat("preopened descriptor ", saved.number()));
    }
    if (saved.has_identity()) {
      descriptor.lost_identity = ToIdentity(saved.identity());
    }
    descriptor.is_deleted = saved.deleted();
    Reopen(saved.number(), descriptor);
    return absl::OkStatus();
  }

  absl::Status LoadSocket(const SavedDescriptor& saved,
                          Descriptor& descriptor) {
    if (descriptor.kind == Descriptor::Kind::kConnection) {
      ++connection_count_;
      return absl::OkStatus();
    }
    descriptor.address = saved.address();
    if (!CheckTcpAddress(descriptor.address).ok()) {
      return Damaged(StrCat("the address of descriptor ", saved.number()));
    }
    absl::StatusOr<OwnedFd> listener = ListenAt(descriptor.address);
    if (listener.ok()) {
      descriptor.fd = *std::move(listener);
    } else {
      Warn(StrCat(ToStd(listener.status().message()),
                  "; the use of descriptor ", saved.number(),
                  " fails with EIO"));
    }
    return absl::OkStatus();
  }

  // Leaves the descriptor lost, with a warning, if it cannot.
  void Reopen(uint32_t number, Descriptor& descriptor) {
    if (!context_->roots_[descriptor.root].fd.is_open()) return;
    const std::string path =
        context_->HostPathOf(descriptor.root, descriptor.path);
    if (descriptor.is_deleted) {
      Warn(StrCat(path, " was deleted while the process had it open as ",
                  number, "; its use fails with EIO"));
      return;
    }
    ErrnoOr<Opened> opened =
        OpenAt(descriptor.root, descriptor.path, descriptor);
    if (!opened.ok() || !IsSame(*opened, descriptor)) {
      TryRenamed(descriptor, opened);
    }
    if (!opened.ok()) {
      Warn(StrCat("cannot open ", path, " again, which the process has as ",
                  number, " (", Describe(opened.error()),
                  "); its use fails with EIO"));
      return;
    }
    WarnOfChange(path, *opened, descriptor);
    descriptor.fd = std::move(opened->fd);
  }

  struct Opened {
    OwnedFd fd;
    FileIdentity identity;
  };

  ErrnoOr<Opened> OpenAt(uint32_t root, const std::string& path,
                         const Descriptor& descriptor) {
    if (!context_->roots_[root].fd.is_open()) return Errno::kNoent;
    int flags = O_NONBLOCK;
    flags |= descriptor.host_writes
                 ? (descriptor.host_reads ? O_RDWR : O_WRONLY)
                 : O_RDONLY;
    if (descriptor.kind == Descriptor::Kind::kDirectory) flags |= O_DIRECTORY;
    Opened opened;
    ASSIGN_OR_RETURN_ERRNO(
        opened.fd, context_->resolver_.Open(context_->roots_[root].fd.get(),
                                            path, flags, 0, true));
    ASSIGN_OR_RETURN_ERRNO(const struct stat status, StatusOf(opened.fd.get()));
    const FileType type = TypeOfMode(status.st_mode);
    const bool is_right_kind =
        descriptor.kind == Descriptor::Kind::kDirectory
            ? type == FileType::kDirectory
            : type == (descriptor.kind == Descriptor::Kind::kFile
                           ? FileType::kRegularFile
                           : FileType::kCharacterDevice);
    if (!is_right_kind) return Errno::kNoent;
    opened.identity = IdentityOf(status);
    return opened;
  }

  static bool IsSame(const Opened& opened, const Descriptor& descriptor) {
    return descriptor.lost_identity.has_value() &&
           opened.identity.HasSameInode(*descriptor.lost_identity);
  }

  // A rename that was under way may have moved it.
  void TryRenamed(Descriptor& descriptor, ErrnoOr<Opened>& opened) {
    if (!context_->pending_effect_.has_value()) return;
    const PendingEffect& effect = *context_->pending_effect_;
    if (effect.old_path.empty()) return;
    const std::string from =
        context_->HostPathOf(effect.old_root, effect.old_path);
    const std::string path =
        context_->HostPathOf(descriptor.root, descriptor.path);
    if (!IsAtOrBelow(path, from)) return;
    const std::string renamed =
        StrCat(effect.new_path, path.substr(from.size()));
    ErrnoOr<Opened> other = OpenAt(effect.new_root, renamed, descriptor);
    if (!other.ok() || !(IsSame(*other, descriptor) || !opened.ok())) return;
    descriptor.root = effect.new_root;
    descriptor.path = renamed;
    opened = std::move(other);
  }

  void WarnOfChange(const std::string& path, const Opened& opened,
                    const Descriptor& descriptor) {
    if (descriptor.kind != Descriptor::Kind::kFile ||
        !descriptor.lost_identity.has_value() ||
        opened.identity.HasSameContents(*descriptor.lost_identity)) {
      return;
    }
    const bool is_same = IsSame(opened, descriptor);
    // It wrote to it after it was saved last (ReplayedState).
    if (is_same && descriptor.lost_identity->modified_ns == 0) return;
    if (is_same && MayBeOurChange(opened)) return;
    Warn(StrCat(path, is_same ? " changed" : " was replaced",
                " while the process was away: it had ",
                descriptor.lost_identity->size_bytes, " bytes and has ",
                opened.identity.size_bytes));
  }

  // An effect that was under way may have been of this file.
  bool MayBeOurChange(const Opened& opened) const {
    if (!context_->pending_effect_.has_value()) return false;
    const PendingEffect& effect = *context_->pending_effect_;
    if (effect.function == FunctionId::path_open ||
        effect.function == FunctionId::path_filestat_set_times) {
      return true;  // by way of a link, perhaps
    }
    return effect.source.has_value() &&
           effect.source->HasSameInode(opened.identity);
  }

  void Warn(std::string text) {
    if (warnings_ != nullptr) warnings_->push_back(std::move(text));
  }

  const WasiState& state_;
  std::vector<std::string>* warnings_;
  std::unique_ptr<ContextImpl> context_;
  size_t connection_count_ = 0;
};

absl::StatusOr<std::unique_ptr<ContextImpl>> ContextImpl::LoadImpl(
    ByteSpan saved, Environment* environment, PathResolver::Method method,
    std::vector<std::string>* warnings) {
  WasiState state;
  if (saved.size() > std::numeric_limits<int>::max() ||
      !state.ParseFromArray(saved.data(), static_cast<int>(saved.size()))) {
    return Damaged("not a message of its kind");
  }
  if (state.version() == 0) return Damaged("it has no version");
  if (state.version() > kStateVersion) {
    return absl::UnimplementedError(
        StrCat("WASI state of version ", state.version(),
               " was saved by a newer wasmd; this one reads up to ",
               kStateVersion, ": use a newer wasmd"));
  }
  return StateLoader(state, warnings).Load(environment, method);
}

}  // namespace wasmd::wasi
