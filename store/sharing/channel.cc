#include "store/sharing/channel.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// A message: this, the size of the header (u32), that of the body (u64), all
// little-endian, then both.
constexpr std::string_view kMark = "wsm1";
constexpr size_t kPrefixBytes = 16;
using Prefix = std::array<uint8_t, kPrefixBytes>;

// What is left to a message once the program wants to end.
constexpr absl::Duration kPatienceAtEnd = absl::Seconds(1);
// Memory is taken as bytes come, not as they are announced.
constexpr uint64_t kStepBytes = uint64_t{1} << 20;

absl::Status Gone(std::string_view doing) {
  return absl::UnavailableError(
      StrCat("the other wasmd is gone: ", doing, ": ", std::strerror(errno)));
}

Prefix MakePrefix(uint64_t header_bytes, uint64_t body_bytes) {
  Prefix prefix;
  std::memcpy(prefix.data(), kMark.data(), kMark.size());
  StoreLittle(&prefix[4], static_cast<uint32_t>(header_bytes));
  StoreLittle(&prefix[8], body_bytes);
  return prefix;
}

iovec ToVector(const void* at, size_t size) {
  return {const_cast<void*>(at), size};
}

}  // namespace

absl::Status Channel::Wait(short events, absl::Duration patience,
                           bool is_idle) {
  const absl::Time deadline = absl::Now() + patience;
  bool is_ending = false;
  for (;;) {
    absl::Duration left = deadline - absl::Now();
    if (is_ending) left = std::min(left, kPatienceAtEnd);
    // In steps, since the clock may be set meanwhile.
    const int64_t left_ms = std::clamp<int64_t>(absl::ToInt64Milliseconds(left),
                                                0, int64_t{10'000});
    pollfd ready[2] = {{socket_.get(), events, 0}, {stop_fd_, POLLIN, 0}};
    const nfds_t count = stop_fd_ >= 0 && !is_ending ? 2 : 1;
    const int found = poll(ready, count, static_cast<int>(left_ms));
    if (found < 0 && errno != EINTR) return Gone("poll");
    const bool is_told_to_end = found > 0 && ready[1].revents != 0;
    if (is_told_to_end && is_idle) {
      return absl::CancelledError("this wasmd is ending");
    }
    if (found > 0 && ready[0].revents != 0) return absl::OkStatus();
    if (is_told_to_end) {
      is_ending = true;
    } else if (found == 0 && (is_ending || absl::Now() >= deadline)) {
      return is_idle ? absl::DeadlineExceededError("no answer")
                     : absl::UnavailableError("the other wasmd does not go on");
    }
  }
}

absl::Status Channel::Send(std::string_view header,
                           std::span<const ByteSpan> body) {
  uint64_t body_bytes = 0;
  for (const ByteSpan& piece : body) body_bytes += piece.size();
  if (header.size() > kMaxChannelHeaderBytes ||
      body_bytes > kMaxChannelBodyBytes) {
    return absl::InvalidArgumentError(
        StrCat("a change of ", header.size() + body_bytes,
               " bytes is too large to pass to the wasmd that owns the store"));
  }
  const Prefix prefix = MakePrefix(header.size(), body_bytes);
  std::vector<iovec> pieces = {ToVector(prefix.data(), prefix.size()),
                               ToVector(header.data(), header.size())};
  pieces.reserve(body.size() + 2);
  for (const ByteSpan& piece : body) {
    pieces.push_back(ToVector(piece.data(), piece.size()));
  }
  for (size_t at = 0; at < pieces.size();) {
    msghdr message = {};
    message.msg_iov = &pieces[at];
    message.msg_iovlen = std::min<size_t>(pieces.size() - at, IOV_MAX);
    const ssize_t sent =
        sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return Gone("send");
      RETURN_IF_ERROR(Wait(POLLOUT, kPatience, /*is_idle=*/false));
      continue;
    }
    size_t left = static_cast<size_t>(sent);
    while (at < pieces.size() && left >= pieces[at].iov_len) {
      left -= pieces[at++].iov_len;
    }
    if (at < pieces.size()) {
      pieces[at] = ToVector(static_cast<uint8_t*>(pieces[at].iov_base) + left,
                            pieces[at].iov_len - left);
    }
  }
  return absl::OkStatus();
}

absl::Status Channel::TrySend(std::string_view header) {
  const Prefix prefix = MakePrefix(header.size(), 0);
  iovec pieces[2] = {ToVector(prefix.data(), prefix.size()),
                     ToVector(header.data(), header.size())};
  msghdr message = {};
  message.msg_iov = pieces;
  message.msg_iovlen = 2;
  const ssize_t sent =
      sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent == static_cast<ssize_t>(prefix.size() + header.size())) {
    return absl::OkStatus();
  }
  if (sent > 0) Shutdown();  // half a message cannot be taken back
  return Gone("send");
}

absl::Status Channel::ReceiveBytes(uint8_t* at, size_t size) {
  while (size > 0) {
    const ssize_t got = recv(socket_.get(), at, size, MSG_DONTWAIT);
    if (got > 0) {
      at += got;
      size -= static_cast<size_t>(got);
    } else if (got == 0) {
      return absl::UnavailableError("the other wasmd is gone");
    } else if (errno == EAGAIN) {
      RETURN_IF_ERROR(Wait(POLLIN, kPatience, /*is_idle=*/false));
    } else if (errno != EINTR) {
      return Gone("recv");
    }
  }
  return absl::OkStatus();
}

template <typename Buffer>
absl::Status Channel::ReceiveInto(Buffer* buffer, uint64_t size) {
  while (buffer->size() < size) {
    const uint64_t have = buffer->size();
    const uint64_t step = std::min(size - have, std::max(have, kStepBytes));
    buffer->resize(have + step);
    RETURN_IF_ERROR(
        ReceiveBytes(reinterpret_cast<uint8_t*>(buffer->data()) + have, step));
  }
  return absl::OkStatus();
}

absl::StatusOr<ChannelMessage> Channel::Receive(absl::Duration patience) {
  RETURN_IF_ERROR(Wait(POLLIN, patience, /*is_idle=*/true));
  Prefix prefix;
  RETURN_IF_ERROR(ReceiveBytes(prefix.data(), prefix.size()));
  const uint64_t header_bytes = LoadLittle<uint32_t>(&prefix[4]);
  const uint64_t body_bytes = LoadLittle<uint64_t>(&prefix[8]);
  if (std::memcmp(prefix.data(), kMark.data(), kMark.size()) != 0 ||
      header_bytes > kMaxChannelHeaderBytes ||
      body_bytes > kMaxChannelBodyBytes) {
    return absl::InvalidArgumentError("not a message of wasmd");
  }
  ChannelMessage message;
  RETURN_IF_ERROR(ReceiveInto(&message.header, header_bytes));
  RETURN_IF_ERROR(ReceiveInto(&message.body, body_bytes));
  return message;
}

void Channel::Shutdown() { shutdown(socket_.get(), SHUT_RDWR); }

}  // namespace wasmd
