// poll_oneoff. A wait that clocks, standard input or sockets can end parks the
// process; the deadlines are absolute then and saved with it. Files are always
// ready, as POSIX has it.

#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>

#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

constexpr uint32_t kMaxSubscriptions = 1 << 16;
// How much of standard input is looked at to see whether there is any.
constexpr size_t kPeekBytes = 4096;

struct Event {
  uint64_t user_data = 0;
  Errno error = Errno::kSuccess;
  uint8_t type = 0;
  uint64_t byte_count = 0;
  uint16_t flags = 0;
};

PollSubscription LoadSubscription(const uint8_t* at) {
  const uint16_t clock_flags =
      LoadLittle<uint16_t>(at + subscription::kClockFlags);
  return {
      .user_data = LoadLittle<uint64_t>(at + subscription::kUserData),
      .type = at[subscription::kType],
      .clock = LoadLittle<uint32_t>(at + subscription::kClockId),
      .timeout = LoadLittle<uint64_t>(at + subscription::kTimeout),
      .is_absolute = (clock_flags & kClockIsAbsolute) != 0,
      .has_unknown_flags = (clock_flags & ~kClockIsAbsolute) != 0,
      .fd = LoadLittle<uint32_t>(at + subscription::kFd),
  };
}

Errno StoreEvent(GuestMemory& memory, uint32_t address, const Event& event) {
  std::array<uint8_t, event::kSizeBytes> record = {};
  StoreLittle<uint64_t>(&record[event::kUserData], event.user_data);
  StoreLittle<uint16_t>(&record[event::kError],
                        static_cast<uint16_t>(event.error));
  record[event::kType] = event.type;
  StoreLittle<uint64_t>(&record[event::kByteCount], event.byte_count);
  StoreLittle<uint16_t>(&record[event::kReadWrite], event.flags);
  return memory.Write(address, record);
}

bool IsSupported(const PollSubscription& clock) {
  return !clock.has_unknown_flags && (clock.clock == clock_id::kRealtime ||
                                      clock.clock == clock_id::kMonotonic);
}

}  // namespace

// When a clock subscription fires, as absolute times.
ClockWait ContextImpl::StartWait(uint32_t clock, uint64_t timeout_ns,
                                 bool is_absolute) {
  const int64_t timeout = ToNanoseconds(timeout_ns);
  const int64_t realtime = environment_->RealtimeNow();
  if (clock == clock_id::kRealtime) {
    return {
        .deadline_ns = is_absolute ? timeout : SaturatingAdd(realtime, timeout),
        .monotonic_ns = std::nullopt};
  }
  const int64_t monotonic = clocks_.Monotonic();
  const int64_t left =
      is_absolute ? std::max<int64_t>(0, timeout - monotonic) : timeout;
  return {.deadline_ns = SaturatingAdd(realtime, left),
          .monotonic_ns = SaturatingAdd(monotonic, left)};
}

bool ContextImpl::HasFired(const ClockWait& wait) {
  if (!wait.monotonic_ns.has_value()) {
    return environment_->RealtimeNow() >= wait.deadline_ns;
  }
  if (clocks_.Monotonic() >= *wait.monotonic_ns) return true;
  if (environment_->RealtimeNow() < wait.deadline_ns) return false;
  // The clocks of the host do not agree; those of the guest do.
  clocks_.AdvanceMonotonicTo(*wait.monotonic_ns);
  return true;
}

// What a descriptor has to tell at once; nullopt if it must be waited for.
std::optional<ContextImpl::Readiness> ContextImpl::ReadinessOf(uint32_t fd,
                                                               bool for_read) {
  Readiness ready;
  const ErrnoOr<Descriptor*> found = Find(fd);
  if (!found.ok()) {
    ready.error = found.error();
    return ready;
  }
  const Descriptor& descriptor = **found;
  Rights wanted = for_read ? rights::kFdRead : rights::kFdWrite;
  if (for_read && descriptor.kind == Descriptor::Kind::kListener) {
    wanted = rights::kSockAccept;
  }
  if (!descriptor.has(wanted | rights::kPollFdReadwrite)) {
    ready.error = Errno::kNotCapable;
    return ready;
  }
  if (descriptor.is_socket()) return SocketReadiness(descriptor, for_read);
  if (descriptor.kind == Descriptor::Kind::kStdin) {
    const std::optional<size_t> there = FillInput(kPeekBytes);
    if (!there.has_value()) return std::nullopt;
    ready.byte_count = *there;
    ready.is_at_end = *there == 0;
  } else if (descriptor.kind == Descriptor::Kind::kFile && for_read) {
    const ErrnoOr<struct stat> status = StatusOf(descriptor.fd.get());
    const uint64_t size =
        status.ok() ? static_cast<uint64_t>(status->st_size) : 0;
    ready.byte_count = size - std::min(size, descriptor.offset);
  }
  return ready;
}

