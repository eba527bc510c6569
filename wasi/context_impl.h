// ContextImpl: Context, with one member for each function of functions.def.
// Members are in files by family: args_environ.cc, clock_functions.cc,
// fd_io.cc, fd_file.cc, fd_table.cc, fd_directory.cc, path_open.cc,
// path_status.cc, path_change.cc, poll.cc, process.cc, random.cc, sockets.cc.
// What a repeated effect must know is prepare.cc; saving is save.cc, load.cc;
// what is noted of calls is record.cc.

#ifndef WASMD_WASI_CONTEXT_IMPL_H_
#define WASMD_WASI_CONTEXT_IMPL_H_

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/owned_fd.h"
#include "interp/memory_instance.h"
#include "interp/slot.h"
#include "wasi/abi.h"
#include "wasi/clocks.h"
#include "wasi/descriptor_table.h"
#include "wasi/environment.h"
#include "wasi/errno.h"
#include "wasi/file_status.h"
#include "wasi/function_table.h"
#include "wasi/guest_memory.h"
#include "wasi/path_resolver.h"
#include "wasi/wasi.h"

namespace wasmd::wasi {

class WasiState;

// A preopened directory. It stays for as long as the process, also when the
// guest closes its descriptor: others are found again below it.
struct Root {
  std::string host_path;  // absolute
  std::string guest_path;
  bool read_only = false;
  OwnedFd fd;             // not open if it was gone when the process resumed
  std::string real_path;  // of `fd`, without links; empty if not known
};

// What was the case before an effect started (Context::Prepare).
struct PendingEffect {
  FunctionId function = FunctionId::args_get;
  // Of what the call removes, renames or links from, or of the file that is
  // open as its descriptor; none if not there.
  std::optional<FileIdentity> source;
  // Of what is at the place where the call makes something; none if free.
  std::optional<FileIdentity> target;
  // Where the file ended that is appended to.
  uint64_t end_offset = 0;
  // path_rename: old and new place below the roots, to find open files again.
  uint32_t old_root = 0;
  uint32_t new_root = 0;
  std::string old_path;
  std::string new_path;
};

// Are these fit to be argv or environ? InvalidArgument for a NUL in one,
// ResourceExhausted for too much; `what` one of them is called.
absl::Status CheckStartStrings(const std::vector<std::string>& strings,
                               std::string_view what);

// A clock subscription of a poll_oneoff that waits.
struct ClockWait {
  int64_t deadline_ns = 0;  // of the host's realtime clock
  // What the guest's monotonic clock must have reached when it fires.
  std::optional<int64_t> monotonic_ns;
};

// A subscription of poll_oneoff.
struct PollSubscription {
  uint64_t user_data = 0;
  uint8_t type = 0;
  // event_type::kClock
  uint32_t clock = 0;
  uint64_t timeout = 0;
  bool is_absolute = false;
  bool has_unknown_flags = false;
  // event_type::kFdRead, kFdWrite
  uint32_t fd = 0;
};

// The outcome of a call that answers, or waits for what the value says.
Outcome ToOutcome(const ErrnoOr<std::optional<Wait>>& answer);

// How far a file was written since all was saved.
struct WrittenFile {
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t end_offset = 0;
};

// Who calls.
struct Caller {
  GuestMemory memory;
  bool in_doubt = false;
};

class ContextImpl : public Context {
 public:
  static absl::StatusOr<std::unique_ptr<ContextImpl>> CreateImpl(
      const Options& options, Environment* environment,
      PathResolver::Method method);
  static absl::StatusOr<std::unique_ptr<ContextImpl>> LoadImpl(
      ByteSpan saved, Environment* environment, PathResolver::Method method,
      std::vector<std::string>* warnings);

  std::string Save() const override;
  std::string SaveForReplay() const override;
  bool MayRepeat(uint32_t function, std::span<const Slot> arguments) override;
  void NoteSaved() override { written_files_.clear(); }
  Durability DurabilityOf(uint32_t function,
                          std::span<const Slot> arguments) const override;
  void Prepare(uint32_t function, std::span<const Slot> arguments,
               MemoryInstance& memory) override;
  using Context::Call;
  Outcome Call(uint32_t function, std::span<const Slot> arguments,
               MemoryInstance& memory, bool in_doubt,
               CallRecord* record) override;

