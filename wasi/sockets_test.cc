// Listeners, connections, waiting for them, and what is left of them after a
// resume. The other side is a socket of this test.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/owned_fd.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wasi/abi.h"
#include "wasi/tcp.h"
#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A port of this machine that was free a moment ago.
std::string FreeAddress() {
  auto listener = ListenAt("127.0.0.1:0");
  EXPECT_OK(listener);
  return ListenAddressOf(*listener);
}

class Sockets : public ::testing::Test {
 protected:
  static constexpr uint32_t kListener = 3;

  Sockets() : address_(FreeAddress()), guest_({.listeners = {address_}}) {}

  // Somebody who connects.
  OwnedFd Connect() const {
    OwnedFd peer(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in there = {};
    there.sin_family = AF_INET;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uint16_t port = 0;
    const std::string text = address_.substr(address_.find(':') + 1);
    std::from_chars(text.data(), text.data() + text.size(), port);
    there.sin_port = htons(port);
    EXPECT_EQ(::connect(peer.get(), reinterpret_cast<sockaddr*>(&there),
                        sizeof there),
              0)
        << std::strerror(errno);
    return peer;
  }
  static void Send(const OwnedFd& peer, std::string_view text) {
    ASSERT_EQ(::send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  static std::string Receive(const OwnedFd& peer) {
    char buffer[64];
    const ssize_t size = ::recv(peer.get(), buffer, sizeof buffer, 0);
    return size < 0 ? "error" : std::string(buffer, static_cast<size_t>(size));
  }

  // Waits for what a call says it waits for, as the runtime does.
  static void WaitFor(const Outcome& outcome) {
    ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
    std::vector<pollfd> host;
    for (const Wait::Socket& socket : outcome.wait.sockets) {
      host.push_back({socket.fd,
                      static_cast<int16_t>(socket.for_write ? POLLOUT : POLLIN),
                      0});
    }
    ASSERT_GT(::poll(host.data(), host.size(), 10'000), 0);
  }
  // Until it answers.
  Errno CallAndWait(std::string_view function,
                    const std::vector<uint64_t>& arguments) {
    Outcome outcome = guest_.CallRaw(function, arguments);
    while (outcome.kind == Outcome::Kind::kWait) {
      WaitFor(outcome);
      outcome = guest_.CallRaw(function, arguments);
    }
    return static_cast<Errno>(outcome.errno_value);
  }

  ErrnoOr<uint32_t> Accept(uint32_t flags = 0) {
    const uint32_t opened_at = guest_.Space(4);
    const Errno result =
        CallAndWait("sock_accept", {kListener, flags, opened_at});
    if (result != Errno::kSuccess) return result;
    return guest_.Get32(opened_at);
  }
  // A connection of the guest, and its other side.
  std::pair<uint32_t, OwnedFd> Connection(uint32_t flags = 0) {
    OwnedFd peer = Connect();
    const ErrnoOr<uint32_t> fd = Accept(flags);
    EXPECT_TRUE(fd.ok());
    return {*fd, std::move(peer)};
  }
  std::vector<uint64_t> ReceiveCall(uint32_t fd, uint32_t size,
                                    uint32_t flags) {
    buffer_at_ = guest_.Space(size);
    const uint32_t vectors_at = guest_.Space(8);
    const MutableByteSpan vector = *guest_.memory().MutableBytes(vectors_at, 8);
    StoreLittle<uint32_t>(&vector[0], buffer_at_);
    StoreLittle<uint32_t>(&vector[4], size);
    size_at_ = guest_.Space(4);
    return {fd, vectors_at, 1, flags, size_at_, guest_.Space(2)};
  }
  ErrnoOr<std::string> GuestReceives(uint32_t fd, uint32_t size,
                                     uint32_t flags = 0) {
    const Errno result = CallAndWait("sock_recv", ReceiveCall(fd, size, flags));
    if (result != Errno::kSuccess) return result;
    return guest_.Get(buffer_at_, guest_.Get32(size_at_));
  }
  Errno GuestSends(uint32_t fd, std::string_view text) {
    return CallAndWait("sock_send", {fd, guest_.PutVectors({std::string(text)}),
                                     1, 0, guest_.Space(4)});
  }

  const std::string address_;
  TestGuest guest_;
  uint32_t buffer_at_ = 0;
  uint32_t size_at_ = 0;
};

TEST_F(Sockets, AServerAcceptsReceivesSendsAndCloses) {
  auto [fd, peer] = Connection();
  EXPECT_EQ(fd, 4u);
  Send(peer, "ping");
  EXPECT_EQ(*GuestReceives(fd, 16), "ping");
  EXPECT_ERRNO(GuestSends(fd, ""), kSuccess);
  EXPECT_ERRNO(GuestSends(fd, "pong"), kSuccess);
  EXPECT_EQ(Receive(peer), "pong");
  EXPECT_ERRNO(guest_.Close(fd), kSuccess);
  EXPECT_EQ(Receive(peer), "") << "the end of the stream";
  EXPECT_ERRNO(GuestSends(fd, "x"), kBadf);
}

TEST_F(Sockets, ReadAndWriteDoTheSame) {
  auto [fd, peer] = Connection();
  Send(peer, "hello");
  EXPECT_EQ(*guest_.Read(fd, 3), "hel");
  EXPECT_EQ(*guest_.Read(fd, 8), "lo");
  EXPECT_ERRNO(guest_.Write(fd, "there"), kSuccess);
  EXPECT_EQ(Receive(peer), "there");
  peer = OwnedFd();
  EXPECT_EQ(*guest_.Read(fd, 8), "");
}

TEST_F(Sockets, WhatIsNotThereIsWaitedFor) {
  const uint32_t opened_at = guest_.Space(4);
  Outcome outcome = guest_.CallRaw("sock_accept", {kListener, 0, opened_at});
  ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
  ASSERT_EQ(outcome.wait.sockets.size(), 1u);
  EXPECT_FALSE(outcome.wait.input);
  auto [fd, peer] = Connection();
  const std::vector<uint64_t> call = ReceiveCall(fd, 8, 0);
  outcome = guest_.CallRaw("sock_recv", call);
  ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
  Send(peer, "late");
  WaitFor(outcome);
  EXPECT_ERRNO(guest_.Call("sock_recv", call), kSuccess);
  EXPECT_EQ(guest_.Get(buffer_at_, 4), "late");
}

TEST_F(Sockets, NonblockingOnesDoNotWait) {
  auto [fd, peer] = Connection(fdflags::kNonblock);
  EXPECT_ERRNO(guest_.Call("sock_recv", ReceiveCall(fd, 8, 0)), kAgain);
  EXPECT_ERRNO(
      guest_.Call("fd_fdstat_set_flags", {kListener, fdflags::kNonblock}),
      kSuccess);
  EXPECT_ERRNO(Accept().error(), kAgain);
  // Until the other side, which takes nothing, can hold no more.
  const uint32_t vectors_at = guest_.PutVectors({std::string(1 << 16, 'x')});
  const uint32_t size_at = guest_.Space(4);
  Errno result = Errno::kSuccess;
  for (int i = 0; i < 10000 && result == Errno::kSuccess; ++i) {
    result = guest_.Call("sock_send", {fd, vectors_at, 1, 0, size_at});
  }
  EXPECT_ERRNO(result, kAgain);
  // One that waits would wait for room.
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_flags", {fd, 0}), kSuccess);
  const Outcome outcome =
      guest_.CallRaw("sock_send", {fd, vectors_at, 1, 0, size_at});
  ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
  EXPECT_TRUE(outcome.wait.sockets[0].for_write);
}

TEST_F(Sockets, PeekLeavesAndWaitAllCollects) {
  auto [fd, peer] = Connection();
  Send(peer, "abc");
  EXPECT_EQ(*GuestReceives(fd, 2, riflags::kPeek), "ab");
  EXPECT_EQ(*GuestReceives(fd, 2), "ab");
  const std::vector<uint64_t> call = ReceiveCall(fd, 5, riflags::kWaitAll);
  EXPECT_EQ(guest_.CallRaw("sock_recv", call).kind, Outcome::Kind::kWait);
  Send(peer, "def");
  Send(peer, "gh");
  EXPECT_ERRNO(CallAndWait("sock_recv", call), kSuccess);
  EXPECT_EQ(guest_.Get(buffer_at_, guest_.Get32(size_at_)), "cdefg");
  EXPECT_EQ(*GuestReceives(fd, 5), "h");
}

TEST_F(Sockets, WaitAllEndsWithTheStream) {
  auto [fd, peer] = Connection();
  Send(peer, "abc");
  peer = OwnedFd();
  EXPECT_EQ(*GuestReceives(fd, 100, riflags::kWaitAll), "abc");
  EXPECT_EQ(*GuestReceives(fd, 100), "");
}

TEST_F(Sockets, ShutdownEndsADirection) {
  auto [fd, peer] = Connection();
  EXPECT_ERRNO(guest_.Call("sock_shutdown", {fd, 0}), kInval);
  EXPECT_ERRNO(guest_.Call("sock_shutdown", {fd, 4}), kInval);
  EXPECT_ERRNO(guest_.Call("sock_shutdown", {fd, sdflags::kWrite}), kSuccess);
  EXPECT_EQ(Receive(peer), "");
  EXPECT_ERRNO(GuestSends(fd, "x"), kPipe);
  EXPECT_ERRNO(GuestSends(fd, ""), kPipe) << "nothing cannot be sent either";
  Send(peer, "still");
  EXPECT_EQ(*GuestReceives(fd, 16), "still");
}

TEST_F(Sockets, AResetIsTold) {
  auto [fd, peer] = Connection();
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  ASSERT_EQ(
      ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once),
      0);
  peer = OwnedFd();
  EXPECT_ERRNO(GuestReceives(fd, 16).error(), kConnReset);
}

TEST_F(Sockets, ErrorsOfTheWrongKind) {
  auto [fd, peer] = Connection();
  EXPECT_ERRNO(guest_.Call("sock_accept", {fd, 0, 64}), kInval);
  EXPECT_ERRNO(guest_.Call("sock_accept", {1, 0, 64}), kNotSock);
  EXPECT_ERRNO(guest_.Call("sock_accept", {kListener, fdflags::kAppend, 64}),
               kInval);
  EXPECT_ERRNO(
      guest_.Call("sock_accept", {kListener, 0, TestGuest::kBadPointer}),
      kFault);
  EXPECT_ERRNO(guest_.Call("sock_recv", ReceiveCall(kListener, 4, 0)),
               kNotConn);
  EXPECT_ERRNO(guest_.Call("sock_recv", ReceiveCall(fd, 4, 8)), kInval);
  EXPECT_ERRNO(GuestSends(kListener, "x"), kNotConn);
  EXPECT_ERRNO(guest_.Call("sock_send", {fd, 0, 0, 1, 64}), kInval);
  EXPECT_ERRNO(guest_.Seek(fd, 0, whence::kSet).error(), kSpipe);
  EXPECT_ERRNO(guest_.Open(fd, "x").error(), kNotdir);
  EXPECT_ERRNO(guest_.Call("fd_prestat_get", {kListener, 64}), kBadf);
}

// A call with a bad pointer does nothing: nothing is accepted, taken or sent.
TEST_F(Sockets, BadPointers) {
  auto [fd, peer] = Connection();
  Send(peer, "kept");
  const uint64_t bad = TestGuest::kBadPointer;
  const std::vector<uint64_t> good = ReceiveCall(fd, 8, 0);
  for (const size_t pointer : {1, 4, 5}) {
    std::vector<uint64_t> call = good;
    call[pointer] = bad;
    EXPECT_ERRNO(guest_.Call("sock_recv", call), kFault) << pointer;
  }
  EXPECT_EQ(*GuestReceives(fd, 0), "") << "nothing was asked for";
  EXPECT_EQ(*GuestReceives(fd, 8), "kept");
  const uint32_t text = guest_.PutVectors({"unsent"});
  EXPECT_ERRNO(guest_.Call("sock_send", {fd, bad, 1, 0, guest_.Space(4)}),
               kFault);
  EXPECT_ERRNO(guest_.Call("sock_send", {fd, text, 1, 0, bad}), kFault);
  const OwnedFd waiting = Connect();
  EXPECT_ERRNO(guest_.Call("sock_accept", {kListener, 0, bad}), kFault);
  EXPECT_TRUE(Accept().ok());
  EXPECT_ERRNO(guest_.Close(fd), kSuccess);
  EXPECT_EQ(Receive(peer), "") << "something was sent";
}

TEST_F(Sockets, RightsAreChecked) {
  auto [fd, peer] = Connection();
  EXPECT_EQ(guest_.RightsOf(kListener), rights::kListener);
  EXPECT_EQ(guest_.RightsOf(fd), rights::kConnection);
  ASSERT_ERRNO(
      guest_.Call("fd_fdstat_set_rights", {fd, rights::kFdFdstatSetFlags, 0}),
      kSuccess);
  EXPECT_ERRNO(GuestReceives(fd, 4).error(), kNotCapable);
  EXPECT_ERRNO(GuestSends(fd, "x"), kNotCapable);
  EXPECT_ERRNO(guest_.Call("sock_shutdown", {fd, 1}), kNotCapable);
  // What a listener's connections may do is in its inheriting rights.
  ASSERT_ERRNO(guest_.Call("fd_fdstat_set_rights",
                           {kListener, rights::kSockAccept, rights::kFdRead}),
               kSuccess);
  auto [reader, other] = Connection();
  EXPECT_EQ(guest_.RightsOf(reader), rights::kFdRead);
  ASSERT_ERRNO(guest_.Call("fd_fdstat_set_rights", {kListener, 0, 0}),
               kSuccess);
  EXPECT_ERRNO(Accept().error(), kNotCapable);
}

TEST_F(Sockets, TheyAreSockets) {
  auto [fd, peer] = Connection();
  for (const uint32_t socket : {kListener, fd}) {
    const uint32_t at = guest_.Space(64);
    EXPECT_ERRNO(guest_.Call("fd_fdstat_get", {socket, at}), kSuccess);
    EXPECT_EQ(guest_.Get8(at), static_cast<uint8_t>(FileType::kSocketStream));
    EXPECT_ERRNO(guest_.Call("fd_filestat_get", {socket, at}), kSuccess);
    EXPECT_EQ(guest_.Get8(at + filestat::kFileType),
              static_cast<uint8_t>(FileType::kSocketStream));
  }
}

class PolledSockets : public Sockets {
 protected:
  // One event for each subscription that is ready: its type and flags.
  Outcome Poll(const std::vector<std::pair<uint8_t, uint32_t>>& wanted) {
    const auto count = static_cast<uint32_t>(wanted.size());
    const uint32_t in = guest_.Space(count * subscription::kSizeBytes);
    for (uint32_t i = 0; i < count; ++i) {
      const MutableByteSpan bytes = *guest_.memory().MutableBytes(
          in + i * subscription::kSizeBytes, subscription::kSizeBytes);
      bytes[subscription::kUserData] = static_cast<uint8_t>(i);
      bytes[subscription::kType] = wanted[i].first;
      StoreLittle<uint32_t>(&bytes[subscription::kFd], wanted[i].second);
    }
    events_at_ = guest_.Space(count * event::kSizeBytes);
    ready_at_ = guest_.Space(4);
    return guest_.CallRaw("poll_oneoff", {in, events_at_, count, ready_at_});
  }
  uint64_t UserData(uint32_t i) {
    return guest_.Get64(events_at_ + i * event::kSizeBytes);
  }
  uint16_t Flags(uint32_t i) {
    return guest_.Get16(events_at_ + i * event::kSizeBytes + event::kReadWrite);
  }
  uint64_t ByteCount(uint32_t i) {
    return guest_.Get64(events_at_ + i * event::kSizeBytes + event::kByteCount);
  }
  uint32_t Ready() { return guest_.Get32(ready_at_); }

  uint32_t events_at_ = 0;
  uint32_t ready_at_ = 0;
};

TEST_F(PolledSockets, AListenerIsReadyWhenSomebodyConnects) {
  const Outcome outcome = Poll({{event_type::kFdRead, kListener}});
  ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
  ASSERT_EQ(outcome.wait.sockets.size(), 1u);
  EXPECT_FALSE(outcome.wait.sockets[0].for_write);
  const OwnedFd peer = Connect();
  WaitFor(outcome);
  ASSERT_EQ(Poll({{event_type::kFdRead, kListener}}).kind,
            Outcome::Kind::kReturn);
  EXPECT_EQ(Ready(), 1u);
}

TEST_F(PolledSockets, AConnectionIsReadyForWhatItCanDo) {
  auto [fd, peer] = Connection();
  ASSERT_EQ(Poll({{event_type::kFdRead, fd}, {event_type::kFdWrite, fd}}).kind,
            Outcome::Kind::kReturn);
  EXPECT_EQ(Ready(), 1u);
  EXPECT_EQ(UserData(0), 1u);
  const Outcome outcome = Poll({{event_type::kFdRead, fd}});
  ASSERT_EQ(outcome.kind, Outcome::Kind::kWait);
  Send(peer, "four");
  WaitFor(outcome);
  ASSERT_EQ(Poll({{event_type::kFdRead, fd}}).kind, Outcome::Kind::kReturn);
  EXPECT_EQ(ByteCount(0), 4u);
  EXPECT_EQ(Flags(0), 0);
}

TEST_F(PolledSockets, RightsAreChecked) {
  auto [fd, peer] = Connection();
  ASSERT_ERRNO(guest_.Call("fd_fdstat_set_rights",
                           {fd, rights::kFdRead | rights::kPollFdReadwrite, 0}),
               kSuccess);
  ASSERT_ERRNO(guest_.Call("fd_fdstat_set_rights",
                           {kListener, rights::kPollFdReadwrite, 0}),
               kSuccess);
  ASSERT_EQ(Poll({{event_type::kFdRead, fd},
                  {event_type::kFdWrite, fd},
                  {event_type::kFdRead, kListener}})
                .kind,
            Outcome::Kind::kReturn);
  ASSERT_EQ(Ready(), 2u);
  for (uint32_t i = 0; i < 2; ++i) {
    EXPECT_EQ(UserData(i), i + 1);
    EXPECT_EQ(guest_.Get16(events_at_ + i * event::kSizeBytes + event::kError),
              static_cast<uint16_t>(Errno::kNotCapable));
  }
}

TEST_F(PolledSockets, TheEndIsAnEventToo) {
  auto [fd, peer] = Connection();
  Send(peer, "four");
  peer = OwnedFd();
  EXPECT_EQ(*GuestReceives(fd, 4, riflags::kPeek), "four");
  ASSERT_EQ(Poll({{event_type::kFdRead, fd}}).kind, Outcome::Kind::kReturn);
  EXPECT_EQ(ByteCount(0), 4u);
  EXPECT_EQ(*GuestReceives(fd, 4), "four");
  ASSERT_EQ(Poll({{event_type::kFdRead, fd}}).kind, Outcome::Kind::kReturn);
  EXPECT_EQ(Flags(0), kEventHangup);
}

TEST_F(PolledSockets, AfterAResumeAConnectionHasEnded) {
  auto [fd, peer] = Connection();
  guest_.Restart();
  ASSERT_EQ(Poll({{event_type::kFdRead, fd}}).kind, Outcome::Kind::kReturn);
  EXPECT_EQ(Flags(0), kEventHangup);
}

TEST_F(Sockets, AResumeListensAgainAndConnectionsAnswerAReset) {
  auto [fd, peer] = Connection();
  Send(peer, "lost");
  guest_.Restart();
  EXPECT_THAT(guest_.warnings(),
              ElementsAre(HasSubstr("stopped: 1; their use")));
  EXPECT_ERRNO(GuestReceives(fd, 8).error(), kConnReset);
  EXPECT_ERRNO(GuestReceives(fd, 8).error(), kConnReset) << "and stays so";
  EXPECT_ERRNO(GuestSends(fd, "x"), kConnReset);
  EXPECT_ERRNO(guest_.Write(fd, "x"), kConnReset);
  EXPECT_ERRNO(guest_.Call("sock_shutdown", {fd, 1}), kNotConn);
  EXPECT_EQ(guest_.RightsOf(fd), rights::kConnection);
  EXPECT_ERRNO(guest_.Close(fd), kSuccess);
  // The listener is where it was.
  auto [again, other] = Connection();
  EXPECT_EQ(again, fd);
  Send(other, "new");
  EXPECT_EQ(*GuestReceives(again, 8), "new");
}

TEST_F(Sockets, ASendInDoubtIsAReset) {
  auto [fd, peer] = Connection();
  const std::vector<uint64_t> call = {fd, guest_.PutVectors({"once"}), 1, 0,
                                      guest_.Space(4)};
  EXPECT_EQ(guest_.DurabilityOf("sock_send", call), Durability::kEffect);
  EXPECT_ERRNO(guest_.CallWithCrash("sock_send", call, /*happened=*/true),
               kConnReset);
  EXPECT_EQ(Receive(peer), "once");
  EXPECT_EQ(Receive(peer), "") << "sent twice";
}

TEST_F(Sockets, Durabilities) {
  auto [fd, peer] = Connection();
  EXPECT_EQ(guest_.DurabilityOf("sock_accept", {kListener, 0, 0}),
            Durability::kBlocking);
  EXPECT_EQ(guest_.DurabilityOf("sock_recv", {fd, 0, 0, 0, 0, 0}),
            Durability::kBlocking);
  EXPECT_EQ(guest_.DurabilityOf("fd_read", {fd, 0, 0, 0}),
            Durability::kBlocking);
  EXPECT_EQ(guest_.DurabilityOf("fd_write", {fd, 0, 0, 0}),
            Durability::kEffect);
  EXPECT_EQ(guest_.DurabilityOf("sock_shutdown", {fd, 1}), Durability::kEffect);
  EXPECT_EQ(guest_.DurabilityOf("fd_close", {fd}), Durability::kEffect);
  EXPECT_EQ(guest_.DurabilityOf("fd_renumber", {kListener, fd}),
            Durability::kEffect);
  EXPECT_EQ(guest_.DurabilityOf("fd_close", {kListener}), Durability::kPure);
  EXPECT_EQ(guest_.DurabilityOf("sock_send", {1, 0, 0, 0, 0}),
            Durability::kPure);
}

TEST_F(Sockets, AListenerWhosePlaceIsTakenIsLost) {
  const std::string saved = guest_.context().Save();
  guest_.Reset({});
  const auto other = ListenAt(address_);
  ASSERT_OK(other);
  guest_.Load(saved);
  EXPECT_THAT(guest_.warnings(),
              ElementsAre(HasSubstr("cannot listen at " + address_)));
  EXPECT_ERRNO(Accept().error(), kIo);
  EXPECT_ERRNO(guest_.Close(kListener), kSuccess);
}

TEST(Listeners, FollowThePreopenedDirectories) {
  TestGuest guest({.preopens = {{"/", "/", true}},
                   .listeners = {"127.0.0.1:0", "[::1]:0"}});
  EXPECT_EQ(guest.RightsOf(4), rights::kListener);
  EXPECT_EQ(guest.RightsOf(5), rights::kListener);
}

TEST(Listeners, AcceptOnlyWhatThereIsADescriptorFor) {
  TestGuest guest(
      {.preopens = {{"/dev", "/dev"}}, .listeners = {"127.0.0.1:0"}});
  std::vector<uint32_t> opened;
  for (;;) {
    const ErrnoOr<uint32_t> fd =
        guest.Open(3, "null", {.base = rights::kFdRead});
    if (!fd.ok()) {
      EXPECT_ERRNO(fd, kMfile);
      break;
    }
    opened.push_back(*fd);
  }
  const uint32_t opened_at = guest.Space(4);
  EXPECT_ERRNO(guest.Call("sock_accept", {4, 0, opened_at}), kMfile);
  EXPECT_ERRNO(guest.Close(opened.back()), kSuccess);
  EXPECT_EQ(guest.CallRaw("sock_accept", {4, 0, opened_at}).kind,
            Outcome::Kind::kWait);
}

TEST(TcpAddress, WhatIsOne) {
  for (const char* good : {"127.0.0.1:80", "0.0.0.0:65535", "[::1]:8080"}) {
    EXPECT_OK(CheckTcpAddress(good)) << good;
  }
  for (const char* bad : {"", "80", ":80", "127.0.0.1", "127.0.0.1:",
                          "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]",
                          "[127.0.0.1]:80", "host:80", "127.0.0.1:80 "}) {
    EXPECT_EQ(CheckTcpAddress(bad).code(), absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(TcpAddress, ErrorsOfListening) {
  const auto one = ListenAt("127.0.0.1:0");
  ASSERT_OK(one);
  EXPECT_EQ(ListenAt(ListenAddressOf(*one)).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ListenAt("192.0.2.1:80").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace wasmd::wasi
