#include "store/sharing/shared_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::wasmd::testing::StatusIs;
using ::wasmd::testing::TemporaryDirectory;

const std::vector<uint8_t> kModule(100'000, 7);

std::unique_ptr<SharedStore> MustOpen(const std::string& directory) {
  auto opened = SharedStore::Open(directory);
  EXPECT_OK(opened.status());
  CHECK(opened.ok());
  return *std::move(opened);
}

ProcessRecord RecordOf(const std::string& name) {
  const Sha256Digest hash = Sha256(kModule);
  ProcessRecord record;
  record.set_name(name);
  record.set_module_hash(hash.data(), hash.size());
  record.set_created_ns(absl::GetCurrentTimeNanos());
  return record;
}

// The next step of a process: one page with this first byte, and a log line.
struct Step {
  Step(ProcessNumber process, ProcessRecord last, uint8_t mark)
      : record(std::move(last)), page(kPageBytes, mark), state(1000, 's') {
    record.set_sequence(record.sequence() + 1);
    record.set_updated_ns(absl::GetCurrentTimeNanos());
    commit.process = process;
    commit.record = record;
    commit.state = AsBytes(state);
    commit.pages.push_back({.memory = 0, .page = mark, .bytes = page});
    commit.pages.push_back({.memory = 1, .page = 5, .bytes = {}});
    commit.log.push_back({.stream = 1, .bytes = "line\n"});
  }
  ProcessRecord record;
  std::vector<uint8_t> page;
  std::string state;
  Commit commit;
};

std::string LogOf(ProcessDb& db, ProcessNumber process) {
  std::string log;
  EXPECT_OK(db.ForEachLog(process, 1, 0, [&](ByteSpan bytes) {
    log.append(AsText(bytes));
    return absl::OkStatus();
  }));
  return log;
}

class SharedStoreTest : public ::testing::Test {
 protected:
  SharedStoreTest() : path_(directory_ / "store") {}

  ProcessNumber Create(SharedStore& store, const std::string& name) {
    EXPECT_OK(store.PutModule(Sha256(kModule), kModule));
    const auto process = store.CreateProcess(RecordOf(name));
    EXPECT_OK(process.status());
    return process.value_or(0);
  }

  absl::Status Advance(SharedStore& store, ProcessNumber process,
                       uint8_t mark) {
    const auto record = store.GetRecord(process);
    if (!record.ok()) return record.status();
    return store.ApplyCommit(Step(process, *record, mark).commit,
                             SyncMode::kSync);
  }

  TemporaryDirectory directory_;
  const std::string path_;
};

// Everything that ProcessDb has, as the owner and through it.
TEST_F(SharedStoreTest, AVisitorSeesAndDoesWhatTheOwnerDoes) {
  const auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  const ProcessNumber first = Create(*owner, "first");
  const ProcessNumber second = Create(*visitor, "second");
  ASSERT_NE(first, second);
  ASSERT_OK(Advance(*owner, first, 1));
  ASSERT_OK(Advance(*visitor, second, 2));
  ASSERT_OK(Advance(*visitor, second, 3));
  for (SharedStore* store : {owner.get(), visitor.get()}) {
    EXPECT_THAT(*store->FindProcess("second"), second);
    EXPECT_THAT(store->FindProcess("third"),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("third")));
    EXPECT_EQ(store->GetRecord(second)->sequence(), 2u);
    EXPECT_EQ(store->GetState(second)->size(), 1000u);
    EXPECT_EQ(LogOf(*store, second), "line\nline\n");
    EXPECT_TRUE(*store->HasModule(Sha256(kModule)));
    EXPECT_FALSE(*store->HasModule(Sha256(AsBytes("none"))));
    EXPECT_EQ(*store->GetModule(Sha256(kModule)), kModule);
    std::vector<std::string> names;
    EXPECT_OK(
        store->ForEachProcess([&](ProcessNumber, const ProcessRecord& record) {
          names.push_back(record.name());
          return absl::OkStatus();
        }));
    EXPECT_THAT(names, ElementsAre("first", "second"));
    std::map<std::pair<uint32_t, uint64_t>, size_t> pages;
    EXPECT_OK(store->ForEachPage(
        second, [&](uint32_t memory, uint64_t page, ByteSpan bytes) {
          pages[{memory, page}] = bytes.size();
          // Calls within calls are allowed.
          EXPECT_OK(store->GetRecord(second).status());
          return absl::OkStatus();
        }));
    EXPECT_THAT(pages,
                ElementsAre(Pair(Pair(0, 2), kPageBytes),
                            Pair(Pair(0, 3), kPageBytes), Pair(Pair(1, 5), 0)));
    std::string streams;
    EXPECT_OK(store->ForEachLogRecord(second, [&](uint32_t stream, ByteSpan) {
      StrAppend(&streams, stream);
      return absl::OkStatus();
    }));
    EXPECT_EQ(streams, "11");
    EXPECT_OK(store->Sync());
    EXPECT_OK(store->DueProcesses(0, 10).status());
    EXPECT_OK(store->Usage().status());
    EXPECT_EQ(store
                  ->Check([](const StoreFinding& finding) {
                    ADD_FAILURE() << finding.what;
                  })
                  ->findings,
              0u);
    // The error of a callback is the caller's.
    EXPECT_THAT(store->ForEachPage(second,
                                   [](uint32_t, uint64_t, ByteSpan) {
                                     return absl::AbortedError("enough");
                                   }),
                StatusIs(absl::StatusCode::kAborted, "enough"));
  }
}