  // One for each row of functions.def; a pointer into guest memory is named
  // with _at, its length with _size.
  Errno ArgsGet(Caller& caller, uint32_t argv_at, uint32_t buffer_at);
  Errno ArgsSizesGet(Caller& caller, uint32_t count_at, uint32_t size_at);
  Errno EnvironGet(Caller& caller, uint32_t environ_at, uint32_t buffer_at);
  Errno EnvironSizesGet(Caller& caller, uint32_t count_at, uint32_t size_at);
  Errno ClockResGet(Caller& caller, uint32_t clock, uint32_t resolution_at);
  Errno ClockTimeGet(Caller& caller, uint32_t clock, uint64_t precision,
                     uint32_t time_at);
  Errno FdAdvise(Caller& caller, uint32_t fd, uint64_t offset, uint64_t length,
                 uint32_t advice);
  Errno FdAllocate(Caller& caller, uint32_t fd, uint64_t offset,
                   uint64_t length);
  Errno FdClose(Caller& caller, uint32_t fd);
  Errno FdDatasync(Caller& caller, uint32_t fd);
  Errno FdFdstatGet(Caller& caller, uint32_t fd, uint32_t fdstat_at);
  Errno FdFdstatSetFlags(Caller& caller, uint32_t fd, uint32_t flags);
  Errno FdFdstatSetRights(Caller& caller, uint32_t fd, uint64_t base,
                          uint64_t inheriting);
  Errno FdFilestatGet(Caller& caller, uint32_t fd, uint32_t filestat_at);
  Errno FdFilestatSetSize(Caller& caller, uint32_t fd, uint64_t size);
  Errno FdFilestatSetTimes(Caller& caller, uint32_t fd, uint64_t access_ns,
                           uint64_t modify_ns, uint32_t flags);
  Errno FdPread(Caller& caller, uint32_t fd, uint32_t vectors_at,
                uint32_t count, uint64_t offset, uint32_t size_at);
  Errno FdPrestatGet(Caller& caller, uint32_t fd, uint32_t prestat_at);
  Errno FdPrestatDirName(Caller& caller, uint32_t fd, uint32_t path_at,
                         uint32_t path_size);
  Errno FdPwrite(Caller& caller, uint32_t fd, uint32_t vectors_at,
                 uint32_t count, uint64_t offset, uint32_t size_at);
  Outcome FdRead(Caller& caller, uint32_t fd, uint32_t vectors_at,
                 uint32_t count, uint32_t size_at);
  Errno FdReaddir(Caller& caller, uint32_t fd, uint32_t buffer_at,
                  uint32_t buffer_size, uint64_t cookie, uint32_t used_at);
  Errno FdRenumber(Caller& caller, uint32_t from, uint32_t to);
  Errno FdSeek(Caller& caller, uint32_t fd, int64_t delta, uint32_t whence,
               uint32_t offset_at);
  Errno FdSync(Caller& caller, uint32_t fd);
  Errno FdTell(Caller& caller, uint32_t fd, uint32_t offset_at);
  Outcome FdWrite(Caller& caller, uint32_t fd, uint32_t vectors_at,
                  uint32_t count, uint32_t size_at);
  Errno PathCreateDirectory(Caller& caller, uint32_t fd, uint32_t path_at,
                            uint32_t path_size);
  Errno PathFilestatGet(Caller& caller, uint32_t fd, uint32_t lookup,
                        uint32_t path_at, uint32_t path_size,
                        uint32_t filestat_at);
  Errno PathFilestatSetTimes(Caller& caller, uint32_t fd, uint32_t lookup,
                             uint32_t path_at, uint32_t path_size,
                             uint64_t access_ns, uint64_t modify_ns,
                             uint32_t flags);
  Errno PathLink(Caller& caller, uint32_t old_fd, uint32_t lookup,
                 uint32_t old_path_at, uint32_t old_path_size, uint32_t new_fd,
                 uint32_t new_path_at, uint32_t new_path_size);
  Errno PathOpen(Caller& caller, uint32_t fd, uint32_t lookup, uint32_t path_at,
                 uint32_t path_size, uint32_t open_flags, uint64_t base,
                 uint64_t inheriting, uint32_t flags, uint32_t opened_at);
  Errno PathReadlink(Caller& caller, uint32_t fd, uint32_t path_at,
                     uint32_t path_size, uint32_t buffer_at,
                     uint32_t buffer_size, uint32_t used_at);
  Errno PathRemoveDirectory(Caller& caller, uint32_t fd, uint32_t path_at,
                            uint32_t path_size);
  Errno PathRename(Caller& caller, uint32_t old_fd, uint32_t old_path_at,
                   uint32_t old_path_size, uint32_t new_fd,
                   uint32_t new_path_at, uint32_t new_path_size);
  Errno PathSymlink(Caller& caller, uint32_t text_at, uint32_t text_size,
                    uint32_t fd, uint32_t path_at, uint32_t path_size);
  Errno PathUnlinkFile(Caller& caller, uint32_t fd, uint32_t path_at,
                       uint32_t path_size);
  Outcome PollOneoff(Caller& caller, uint32_t subscriptions_at,
                     uint32_t events_at, uint32_t count, uint32_t ready_at);
  Outcome ProcExit(Caller& caller, uint32_t code);
  Outcome ProcRaise(Caller& caller, uint32_t signal);
  Errno SchedYield(Caller& caller);
  Errno RandomGet(Caller& caller, uint32_t buffer_at, uint32_t buffer_size);
  Outcome SockAccept(Caller& caller, uint32_t fd, uint32_t flags,
                     uint32_t opened_at);
  Outcome SockRecv(Caller& caller, uint32_t fd, uint32_t vectors_at,
                   uint32_t count, uint32_t flags, uint32_t size_at,
                   uint32_t out_flags_at);
  Outcome SockSend(Caller& caller, uint32_t fd, uint32_t vectors_at,
                   uint32_t count, uint32_t flags, uint32_t size_at);
  Errno SockShutdown(Caller& caller, uint32_t fd, uint32_t how);

