// A process that serves a port and dies at each moment of that in turn: what
// was recorded is answered again, nothing is sent twice, connections are gone
// and the port is served again.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/owned_fd.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "runtime/history.h"
#include "runtime/journal.h"
#include "runtime/journal_event.h"
#include "runtime/process.h"
#include "runtime/testing/guests.h"
#include "runtime/testing/process_fixture.h"
#include "wasi/tcp.h"

namespace wasmd {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::wasmd::testing::FakeOutside;
using ::wasmd::testing::Guest;
using ::wasmd::testing::ProcessFixture;

constexpr int kVisits = 3;  // that the guest wants to hear a name in

constexpr std::string_view kSocketImports = R"(
  (import "wasi_snapshot_preview1" "sock_accept"
    (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv"
    (func $recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send"
    (func $send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close"
    (func $close (param i32) (result i32)))
)";

// To each visitor: hears a name of one character, chooses a letter by lot and
// sends both. Says a line for each: name ("?" if it heard none), letter, "0"
// and the errno of sock_recv, "0" and that of sock_send ('A' is 17). Until it
// has heard three names.
std::string ServingGuest() {
  return Guest(R"(
    ;; 1000: the line. 1100: what is sent. 1200, 1208: vectors.
    (data (i32.const 1004) "\n")
    (data (i32.const 1200) "\e8\03\00\00\01\00\00\00\e8\03\00\00\02\00\00\00")
    (func (export "_start") (local $heard i32) (local $fd i32) (local $e i32)
      (loop $l
        (if (call $accept (i32.const 3) (i32.const 0) (i32.const 500))
          (then unreachable))
        (local.set $fd (i32.load (i32.const 500)))
        (i32.store8 (i32.const 1000) (i32.const 63))
        (local.set $e (call $recv (local.get $fd) (i32.const 1200)
          (i32.const 1) (i32.const 0) (i32.const 504) (i32.const 508)))
        (i32.store8 (i32.const 1002) (i32.add (i32.const 48) (local.get $e)))
        (if (i32.eqz (local.get $e)) (then (local.set $heard
          (i32.add (local.get $heard) (i32.load (i32.const 504))))))
        (drop (call $random_get (i32.const 1001) (i32.const 1)))
        (i32.store8 (i32.const 1001) (i32.add (i32.const 97)
          (i32.rem_u (i32.load8_u (i32.const 1001)) (i32.const 26))))
        (local.set $e (call $send (local.get $fd) (i32.const 1208)
          (i32.const 1) (i32.const 0) (i32.const 504)))
        (i32.store8 (i32.const 1003) (i32.add (i32.const 48) (local.get $e)))
        (call $say (i32.const 1000) (i32.const 5))
        (drop (call $close (local.get $fd)))
        (br_if $l (i32.lt_u (local.get $heard) (i32.const 3))))))",
               kSocketImports);
}
// As the guest says it.
constexpr char kNone = '0';
constexpr char kConnReset = '0' + 15;

std::string FreeAddress() {
  auto listener = wasi::ListenAt("127.0.0.1:0");
  EXPECT_OK(listener);
  return wasi::ListenAddressOf(*listener);
}

// Somebody who says a name and hears what comes back.
class Visitor {
 public:
  Visitor(const std::string& address, char name) : name_(name) {
    socket_ = OwnedFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in there = {};
    there.sin_family = AF_INET;
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uint16_t port = 0;
    std::from_chars(address.data() + address.find(':') + 1,
                    address.data() + address.size(), port);
    there.sin_port = htons(port);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&there),
                        sizeof there),
              0)
        << std::strerror(errno);
  }

  // Once.
  void Say() {
    if (std::exchange(has_said_, true)) return;
    // Unless the other side is gone already.
    ::send(socket_.get(), &name_, 1, MSG_NOSIGNAL);
  }

  char name() const { return name_; }
  const std::string& heard() const { return heard_; }
  // Takes what is there; true once the connection has ended.
  bool HasEnded() {
    char buffer[16];
    for (;;) {
      const ssize_t size =
          ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (size < 0 && errno == EAGAIN) return false;
      if (size <= 0) return true;
      heard_.append(buffer, static_cast<size_t>(size));
    }
  }

 private:
  OwnedFd socket_;
  const char name_;
  bool has_said_ = false;
  std::string heard_;
};

