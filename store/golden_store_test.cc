// testdata/vN: stores as released versions of wasmd wrote them, which every
// later one must read for ever. Neither they nor what is expected of them below
// is ever edited; a new version gets a folder and an expectation of its own.

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/process_db.h"
#include "store/testing/store_model.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

constexpr char kGolden[] = "store/testdata/";
constexpr char kMakeVariable[] = "WASMD_MAKE_GOLDEN_STORE";

std::string Noise(uint64_t seed, size_t size) {
  std::mt19937_64 random(seed);
  std::string bytes(size, 0);
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

// Every field but the name is set, to something else for each seed.
ProcessRecord RecordOf(const std::string& name, int seed) {
  ProcessRecord record;
  record.set_name(name);
  record.set_status(PAUSED);
  record.set_created_ns(1'000'000'000 + seed);
  record.set_updated_ns(2'000'000'000 + seed);
  record.set_exit_code(seed);
  record.set_failure(StrCat("failure ", seed));
  record.add_failure_stack("at first");
  record.add_failure_stack("at second");
  record.set_invoke("function");
  record.add_arguments("program");
  record.add_arguments(std::string("\xff\0x", 3));
  record.set_module_path("some/program.wasm");
  record.set_memory_bytes(65536);
  record.set_log_bytes_stdout(10);
  record.set_log_bytes_stderr(20);
  record.set_runtime_state(Noise(static_cast<uint64_t>(seed), 300));
  return record;
}

// Does the same to a store and to a model of it.
class History {
 public:
  // Null, as at first: only the model is changed.
  void Use(ProcessDb* db) { db_ = db; }

  std::string Module(uint64_t seed) {
    const std::string bytes = Noise(seed, 3000);
    const Sha256Digest hash = Sha256(AsBytes(bytes));
    if (db_ != nullptr) EXPECT_OK(db_->PutModule(hash, AsBytes(bytes)));
    return {hash.begin(), hash.end()};
  }

  void Create(const ProcessRecord& record) {
    auto process = std::make_shared<ModelProcess>();
    process->number = ++last_number_;
    process->record = record;
    if (db_ != nullptr) {
      const auto number = db_->CreateProcess(record);
      EXPECT_OK(number.status());
      if (number.ok()) EXPECT_EQ(*number, process->number);
    }
    model_[record.name()] = process;
  }

  void Step(const std::string& name, Commit commit) {
    const ModelProcess& process = *model_.at(name);
    commit.process = process.number;
    commit.record.set_name(name);
    commit.record.set_sequence(process.record.sequence() + 1);
    if (db_ != nullptr) EXPECT_OK(db_->ApplyCommit(commit, SyncMode::kSync));
    model_[name] = std::make_shared<ModelProcess>(WithCommit(process, commit));
  }

  void Remove(const std::string& name) {
    if (db_ != nullptr) EXPECT_OK(db_->RemoveProcess(model_.at(name)->number));
    model_.erase(name);
  }

  void Fork(const std::string& parent, const std::string& name,
            std::optional<uint64_t> point) {
    const ModelProcess& from = *model_.at(parent);
    ForkRequest request{.parent = from.number,
                        .point = point,
                        .record = RecordOf(name, 7),
                        .journal_from = 0};
    auto child = std::make_shared<ModelProcess>();
    child->number = ++last_number_;
    child->record = request.record;
    child->journal = from.journal;
    child->state = from.state;
    child->pages = from.pages;
    if (point.has_value()) {
      child->state = from.points.at(*point).state;
      child->pages = from.points.at(*point).pages;
    }
    if (db_ != nullptr) {
      const auto number = db_->Fork(request);
      EXPECT_OK(number.status());
      if (number.ok()) EXPECT_EQ(*number, child->number);
    }
    model_[name] = child;
  }

  const StoreModel& model() const { return model_; }

 private:
  ProcessDb* db_ = nullptr;
  StoreModel model_;
  ProcessNumber last_number_ = 0;
};

void FirstPart(History* history) {
  const std::string module = history->Module(1);
  ProcessRecord sleeper = RecordOf("sleeper", 1);
  sleeper.set_module_hash(module);
  history->Create(sleeper);
  ProcessRecord second = RecordOf("second", 2);
  second.set_module_hash(module);
  second.add_other_module_hashes(history->Module(2));
  history->Create(second);
  history->Create(RecordOf("removed", 3));

  const std::string state = Noise(10, 500);
  const std::string page = Noise(11, kPageBytes);
  const std::string text(kPageBytes, 't');
  const std::string line(3000, 'l');
  history->Step("sleeper", {.record = sleeper,
                            .state = AsBytes(state),
                            .pages = {{0, 0, AsBytes(page)},
                                      {0, 7, AsBytes(text)},
                                      {0, uint64_t{1} << 40, {}},
                                      {3, 1, AsBytes(text)}},
                            .log = {{1, "one\n"}, {2, "two\n"}, {1, ""}}});
  history->Step("removed", {.record = RecordOf("removed", 4),
                            .pages = {{0, 0, AsBytes(page)}}});
  history->Remove("removed");
  // Enough log for an index of several entries.
  for (int i = 0; i < 50; ++i) {
    history->Step("second", {.record = second, .log = {{1, line}, {2, "e"}}});
  }
}

// What is still in the WAL.
void SecondPart(History* history) {
  ProcessRecord sleeper = history->model().at("sleeper")->record;
  sleeper.set_status(WAITING);
  sleeper.set_wake_time_ns(77'000'000'000);
  const std::string page = Noise(12, kPageBytes);
  history->Step("sleeper", {.record = sleeper,
                            .state = AsBytes(std::string_view("state")),
                            .pages = {{0, 0, {}}, {0, 8, AsBytes(page)}},
                            .log = {{2, "three\n"}}});
  history->Create(RecordOf("last", 5));
}

// What version 2 added: redo records, the journal, points and forks.
void RedoPart(History* history) {
  std::string page = Noise(20, kPageBytes);
  std::string state = Noise(21, 2000);
  for (uint64_t i = 0; i < 30; ++i) {
    page[i * 100] = static_cast<char>(i);
    state[i * 50] = static_cast<char>(i);
    const std::string answer = StrCat("answer ", i);
    Commit commit{.record = history->model().at("sleeper")->record,
                  .state = AsBytes(state),
                  .pages = {{0, 7, AsBytes(page)}, {0, 9, AsBytes(page)}},
                  .log = {{1, "."}},
                  .keep_point = i % 10 == 4};
    commit.journal = {{.first_event = i + 1, .bytes = AsBytes(answer)}};
    if (i >= 20) commit.journal_trim = {i - 19};
    history->Step("sleeper", commit);
  }
}

// Children that share pages: of a point, and of the last commit.
void ForkPart(History* history) {
  const auto parent = history->model().at("sleeper");
  history->Fork("sleeper", "child of a point", parent->points.begin()->first);
  history->Fork("sleeper", "child of the end", std::nullopt);
  std::string page = parent->pages.at({0, 7});
  page[5] = 'c';
  for (const std::string name : {"child of a point", "child of the end"}) {
    history->Step(name, {.record = history->model().at(name)->record,
                         .state = AsBytes(std::string_view("child")),
                         .pages = {{0, 7, AsBytes(page)}}});
  }
}

// For a new version: with the path to make in WASMD_MAKE_GOLDEN_STORE.
TEST(GoldenStoreTest, DISABLED_Make) {
  const char* const path = std::getenv(kMakeVariable);
  ASSERT_NE(path, nullptr);
  History history;
  {
    ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path));
    history.Use(db.get());
    FirstPart(&history);
    RedoPart(&history);
  }
  {
    rocksdb::DB* rocks = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, path, &rocks).ok());
    EXPECT_TRUE(rocks->Flush({}).ok());
    delete rocks;
  }
  ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path));
  history.Use(db.get());
  ForkPart(&history);
  SecondPart(&history);
}