 private:
  friend class StateLoader;

  ContextImpl(Environment* environment, PathResolver::Method method,
              const GuestClocks& clocks)
      : environment_(environment), resolver_(method), clocks_(clocks) {}

  // --- Descriptors (fd_table.cc).
  absl::Status OpenRoots(const std::vector<Preopen>& preopens);
  void AddStandardStreams();
  // kBadf if there is none, kIo if it is lost.
  ErrnoOr<Descriptor*> Find(uint32_t fd);
  // A file with these rights: kIsdir for a directory, `not_a_file` for a
  // stream, kNotCapable without the rights.
  ErrnoOr<Descriptor*> FindFile(uint32_t fd, Rights rights, Errno not_a_file);
  // A directory with these rights: kNotdir if it is none.
  ErrnoOr<Descriptor*> FindDirectory(uint32_t fd, Rights rights);
  // Either.
  ErrnoOr<Descriptor*> FindFileOrDirectory(uint32_t fd, Rights rights,
                                           Errno not_a_file);

  void MakeRoomForListing(size_t entry_count);

  // --- Reading and writing (fd_io.cc).
  // Standard input: how much of it is in the buffer, at most `wanted` read
  // anew; 0 at its end; nullopt if nothing is there yet.
  std::optional<size_t> FillInput(size_t wanted);
  ErrnoOr<std::optional<uint32_t>> ReadStandardInput(Caller& caller,
                                                     Descriptor& input,
                                                     uint32_t vectors_at,
                                                     uint32_t count,
                                                     uint32_t size_at);
  // From `at`, or from the descriptor's offset, which it moves.
  Errno ReadFile(Caller& caller, uint32_t fd, uint32_t vectors_at,
                 uint32_t count, std::optional<uint64_t> at, uint32_t size_at);
  ErrnoOr<uint64_t> WriteStandardOutput(Caller& caller,
                                        const Descriptor& output,
                                        const std::vector<GuestRange>& ranges);
  ErrnoOr<uint64_t> Append(Caller& caller, Descriptor& file,
                           const std::vector<GuestRange>& ranges);
  ErrnoOr<uint64_t> AppendAgain(Caller& caller, Descriptor& file,
                                const std::vector<GuestRange>& ranges,
                                uint64_t end_offset);
  ErrnoOr<uint64_t> Write(Caller& caller, Descriptor& file,
                          std::vector<GuestRange> ranges);
  Errno WriteVectors(Caller& caller, uint32_t fd, uint32_t vectors_at,
                     uint32_t count, uint32_t size_at);

  // --- Sockets (sockets.cc). A value is what the call waits for.
  static constexpr size_t kMaxListeners = 64;
  absl::Status OpenListeners(const std::vector<std::string>& addresses);
  // kNotSock if it is none.
  ErrnoOr<Descriptor*> FindSocket(uint32_t fd);
  // kNotConn for a listener.
  ErrnoOr<Descriptor*> FindConnection(uint32_t fd, Rights rights);
  ErrnoOr<std::optional<Wait>> Accept(Caller& caller, uint32_t fd,
                                      uint32_t flags, uint32_t opened_at);
  ErrnoOr<std::optional<Wait>> Receive(Caller& caller, uint32_t fd,
                                       uint32_t vectors_at, uint32_t count,
                                       uint32_t flags, uint32_t size_at,
                                       std::optional<uint32_t> out_flags_at);
  ErrnoOr<std::optional<Wait>> Send(Caller& caller, uint32_t fd,
                                    uint32_t vectors_at, uint32_t count,
                                    uint32_t flags, uint32_t size_at);
  bool IsConnection(uint32_t fd) const {
    const Descriptor* descriptor = descriptors_.Find(fd);
    return descriptor != nullptr &&
           descriptor->kind == Descriptor::Kind::kConnection;
  }