std::optional<ContextImpl::Readiness> ContextImpl::SocketReadiness(
    const Descriptor& socket, bool for_read) {
  Readiness ready;
  if (!socket.fd.is_open()) {  // gone with the last stop
    ready.is_at_end = true;
    return ready;
  }
  if (for_read && !socket.received.empty()) {
    ready.byte_count = socket.received.size();
    return ready;
  }
  pollfd host = {
      .fd = socket.fd.get(),
      .events = static_cast<int16_t>(for_read ? POLLIN | POLLRDHUP : POLLOUT),
      .revents = 0};
  if (::poll(&host, 1, 0) <= 0) return std::nullopt;
  ready.is_at_end = (host.revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0;
  if (socket.kind == Descriptor::Kind::kListener) {
    ready.byte_count = 1;
  } else if (int size = 0;
             for_read && ::ioctl(socket.fd.get(), FIONREAD, &size) == 0) {
    ready.byte_count = static_cast<uint64_t>(std::max(size, 0));
  }
  return ready;
}

// What looking at the subscriptions brings.
struct ContextImpl::PollState {
  std::vector<Event> events;      // of those that are ready
  std::vector<ClockWait> clocks;  // all, in order
  Wait wait;                      // for the others
};

void ContextImpl::PollClock(const PollSubscription& subscription,
                            PollState& state) {
  Event event = {.user_data = subscription.user_data,
                 .type = subscription.type};
  if (!IsSupported(subscription)) {
    event.error = Errno::kInval;
    state.events.push_back(event);
    return;
  }
  const size_t index = state.clocks.size();
  const ClockWait clock =
      pending_poll_.has_value() && index < pending_poll_->size()
          ? (*pending_poll_)[index]
          : StartWait(subscription.clock, subscription.timeout,
                      subscription.is_absolute);
  state.clocks.push_back(clock);
  state.wait.deadline_ns = std::min(
      state.wait.deadline_ns.value_or(clock.deadline_ns), clock.deadline_ns);
  if (HasFired(clock)) state.events.push_back(event);
}

void ContextImpl::PollDescriptor(const PollSubscription& subscription,
                                 PollState& state) {
  const bool for_read = subscription.type == event_type::kFdRead;
  const std::optional<Readiness> ready = ReadinessOf(subscription.fd, for_read);
  if (!ready.has_value()) {
    const Descriptor& descriptor = *descriptors_.Find(subscription.fd);
    if (descriptor.is_socket()) {
      state.wait.sockets.push_back({descriptor.fd.get(), !for_read});
    } else {
      state.wait.input = true;
    }
    return;
  }
  state.events.push_back(
      {.user_data = subscription.user_data,
       .error = ready->error,
       .type = subscription.type,
       .byte_count = ready->byte_count,
       .flags = ready->is_at_end ? kEventHangup : uint16_t{0}});
}

ErrnoOr<std::optional<Wait>> ContextImpl::Poll(Caller& caller,
                                               uint32_t subscriptions_at,
                                               uint32_t events_at,
                                               uint32_t count,
                                               uint32_t ready_at) {
  if (count == 0 || count > kMaxSubscriptions) return Errno::kInval;
  RETURN_IF_ERRNO(caller.memory.Check(ready_at, sizeof(uint32_t)));
  RETURN_IF_ERRNO(
      caller.memory.Check(events_at, uint64_t{count} * event::kSizeBytes));
  ASSIGN_OR_RETURN_ERRNO(
      const ByteSpan array,
      caller.memory.Bytes(subscriptions_at,
                          uint64_t{count} * subscription::kSizeBytes));
  // Events are written when all subscriptions are read: they may overlap.
  PollState state;
  for (uint32_t i = 0; i < count; ++i) {
    const PollSubscription subscription =
        LoadSubscription(array.data() + uint64_t{i} * subscription::kSizeBytes);
    if (subscription.type == event_type::kClock) {
      PollClock(subscription, state);
    } else if (subscription.type <= event_type::kFdWrite) {
      PollDescriptor(subscription, state);
    } else {
      return Errno::kInval;
    }
  }
  if (state.events.empty()) {
    pending_poll_ = std::move(state.clocks);
    return std::optional<Wait>(state.wait);
  }
  uint32_t at = events_at;
  for (const Event& event : state.events) {
    RETURN_IF_ERRNO(StoreEvent(caller.memory, at, event));
    at += event::kSizeBytes;
  }
  RETURN_IF_ERRNO(caller.memory.Store<uint32_t>(
      ready_at, static_cast<uint32_t>(state.events.size())));
  return std::optional<Wait>();
}

Outcome ContextImpl::PollOneoff(Caller& caller, uint32_t subscriptions_at,
                                uint32_t events_at, uint32_t count,
                                uint32_t ready_at) {
  return ToOutcome(Poll(caller, subscriptions_at, events_at, count, ready_at));
}

}  // namespace wasmd::wasi