TEST_F(SharedStoreTest, LargeCommitsAndReadsPassThrough) {
  const auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  const ProcessNumber process = Create(*visitor, "large");
  constexpr uint64_t kPages = 5000;  // 20 MB
  std::vector<uint8_t> bytes(kPages * kPageBytes);
  for (size_t i = 0; i < bytes.size(); i += 8) {
    StoreLittle<uint64_t>(&bytes[i], i * 0x9E3779B97F4A7C15u);
  }
  ProcessRecord record = *visitor->GetRecord(process);
  record.set_sequence(1);
  Commit commit = {.process = process, .record = record};
  for (uint64_t page = 0; page < kPages; ++page) {
    commit.pages.push_back(
        {.memory = 0,
         .page = page,
         .bytes = ByteSpan(bytes).subspan(page * kPageBytes, kPageBytes)});
  }
  ASSERT_OK(visitor->ApplyCommits({commit}, SyncMode::kNoSync));
  uint64_t next = 0;
  ASSERT_OK(visitor->ForEachPage(
      process, [&](uint32_t, uint64_t page, ByteSpan content) {
        EXPECT_EQ(page, next++);
        const ByteSpan wanted =
            ByteSpan(bytes).subspan(page * kPageBytes, kPageBytes);
        EXPECT_TRUE(std::equal(content.begin(), content.end(), wanted.begin(),
                               wanted.end()));
        return absl::OkStatus();
      }));
  EXPECT_EQ(next, kPages);
}

// What the owner holds to make commits cheap is let go of with the claim, also
// with that of a visitor.
TEST_F(SharedStoreTest, ReleasingAProcessForgetsIt) {
  const auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  for (const auto& store : {owner.get(), visitor.get()}) {
    const ProcessNumber process =
        Create(*store, store == owner.get() ? "owners" : "visitors");
    std::vector<uint8_t> page(kPageBytes);
    for (size_t i = 0; i < page.size(); i += 8) {
      StoreLittle<uint64_t>(&page[i], i * 0x9E3779B97F4A7C15u);
    }
    const auto commit_bytes = [&] {
      ++page[100];
      const auto record = store->GetRecord(process);
      EXPECT_OK(record.status());
      Commit commit = {.process = process, .record = *record};
      commit.record.set_sequence(record->sequence() + 1);
      commit.pages = {{.memory = 0, .page = 0, .bytes = page}};
      const uint64_t before = owner->Statistics().written_bytes;
      EXPECT_OK(store->ApplyCommit(commit, SyncMode::kSync));
      return owner->Statistics().written_bytes - before;
    };
    EXPECT_GT(commit_bytes(), kPageBytes);  // whole
    EXPECT_LT(commit_bytes(), kPageBytes / 2);
    store->Release(process);
    EXPECT_OK(store->Claim(process));
    EXPECT_GT(commit_bytes(), kPageBytes);
    // Not to have a claim is to have nothing to release.
    owner->Release(store == owner.get() ? process + 1000 : process);
    EXPECT_LT(commit_bytes(), kPageBytes / 2);
  }
}