// Holds a golden store to what is expected of it, and goes on from there.
void ExpectIsRead(const std::string& version, History* expected) {
  TemporaryDirectory directory;
  const std::string path = directory / "store";
  std::filesystem::copy(StrCat(kGolden, version), path);
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    std::filesystem::permissions(file, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
  }
  for (const bool read_only : {true, false}) {
    ASSERT_OK_AND_ASSIGN(
        const auto db,
        ProcessDb::Open(path, {.read_only = read_only, .check_wal = true}));
    ASSERT_OK_AND_ASSIGN(const StoreModel found, ReadStore(db.get()));
    EXPECT_EQ(Difference(expected->model(), found), "");
    EXPECT_OK(db->Check([](const StoreFinding& finding) {
                  ADD_FAILURE() << finding.what;
                }).status());
  }
  ASSERT_OK_AND_ASSIGN(const auto db, ProcessDb::Open(path));
  expected->Use(db.get());
  // The number of the one that was removed is not used again.
  expected->Create(RecordOf("new", 6));
  Commit commit{.record = expected->model().at("sleeper")->record};
  commit.log = {{1, "four\n"}};
  expected->Step("sleeper", commit);
  ASSERT_OK_AND_ASSIGN(const StoreModel found, ReadStore(db.get()));
  EXPECT_EQ(Difference(expected->model(), found), "");
}

TEST(GoldenStoreTest, Version1IsRead) {
  History expected;
  FirstPart(&expected);
  SecondPart(&expected);
  ExpectIsRead("v1", &expected);
}

TEST(GoldenStoreTest, Version2IsRead) {
  History expected;
  FirstPart(&expected);
  RedoPart(&expected);
  ForkPart(&expected);
  SecondPart(&expected);
  EXPECT_EQ(expected.model().at("sleeper")->points.size(), 3u);
  ExpectIsRead("v2", &expected);
}

}  // namespace
}  // namespace wasmd::testing