enum class Saves { kJournal, kStates, kAsUsual };

class ProcessSocketsTest : public ProcessFixture {
 protected:
  struct Run {
    bool died = false;
    bool ran_again = false;
    std::vector<std::pair<char, std::string>> visits;  // name, heard
    std::vector<std::string> lines;
  };

  ProcessSocketsTest() : address_(FreeAddress()) {
    request_.options.add_listeners(address_);
    // So fast that every step ends at once.
    options_.output_delay_ns = 0;
    options_.checkpoint_interval_ns = 0;
  }

  void Begin(std::string name, Saves saves) {
    outside_ = FakeOutside();
    outside_.tick_ns = 2'000'000;
    request_.name = std::move(name);
    request_.options.clear_checkpoint_fuel();
    if (saves == Saves::kJournal) {
      request_.options.set_checkpoint_fuel(~uint64_t{0});
    } else if (saves == Saves::kStates) {
      request_.options.set_checkpoint_fuel(0);
    }
    request_.options.set_history_bytes(Journal::kKeepAll);
    db_->commits = 0;
    db_->first_failure.reset();
    Restart();
  }

  void Die(Run& run) {
    run.died = true;
    db_->first_failure.reset();
    const uint64_t random = outside_.random;
    outside_.random = random + 7;  // others than a repeat would get
    ASSERT_OK(Resume());
    run.ran_again = process_->ran_again();
  }