TEST_F(SharedStoreTest, AProcessIsChangedByOneAtATime) {
  const auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  const ProcessNumber process = Create(*visitor, "p");  // is claimed
  EXPECT_THAT(owner->Claim(process),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Advance(*owner, process, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(owner->RemoveProcess(process),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_OK(Advance(*visitor, process, 1));
  visitor->Release(process);
  EXPECT_OK(Advance(*owner, process, 2));  // claims it while it lasts
  EXPECT_OK(owner->Claim(process));
  EXPECT_OK(owner->Claim(process));
  EXPECT_THAT(visitor->Claim(process),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  owner->Release(process);
  EXPECT_OK(visitor->RemoveProcess(process));
  EXPECT_THAT(owner->GetRecord(process), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SharedStoreTest, ClaimsEndWithTheirHolder) {
  auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  const ProcessNumber process = Create(*owner, "p");
  EXPECT_THAT(visitor->Claim(process),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  owner.reset();
  EXPECT_OK(visitor->Claim(process));
  EXPECT_OK(Advance(*visitor, process, 1));  // and owns the store now
}

TEST_F(SharedStoreTest, WhoeverIsLeftGoesOn) {
  std::vector<std::unique_ptr<SharedStore>> stores;
  std::vector<ProcessNumber> processes;
  for (int i = 0; i < 5; ++i) {
    stores.push_back(MustOpen(path_));
    processes.push_back(Create(*stores.back(), StrCat("p", i)));
  }
  uint8_t mark = 0;
  while (!stores.empty()) {
    ++mark;
    for (size_t i = 0; i < stores.size(); ++i) {
      EXPECT_OK(Advance(*stores[i], processes[i], mark));
    }
    stores.erase(stores.begin());
    processes.erase(processes.begin());
  }
  const auto last = MustOpen(path_);
  for (int i = 0; i < 5; ++i) {
    const ProcessNumber process = *last->FindProcess(StrCat("p", i));
    EXPECT_EQ(last->GetRecord(process)->sequence(),
              static_cast<uint64_t>(i + 1));
  }
}

// Visitors commit all the time while owners come and go: nothing is lost, and
// nothing happens twice.
TEST_F(SharedStoreTest, NothingIsLostWhileOwnersChange) {
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  std::atomic<uint64_t> steps = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; !is_over; ++round) {
        const auto store = MustOpen(path_);
        const ProcessNumber process =
            Create(*store, StrCat("p", i, "-", round));
        ProcessRecord record = *store->GetRecord(process);
        const uint64_t wanted = static_cast<uint64_t>(i) * 7 + 3;
        for (uint64_t step = 1; step <= wanted; ++step) {
          Step next(process, record, static_cast<uint8_t>(step));
          const absl::Status status = store->ApplyCommit(
              next.commit, step % 2 == 0 ? SyncMode::kSync : SyncMode::kNoSync);
          ASSERT_OK(status);
          record = next.record;
          ++steps;
        }
        std::string log;
        for (uint64_t step = 0; step < wanted; ++step) log += "line\n";
        EXPECT_EQ(LogOf(*store, process), log);
        ASSERT_OK(store->RemoveProcess(process));
      }
    });
  }
  absl::SleepFor(absl::Seconds(3));
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(steps, 40u);
}

TEST_F(SharedStoreTest, AModuleThatWasPutOutlivesItsOwner) {
  auto owner = MustOpen(path_);
  auto visitor = MustOpen(path_);
  ASSERT_OK(visitor->PutModule(Sha256(kModule), kModule));
  owner.reset();
  // The visitor opens the store, which drops modules that no process uses.
  EXPECT_OK(visitor->CreateProcess(RecordOf("p")).status());
  EXPECT_EQ(*visitor->GetModule(Sha256(kModule)), kModule);
}

TEST_F(SharedStoreTest, StopsReachEverybodyWhoRunsProcesses) {
  auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  const auto asker = MustOpen(path_);
  std::atomic<int> at_owner = 0;
  std::atomic<int> at_visitor = 0;
  owner->SetOnStop([&](ProcessNumber process, StopKind kind) {
    if (process == 7 && kind == StopKind::kPause) ++at_owner;
  });
  visitor->SetOnStop([&](ProcessNumber process, StopKind kind) {
    if (process == 7 && kind == StopKind::kPause) ++at_visitor;
  });
  const auto ask_until = [&](const std::function<bool()>& done) {
    for (int i = 0; i < 2000 && !done(); ++i) {
      ASSERT_OK(asker->AskToStop(7, StopKind::kPause));
      absl::SleepFor(absl::Milliseconds(5));
    }
    EXPECT_TRUE(done());
  };
  ask_until([&] { return at_owner > 0 && at_visitor > 0; });
  // With another owner too, whoever that is.
  owner->SetOnStop(nullptr);
  const int before = at_owner;
  owner.reset();
  at_visitor = 0;
  ask_until([&] { return at_visitor > 0; });
  EXPECT_EQ(at_owner, before);
  ASSERT_OK(asker->AskToStop(7, StopKind::kCancel));
}

// A visitor in another program, whose owner is killed while it waits.
TEST_F(SharedStoreTest, AKilledOwnerIsReplaced) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto owner = MustOpen(path_);
    CHECK(write(ready[1], "r", 1) == 1);
    for (;;) pause();
  }
  char mark = 0;
  ASSERT_EQ(read(ready[0], &mark, 1), 1);
  const auto visitor = MustOpen(path_);
  const ProcessNumber process = Create(*visitor, "p");
  ASSERT_OK(Advance(*visitor, process, 1));
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(std::filesystem::exists(path_ + "/owner.socket"));
  EXPECT_OK(Advance(*visitor, process, 2));
  EXPECT_EQ(visitor->GetRecord(process)->sequence(), 2u);
  // And is an owner for others.
  EXPECT_OK(SharedStore::Open(path_).status());
  close(ready[0]);
  close(ready[1]);
}