  // --- Paths (path_*.cc, prepare.cc).
  // The place a path names: a directory and a name in it.
  ErrnoOr<PathResolver::Parent> Place(const GuestMemory& memory, uint32_t fd,
                                      Rights rights, uint32_t path_at,
                                      uint32_t path_size, bool follow);
  // Below `root`, the path of what `fd` is open on; `otherwise` if the system
  // does not tell.
  std::string PathBelow(uint32_t root, int fd, std::string otherwise) const;
  // That of a name in a directory of the descriptor's root.
  std::string PathBelow(const Descriptor& from,
                        const PathResolver::Parent& place) const;
  // The path on the host.
  std::string HostPathOf(uint32_t root, std::string_view path) const;
  // Follows files that the guest has open when it renames them or what they are
  // in.
  void NoteRename(uint32_t old_root, std::string_view old_path,
                  uint32_t new_root, std::string_view new_path);
  // Is this call a repeat, and if so, what was noted before the first time?
  // `noted` is null if nothing was.
  struct Doubt {
    bool is_repeat = false;
    const PendingEffect* noted = nullptr;
    // A repeat of a call that found its place free the first time.
    bool place_was_free() const {
      return is_repeat && (noted == nullptr || !noted->target.has_value());
    }
    // A repeat of a call that found something to take away.
    bool source_was_there() const {
      return is_repeat && (noted == nullptr || noted->source.has_value());
    }
  };
  Doubt DoubtOf(const Caller& caller, FunctionId function) const;
  Errno Remove(Caller& caller, FunctionId function, Rights right, uint32_t fd,
               uint32_t path_at, uint32_t path_size);
  void PrepareRename(std::span<const Slot> arguments,
                     const GuestMemory& memory);
  void PrepareFile(uint32_t fd);
  void PreparePlaces(FunctionId function, std::span<const Slot> arguments,
                     const GuestMemory& memory);
  std::optional<FileIdentity> IdentityAt(const GuestMemory& memory, uint32_t fd,
                                         uint32_t path_at, uint32_t path_size);

  // All but arguments and environment.
  void SaveInto(WasiState* to) const;

  // --- What is noted of calls (record.cc).
  // Null if nothing was written to it.
  WrittenFile* WrittenTo(Descriptor& file);
  void NoteWritten(Descriptor& file, uint64_t end_offset, bool is_complete);
  // What the call that has just returned changed in the saved state.
  void RecordChange(FunctionId function, std::span<const Slot> arguments,
                    const Outcome& outcome, size_t input_before,
                    CallRecord* record);

  // --- Polling (poll.cc).
  struct PollState;
  struct Readiness {
    Errno error = Errno::kSuccess;
    uint64_t byte_count = 0;
    bool is_at_end = false;
  };
  // A value is what it waits for; otherwise the events are written.
  ErrnoOr<std::optional<Wait>> Poll(Caller& caller, uint32_t subscriptions_at,
                                    uint32_t events_at, uint32_t count,
                                    uint32_t ready_at);
  void PollClock(const PollSubscription& subscription, PollState& state);
  void PollDescriptor(const PollSubscription& subscription, PollState& state);
  static std::optional<Readiness> SocketReadiness(const Descriptor& socket,
                                                  bool for_read);
  ClockWait StartWait(uint32_t clock, uint64_t timeout_ns, bool is_absolute);
  bool HasFired(const ClockWait& wait);
  std::optional<Readiness> ReadinessOf(uint32_t fd, bool for_read);

  Environment* environment_;
  PathResolver resolver_;
  GuestClocks clocks_;
  std::vector<std::string> arguments_;
  std::vector<std::string> environ_;
  std::vector<Root> roots_;
  DescriptorTable descriptors_;
  uint32_t terminals_ = 0;  // bit n: standard stream n was one at the start

  // Standard input that was read and that the guest has not had yet.
  std::string input_;
  bool input_ended_ = false;

  std::vector<WrittenFile> written_files_;  // since NoteSaved
  bool is_complete_ = false;                // the last write to a file was

  std::optional<PendingEffect> pending_effect_;
  // Of a poll_oneoff that waits, one for each clock subscription, in order.
  std::optional<std::vector<ClockWait>> pending_poll_;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_CONTEXT_IMPL_H_
