// Channel: messages over a stream socket, each a short header and a body of any
// size, for both sides of the owner's socket. Neither side trusts the other: a
// message that is malformed, too large or does not come on is an error, after
// which the channel is of no use.

#ifndef WASMD_STORE_SHARING_CHANNEL_H_
#define WASMD_STORE_SHARING_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/bytes.h"
#include "base/owned_fd.h"

namespace wasmd {

struct ChannelMessage {
  std::string header;
  std::vector<uint8_t> body;
};

inline constexpr uint64_t kMaxChannelHeaderBytes = uint64_t{64} << 20;
inline constexpr uint64_t kMaxChannelBodyBytes = uint64_t{8} << 30;

// Confined to one thread at a time.
class Channel {
 public:
  // How long the other side may do nothing in the middle of a message.
  static constexpr absl::Duration kPatience = absl::Seconds(20);

  // `socket` does not block. `stop_fd`, if not negative, outlives this: once it
  // is readable, nothing new is received, and what is being sent or received
  // has little time left.
  Channel(OwnedFd socket, int stop_fd)
      : socket_(std::move(socket)), stop_fd_(stop_fd) {}

  // Unavailable if the other side is gone or takes nothing; InvalidArgument,
  // with nothing sent, if it is too large.
  absl::Status Send(std::string_view header, std::span<const ByteSpan> body);
  // Like Send, but all at once or not at all; never blocks.
  absl::Status TrySend(std::string_view header);

  // Waits up to `patience` for a message to begin: DeadlineExceeded after that,
  // Cancelled once `stop_fd` is readable. Unavailable if the other side is gone
  // or the message does not come on; InvalidArgument if it is none of ours.
  absl::StatusOr<ChannelMessage> Receive(absl::Duration patience);

  // The other side sees the end. Any thread.
  void Shutdown();

 private:
  absl::Status Wait(short events, absl::Duration patience, bool is_idle);
  absl::Status ReceiveBytes(uint8_t* at, size_t size);
  template <typename Buffer>
  absl::Status ReceiveInto(Buffer* buffer, uint64_t size);

  OwnedFd socket_;
  const int stop_fd_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_CHANNEL_H_