TEST_F(SharedStoreTest, TheSocketIsPrivateAndGoesWithItsOwner) {
  auto owner = MustOpen(path_);
  struct stat status;
  ASSERT_EQ(stat((path_ + "/owner.socket").c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  owner.reset();
  EXPECT_FALSE(std::filesystem::exists(path_ + "/owner.socket"));
}

TEST_F(SharedStoreTest, APathLongerThanASocketAddressWorks) {
  std::string path = path_;
  for (int i = 0; i < 4; ++i) path += "/" + std::string(60, 'd');
  const auto owner = MustOpen(path);
  const auto visitor = MustOpen(path);
  EXPECT_NE(Create(*visitor, "p"), 0u);
}

// What is in the way of the socket is of an owner that is no more.
TEST_F(SharedStoreTest, AStaleSocketIsReplaced) {
  MustOpen(path_).reset();
  {
    const int fd = open((path_ + "/owner.socket").c_str(),
                        O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    ASSERT_GE(fd, 0);
    close(fd);
  }
  const auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  EXPECT_NE(Create(*visitor, "p"), 0u);
}

// A raw client of the socket, for what no wasmd does.
class RawClient {
 public:
  explicit RawClient(const std::string& store)
      : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // By a short name, since the path may be too long.
    const int folder = open(store.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    const std::string path = StrCat("/proc/self/fd/", folder, "/owner.socket");
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    CHECK(connect(fd_, reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) == 0);
    close(folder);
  }
  ~RawClient() { close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(std::string_view bytes) {
    (void)send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // What comes next.
  std::string Receive() {
    char piece[4096];
    const ssize_t got = recv(fd_, piece, sizeof piece, 0);
    return std::string(piece, got > 0 ? static_cast<size_t>(got) : 0);
  }
  // Whether the owner hangs up, maybe after some bytes.
  bool IsDropped() {
    char piece[4096];
    timeval limit = {.tv_sec = 30, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    for (;;) {
      const ssize_t got = recv(fd_, piece, sizeof piece, 0);
      if (got <= 0) return got == 0 || errno == ECONNRESET;
    }
  }

 private:
  const int fd_;
};

std::string Message(std::string_view header, uint64_t body_bytes) {
  std::string message = "wsm1";
  const auto header_bytes = static_cast<uint32_t>(header.size());
  message.append(reinterpret_cast<const char*>(&header_bytes), 4);
  message.append(reinterpret_cast<const char*>(&body_bytes), 8);
  message.append(header);
  return message;
}

TEST_F(SharedStoreTest, NonsenseLosesItsConnectionAndNothingElse) {
  const auto owner = MustOpen(path_);
  const auto visitor = MustOpen(path_);
  const ProcessNumber process = Create(*visitor, "p");
  const std::string kNonsense[] = {
      "GET / HTTP/1.1\r\n\r\n",
      std::string(1000, '\0'),
      Message("\xFF\xFF\xFF", 0),      // no message of protobuf
      Message("", uint64_t{1} << 60),  // too much
      std::string("wsm1\xFF\xFF\xFF\xFF", 8) + std::string(8, '\0'),
  };
  for (const std::string& bytes : kNonsense) {
    RawClient client(path_);
    client.Send(bytes);
    EXPECT_TRUE(client.IsDropped()) << bytes;
    EXPECT_OK(Advance(*visitor, process, 1));
  }
  // Half a message, and then nothing, for as long as the test lasts.
  RawClient slow(path_);
  slow.Send(Message("\x08\x01", 1'000'000));
  // Many who say nothing.
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 100; ++i) {
    silent.push_back(std::make_unique<RawClient>(path_));
  }
  EXPECT_OK(Advance(*visitor, process, 2));
  EXPECT_NE(Create(*MustOpen(path_), "q"), 0u);
}

TEST_F(SharedStoreTest, OneWhoReadsNoAnswersHoldsUpNobody) {
  const auto owner = MustOpen(path_);
  const ProcessNumber process = Create(*owner, "p");
  // Asks for the module again and again: version 1, get_module of the hash.
  const Sha256Digest hash = Sha256(kModule);
  std::string header = "\x08\x01\x5A\x22\x0A\x20";
  header.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  RawClient greedy(path_);
  for (int i = 0; i < 100; ++i) greedy.Send(Message(header, 0));
  const auto visitor = MustOpen(path_);
  EXPECT_EQ(visitor->GetModule(hash)->size(), kModule.size());
  EXPECT_OK(Advance(*owner, process, 1));
}

TEST_F(SharedStoreTest, ANewerVisitorIsToldSo) {
  const auto owner = MustOpen(path_);
  for (const std::string& header : {
           std::string("\x08\x02\x12\x00", 4),      // version 2, hello
           std::string("\x08\x01\xC2\x3E\x00", 5),  // method 1000
           std::string("\x08\x01", 2),              // no method
       }) {
    RawClient client(path_);
    client.Send(Message(header, 0));
    const std::string answer = client.Receive();
    ASSERT_GT(answer.size(), 18u);
    // Its first field is the code.
    EXPECT_EQ(answer[16], 0x08);
    EXPECT_EQ(answer[17], static_cast<char>(absl::StatusCode::kUnimplemented));
  }
}

// Not as root, for whom there are no permissions.
TEST_F(SharedStoreTest, ASocketForOthersIsAClearError) {
  const auto owner = MustOpen(path_);
  ASSERT_EQ(chmod((path_ + "/owner.socket").c_str(), 0), 0);
  if (geteuid() == 0) GTEST_SKIP() << "root may do everything";
  EXPECT_THAT(
      SharedStore::Open(path_),
      StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("owner.socket")));
}

// An owner that does not let others in: one that is no SharedStore.
TEST_F(SharedStoreTest, AnOwnerWithoutASocketKeepsTheStore) {
  auto db = ProcessDb::Open(path_);
  ASSERT_OK(db.status());
  EXPECT_THAT(SharedStore::Open(path_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("in use by another wasmd")));
  db->reset();
  EXPECT_OK(SharedStore::Open(path_).status());
}

TEST_F(SharedStoreTest, WhatIsNoStoreIsSaidAtOnce) {
  OpenOptions options;
  options.create_if_missing = false;
  EXPECT_THAT(SharedStore::Open(path_, options),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace wasmd