  // Serves until the end; dies once, after step `last_step` or in commit
  // `last_commit`.
  Run Serve(std::optional<int> last_step, std::optional<uint64_t> last_commit) {
    Run run;
    db_->first_failure = last_commit;
    EXPECT_OK(Launch(ServingGuest()));
    std::optional<Visitor> visitor;
    char next_name = 'A';
    int patience = 0;  // of the visitor
    for (int step = 1;; ++step) {
      const absl::StatusOr<Process::Progress> progress = Step(1);
      if (!progress.ok()) {
        EXPECT_THAT(progress.status().message(), HasSubstr("disk is gone"));
        Die(run);
        if (HasFatalFailure()) return run;
        continue;
      }
      if (visitor.has_value() && visitor->HasEnded()) {
        run.visits.emplace_back(visitor->name(), visitor->heard());
        visitor.reset();
      }
      if (*progress == Process::Progress::kFinished) break;
      if (step == last_step) {
        Die(run);
        if (HasFatalFailure()) return run;
      }
      if (*progress != Process::Progress::kWaiting) continue;
      if (!visitor.has_value()) {
        visitor.emplace(address_, next_name++);
        // Every other one lets the guest wait for its name.
        patience = next_name % 2 == 0 ? 0 : 4;
      } else if (patience > 0) {
        --patience;
      }
      if (patience == 0) visitor->Say();
    }
    std::string rest = Log();
    for (size_t end; (end = rest.find('\n')) != std::string::npos;) {
      run.lines.push_back(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
    EXPECT_EQ(rest, "");
    EXPECT_EQ(outside_.shown(), Log()) << "each line is shown once";
    return run;
  }

  // What holds whenever it died.
  void ExpectConsistent(const Run& run) {
    int names = 0;
    std::set<char> known;
    for (const std::string& line : run.lines) {
      ASSERT_EQ(line.size(), 4u) << line;
      if (line[0] != '?') {
        ++names;
        EXPECT_TRUE(known.insert(line[0]).second) << "heard twice: " << line;
        EXPECT_EQ(line[2], kNone) << line;
      }
      outcomes_.insert(line.substr(2));
    }
    EXPECT_EQ(names, kVisits);
    for (const auto& [name, heard] : run.visits) {
      if (heard.empty()) continue;
      // What it was sent is what the guest says that it sent: the lots are
      // those of the first time, and there was no second one.
      EXPECT_THAT(run.lines, Contains(::testing::StartsWith(heard)));
      EXPECT_EQ(heard.size(), 2u) << "sent twice: " << heard;
    }
    // Who was answered without an error has heard it.
    for (const std::string& line : run.lines) {
      if (line.substr(2) != std::string(2, kNone)) continue;
      EXPECT_THAT(run.visits, Contains(std::pair(line[0], line.substr(0, 2))));
    }
    EXPECT_EQ(Record().status(), COMPLETED);
  }

  const std::string address_;
  std::set<std::string> outcomes_;  // errnos of sock_recv and sock_send
};

TEST_F(ProcessSocketsTest, AServerThatLives) {
  Begin("lives", Saves::kAsUsual);
  const Run run = Serve(std::nullopt, std::nullopt);
  ExpectConsistent(run);
  EXPECT_FALSE(run.died);
  EXPECT_EQ(run.lines.size(), 3u);
  EXPECT_EQ(run.visits.size(), 3u);
}

TEST_F(ProcessSocketsTest, KilledAfterEachStepInTurn) {
  for (const Saves saves : {Saves::kJournal, Saves::kStates, Saves::kAsUsual}) {
    outcomes_.clear();
    for (int last_step = 1;; ++last_step) {
      SCOPED_TRACE(
          StrCat("saves ", static_cast<int>(saves), ", step ", last_step));
      Begin(StrCat("s", static_cast<int>(saves), "-", last_step), saves);
      const Run run = Serve(last_step, std::nullopt);
      ExpectConsistent(run);
      if (HasFatalFailure() || !run.died) break;
    }
    // A connection that was accepted is reset, to who reads and who sends.
    const std::string reset = {kConnReset, kConnReset};
    EXPECT_THAT(outcomes_, Contains(reset));
  }
}

TEST_F(ProcessSocketsTest, KilledAtEachCommitInTurn) {
  for (const Saves saves : {Saves::kJournal, Saves::kStates, Saves::kAsUsual}) {
    outcomes_.clear();
    bool a_send_in_doubt_was_heard = false;
    int ran_again = 0;
    for (uint64_t last_commit = 3;; ++last_commit) {
      SCOPED_TRACE(
          StrCat("saves ", static_cast<int>(saves), ", commit ", last_commit));
      Begin(StrCat("c", static_cast<int>(saves), "-", last_commit), saves);
      const Run run = Serve(std::nullopt, last_commit);
      ExpectConsistent(run);
      if (HasFatalFailure() || !run.died) break;
      ran_again += run.ran_again;
      for (const std::string& line : run.lines) {
        if (line[2] != kNone || line[3] != kConnReset) continue;
        for (const auto& [name, heard] : run.visits) {
          if (heard == line.substr(0, 2)) a_send_in_doubt_was_heard = true;
        }
      }
    }
    // The name that was heard before is answered from what was recorded; the
    // send is not done again, whether it was done or not.
    const std::string send_is_reset = {kNone, kConnReset};
    EXPECT_THAT(outcomes_, Contains(send_is_reset));
    EXPECT_TRUE(a_send_in_doubt_was_heard);
    if (saves == Saves::kJournal) EXPECT_GT(ran_again, 0);
  }
}

// What a person reads of it.
TEST_F(ProcessSocketsTest, TheHistoryHasEachCallOnce) {
  Begin("history", Saves::kJournal);
  std::optional<Run> run;
  // In the commit that has the answer of the first sock_send.
  for (uint64_t commit = 3; commit < 12; ++commit) {
    Begin(StrCat("h", commit), Saves::kJournal);
    run = Serve(std::nullopt, commit);
    if (!run->lines.empty() && run->lines[0][3] == kConnReset) break;
  }
  ASSERT_EQ(run->lines[0].substr(2), (std::string{kNone, kConnReset}));
  std::vector<std::string> sends;
  ASSERT_OK(ForEachEvent(*real_db_, number_, 0, [&](const JournalEvent& event) {
    const std::string call = CallOf(event);
    if (call.starts_with("sock_send")) {
      sends.push_back(StrCat(call, " = ", AnswerOf(event)));
    }
    return absl::OkStatus();
  }));
  EXPECT_EQ(sends.size(), run->lines.size());
  EXPECT_EQ(sends[0], "sock_send(4, 1208, 1, 0, 504) = ECONNRESET");
}

}  // namespace
}  // namespace wasmd
