#include "store/sharing/owner_service.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <system_error>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "store/sharing/owner_calls.h"

namespace wasmd {
namespace {

// Others wait to be accepted until one of these leaves.
constexpr size_t kMaxVisitors = 512;
constexpr absl::Duration kFullPause = absl::Milliseconds(100);

}  // namespace

absl::StatusOr<std::unique_ptr<OwnerService>> OwnerService::Start(
    const std::string& directory, ProcessDb& db, OnEvent on_event) {
  ASSIGN_OR_RETURN(OwnerSocket socket, OwnerSocket::Listen(directory));
  OwnedFd end(eventfd(0, EFD_CLOEXEC));
  if (!end.is_open()) {
    return absl::UnavailableError("too many files are open");
  }
  return std::unique_ptr<OwnerService>(new OwnerService(
      std::move(socket), std::move(end), db, std::move(on_event)));
}

OwnerService::OwnerService(OwnerSocket socket, OwnedFd end, ProcessDb& db,
                           OnEvent on_event)
    : socket_(std::move(socket)),
      end_(std::move(end)),
      db_(db),
      on_event_(std::move(on_event)),
      listener_([this] { Listen(); }) {}

OwnerService::~OwnerService() {
  const uint64_t one = 1;
  CHECK(write(end_.get(), &one, sizeof one) == sizeof one);
  listener_.join();
  // No more come, so nobody else changes the list.
  std::list<Visitor> visitors;
  {
    absl::MutexLock lock(&mutex_);
    visitors.swap(visitors_);
  }
  for (Visitor& visitor : visitors) visitor.thread.join();
}

void OwnerService::Listen() {
  bool is_full = false;
  for (;;) {
    pollfd ready[2] = {{end_.get(), POLLIN, 0}, {socket_.fd(), POLLIN, 0}};
    // In steps while somebody may have left.
    const int timeout_ms =
        is_full ? static_cast<int>(absl::ToInt64Milliseconds(kFullPause)) : -1;
    if (poll(ready, is_full ? 1 : 2, timeout_ms) < 0) continue;
    if (ready[0].revents != 0) return;
    DropThoseWhoLeft();
    is_full = !Welcome();
  }
}

bool OwnerService::Welcome() {
  absl::MutexLock lock(&mutex_);
  if (visitors_.size() >= kMaxVisitors) return false;
  absl::StatusOr<OwnedFd> accepted = socket_.Accept();
  if (!accepted.ok()) return false;
  if (!accepted->is_open()) return true;
  Visitor& visitor =
      visitors_.emplace_back(Channel(*std::move(accepted), end_.get()));
  try {
    visitor.thread = std::thread([this, &visitor] { Serve(&visitor); });
  } catch (const std::system_error&) {  // too many threads
    visitors_.pop_back();
    return false;
  }
  return true;
}

void OwnerService::DropThoseWhoLeft() {
  absl::MutexLock lock(&mutex_);
  for (auto visitor = visitors_.begin(); visitor != visitors_.end();) {
    if (!visitor->has_left) {
      ++visitor;
      continue;
    }
    visitor->thread.join();
    visitor = visitors_.erase(visitor);
  }
}

void OwnerService::Serve(Visitor* visitor) {
  while (ServeOne(visitor)) {
  }
  {
    absl::MutexLock lock(&mutex_);
    visitor->attends = false;
  }
  visitor->channel.Shutdown();
  visitor->has_left = true;
}

bool OwnerService::ServeOne(Visitor* visitor) {
  const absl::StatusOr<ChannelMessage> message =
      visitor->channel.Receive(absl::InfiniteDuration());
  if (!message.ok()) return false;
  OwnerRequest request;
  if (!request.ParseFromString(message->header)) return false;
  const ReplySink sink = [visitor](const OwnerReply& reply,
                                   std::span<const ByteSpan> body) {
    return visitor->channel.Send(reply.SerializeAsString(), body);
  };
  if (request.version() <= kOwnerProtocolVersion) {
    if (request.has_attend()) {
      return sink(OwnerReply(), {}).ok() && Attend(visitor);
    }
    if (request.has_stop_process()) {
      OwnerEvent event;
      *event.mutable_stop_process() = request.stop_process();
      Tell(event);
      return sink(OwnerReply(), {}).ok();
    }
    if (request.has_input_came()) {
      OwnerEvent event;
      *event.mutable_input_came() = request.input_came();
      Tell(event);
      return sink(OwnerReply(), {}).ok();
    }
  }
  return AnswerRequest(db_, request, message->body, sink).ok();
}

bool OwnerService::Attend(Visitor* visitor) {
  {
    absl::MutexLock lock(&mutex_);
    visitor->attends = true;
  }
  // Events go out on other threads meanwhile. Nothing is to come in.
  (void)visitor->channel.Receive(absl::InfiniteDuration());
  return false;
}

void OwnerService::Tell(const OwnerEvent& event) {
  on_event_(event);
  const std::string header = event.SerializeAsString();
  absl::MutexLock lock(&mutex_);
  for (Visitor& visitor : visitors_) {
    // One that reads nothing misses it; whoever asks asks again.
    if (visitor.attends) (void)visitor.channel.TrySend(header);
  }
}

}  // namespace wasmd
