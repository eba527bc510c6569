// Random work on a store whose disk fails and whose power is cut, compared with
// a model in memory. What must hold:
//
// 1. The store opens again after every power cut.
// 2. What was acknowledged as synced is there. What was acknowledged otherwise
//    is there up to some point, in order.
// 3. Nothing is there in part: the store equals the model at one point of its
//    history.
// 4. A change that failed is not seen; if the store went on working after it,
//    it is never seen.
// 5. Numbers of processes are never used twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/encryption_key.h"
#include "store/process_db.h"
#include "store/testing/fault_env.h"
#include "store/testing/store_model.h"
#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

class Driver {
 public:
  explicit Driver(uint64_t seed)
      : is_encrypted_(seed % 3 == 0),
        random_(seed),
        faults_(std::make_unique<FaultEnv>(seed)) {}

  // One life of the store: opened, worked on, closed or cut off.
  void Round() {
    const bool cuts_power = Chance(60);
    if (cuts_power) faults_->CutPower(Below(400));
    Open();
    if (db_ != nullptr) {
      const bool has_faults = Chance(40);
      for (int i = static_cast<int>(Below(60)); i >= 0; --i) {
        if (has_faults && Chance(10)) InjectFault();
        Step();
        if (::testing::Test::HasFatalFailure()) return;
        if (faults_->power_is_cut()) break;
      }
      faults_->ClearFaults();
      Close();
    }
    if (cuts_power) {
      faults_->CutPower();
      faults_->RestorePower();
      is_intact_ = false;
      Open();
      ASSERT_NE(db_, nullptr) << "does not open after a power cut";
      Close();
    }
  }

  struct Counts {
    int opened = 0;
    int applied = 0;
    int failed = 0;
    int lost = 0;  // unsynced changes that a power cut took
  };
  const Counts& counts() const { return counts_; }

 private:
  // What a change makes of a store; nullopt where it does not fit.
  using Change = std::function<std::optional<StoreModel>(const StoreModel&)>;

  void Record(const absl::Status& status, bool sync, const Change& change) {
    if (!status.ok()) {
      Failed(status, change);
      return;
    }
    ++counts_.applied;
    if (!works_) {
      // It was opened anew, so what had failed may have been found.
      std::vector<StoreModel> bases;
      std::vector<StoreModel> candidates;
      for (const StoreModel& base : Bases()) {
        auto next = change(base);
        if (!next.has_value()) continue;
        bases.push_back(base);
        candidates.push_back(*std::move(next));
      }
      Match(candidates, *ReadStore(db_.get()));
      if (::testing::Test::HasFatalFailure()) return;
      // Opening has synced what was found then, not what came since.
      if (!sync) possible_.insert(possible_.begin(), bases[matched_]);
      return;
    }
    current_ = change(current_).value();
    if (sync) possible_.clear();
    possible_.push_back(current_);
  }

  void Failed(const absl::Status& status, const Change& change) {
    ++counts_.failed;
    ASSERT_TRUE(faults_->power_is_cut() || !works_ ||
                faults_met_ != faults_->faults_met())
        << status;
    works_ = false;
    for (const StoreModel& base : Bases()) {
      if (auto next = change(base)) failed_.push_back(*std::move(next));
    }
    if (Chance(50) || failed_.size() > 8) Repair();
  }

  // The states that may come to light once the store works again.
  std::vector<StoreModel> Bases() const {
    std::vector<StoreModel> bases = failed_;
    bases.push_back(current_);
    return bases;
  }

  // The disk works again: then the store must.
  void Repair() {
    if (faults_->power_is_cut()) return;
    faults_->ClearFaults();
    absl::Status synced = db_->Sync();
    for (int i = 0; i < 20 && !synced.ok(); ++i) {
      absl::SleepFor(absl::Milliseconds(20));
      synced = db_->Sync();
    }
    if (faults_->power_is_cut()) return;
    ASSERT_OK(synced);
    EXPECT_OK(db_->Check([](const StoreFinding& finding) {
                   ADD_FAILURE() << finding.what;
                 })
                  .status());
    const auto found = ReadStore(db_.get());
    ASSERT_OK(found.status());
    Match(Bases(), *found);
  }

  // What was found must be one of these, the later ones more likely; it is
  // what the store is from now on.
  void Match(const std::vector<StoreModel>& candidates,
             const StoreModel& found) {
    std::string differences;
    for (size_t i = candidates.size(); i > 0; --i) {
      const std::string difference = Difference(candidates[i - 1], found);
      if (difference.empty()) {
        if (i < candidates.size()) ++counts_.lost;
        current_ = WithParents(found, candidates[i - 1]);
        possible_ = {current_};
        matched_ = i - 1;
        failed_.clear();
        works_ = true;
        faults_met_ = faults_->faults_met();
        return;
      }
      differences += StrCat("\n  state ", i, ": ", difference);
    }
    FAIL() << "what is in the store was never committed; differences from "
           << "what was:" << differences;
  }

  // What the store does not tell is as the model has it.
  static StoreModel WithParents(StoreModel found, const StoreModel& expected) {
    for (auto& [name, process] : found) {
      auto changed = std::make_shared<ModelProcess>(*process);
      changed->parent = expected.at(name)->parent;
      process = changed;
    }
    return found;
  }

  void Open() {
    OpenOptions options;
    options.env = faults_->env();
    if (is_encrypted_) options.key = EncryptionKey({});
    options.write_buffer_bytes = size_t{64} << 10;
    options.redo_window_records = 2 + Below(20);
    options.redo_window_bytes = 500 + Below(20'000);
    if (Chance(30)) options.shadow_bytes = 20 * kPageBytes;
    auto opened = ProcessDb::Open(directory_ / "store", options);
    if (!opened.ok()) {
      ASSERT_TRUE(faults_->power_is_cut()) << opened.status();
      return;
    }
    ++counts_.opened;
    db_ = *std::move(opened);
    const auto found = ReadStore(db_.get());
    ASSERT_OK(found.status());
    if (is_intact_) {
      ASSERT_EQ(Difference(current_, *found), "");
    }
    is_intact_ = false;
    possible_.insert(possible_.end(), failed_.begin(), failed_.end());
    Match(std::vector<StoreModel>(possible_), *found);
  }

  void Close() {
    if (!works_) Repair();
    if (!faults_->power_is_cut()) {
      const auto found = ReadStore(db_.get());
      ASSERT_OK(found.status());
      ASSERT_EQ(Difference(current_, *found), "");
      EXPECT_OK(db_->Check([](const StoreFinding& finding) {
                     ADD_FAILURE() << finding.what;
                   })
                    .status());
    }
    db_.reset();
    // Whoever comes next sees what this program wrote last, synced or not.
    is_intact_ = !faults_->power_is_cut();
  }

  void InjectFault() {
    constexpr FileOperation kOperations[] = {
        FileOperation::kAppend, FileOperation::kSync, FileOperation::kCreate,
        FileOperation::kRename, FileOperation::kSyncDirectory};
    constexpr const char* kSuffixes[] = {"", ".log", ".log", ".sst"};
    faults_->ClearFaults();
    if (Chance(30)) return;
    faults_->Inject({.operation = kOperations[Below(std::size(kOperations))],
                     .nth = 1 + Below(8),
                     .times = Chance(30) ? 20 : 1 + Below(2),
                     .disk_full = Chance(50),
                     .suffix = kSuffixes[Below(std::size(kSuffixes))]});
  }

  void Step() {
    const uint64_t dice = Below(100);
    if (current_.empty() || dice < 12) {
      Create();
    } else if (dice < 18) {
      Remove();
    } else if (dice < 22) {
      Sync();
    } else if (dice < 25) {
      Fork();
    } else if (dice < 28) {
      Rewind();
    } else if (dice < 31) {
      DropPoints();
    } else if (dice < 34) {
      // Forgetting changes nothing.
      db_->Forget(RandomProcess()->second->number);
    } else {
      CommitSome();
    }
  }

  void Create() {
    ModelProcess process;
    process.record.set_name(StrCat("p", ++names_));
    RandomizeRecord(&process.record);
    const std::string module = StrCat("module ", Below(4));
    const Sha256Digest hash = Sha256(AsBytes(module));
    process.record.set_module_hash(std::string(hash.begin(), hash.end()));
    if (const absl::Status put = db_->PutModule(hash, AsBytes(module));
        !put.ok()) {
      Record(put, true, Same);
      return;
    }
    const auto created = db_->CreateProcess(process.record);
    if (created.ok()) {
      process.number = *created;
      ASSERT_GT(process.number, last_number_);
      last_number_ = process.number;
    }
    Record(created.status(), true, [&process](const StoreModel& base) {
      StoreModel next = base;
      next[process.record.name()] = std::make_shared<ModelProcess>(process);
      return next;
    });
  }

  void Remove() {
    const auto process = RandomProcess();
    const std::string name = process->first;
    for (const auto& [other, child] : current_) {
      if (child->parent == process->second->number) return;
    }
    Record(db_->RemoveProcess(process->second->number), true,
           [&name](const StoreModel& base) {
             StoreModel next = base;
             next.erase(name);
             return next;
           });
  }

  // Of a point now and then.
  void Fork() {
    const auto at = RandomProcess();
    const std::string parent = at->first;
    ForkRequest request{.parent = at->second->number};
    if (!at->second->state.has_value()) return;
    if (Chance(50) && !at->second->points.empty()) {
      request.point = at->second->points.begin()->first;
    }
    if (Chance(50)) request.journal_from = 0;
    request.record = at->second->record;
    request.record.set_name(StrCat("p", ++names_));
    request.record.set_sequence(0);
    RandomizeRecord(&request.record);
    const auto forked = db_->Fork(request);
    ProcessNumber number = 0;
    if (forked.ok()) {
      number = *forked;
      ASSERT_GT(number, last_number_);
      last_number_ = number;
    }
    Record(forked.status(), true,
           [&](const StoreModel& base) -> std::optional<StoreModel> {
             const auto from = base.find(parent);
             if (from == base.end() || !from->second->state.has_value()) {
               return std::nullopt;
             }
             auto child = std::make_shared<ModelProcess>();
             child->number = number;
             child->record = request.record;
             child->state = from->second->state;
             child->pages = from->second->pages;
             child->parent = from->second->number;
             if (request.point.has_value()) {
               const auto point = from->second->points.find(*request.point);
               if (point == from->second->points.end()) return std::nullopt;
               child->state = point->second.state;
               child->pages = point->second.pages;
             }
             if (request.journal_from.has_value()) {
               child->journal = from->second->journal;
             }
             StoreModel next = base;
             next[request.record.name()] = child;
             return next;
           });
  }

  void Rewind() {
    const auto at = RandomProcess();
    const std::string name = at->first;
    if (at->second->points.empty()) return;
    auto point = at->second->points.begin();
    std::advance(point, Below(at->second->points.size()));
    const uint64_t sequence = point->first;
    RewindRequest request{.process = at->second->number, .point = sequence};
    request.record = at->second->record;
    request.record.set_sequence(request.record.sequence() + 1);
    RandomizeRecord(&request.record);
    Record(db_->Rewind(request), true,
           [&](const StoreModel& base) -> std::optional<StoreModel> {
             const auto from = base.find(name);
             if (from == base.end() ||
                 from->second->record.sequence() + 1 !=
                     request.record.sequence() ||
                 !from->second->points.contains(sequence)) {
               return std::nullopt;
             }
             StoreModel next = base;
             next[name] = std::make_shared<ModelProcess>(
                 Rewound(*from->second, sequence, request.record));
             return next;
           });
  }

  void DropPoints() {
    const auto at = RandomProcess();
    const std::string name = at->first;
    const uint64_t left = Below(3);
    // Nothing is written, and so synced, when there is nothing to drop.
    const bool sync = at->second->points.size() > left;
    Record(db_->DropPoints(at->second->number, {.max_points = left}), sync,
           [&](const StoreModel& base) -> std::optional<StoreModel> {
             const auto from = base.find(name);
             if (from == base.end()) return std::nullopt;
             auto changed = std::make_shared<ModelProcess>(*from->second);
             while (changed->points.size() > left) {
               changed->points.erase(changed->points.begin());
             }
             StoreModel next = base;
             next[name] = changed;
             return next;
           });
  }

  static std::optional<StoreModel> Same(const StoreModel& base) { return base; }

  void Sync() { Record(db_->Sync(), true, Same); }

  void CommitSome() {
    const bool sync = Chance(40);
    std::vector<Commit> commits;
    std::map<std::string, ModelProcess> changed;
    buffers_.clear();
    for (int i = static_cast<int>(Chance(30) ? 1 + Below(4) : 1); i > 0; --i) {
      const auto at = RandomProcess();
      ModelProcess& process =
          changed.emplace(at->first, *at->second).first->second;
      commits.push_back(RandomCommit(process));
      process = WithCommit(process, commits.back());
    }
    const SyncMode mode = sync ? SyncMode::kSync : SyncMode::kNoSync;
    const absl::Status committed = commits.size() == 1
                                       ? db_->ApplyCommit(commits[0], mode)
                                       : db_->ApplyCommits(commits, mode);
    Record(committed, sync,
           [&commits](const StoreModel& base) -> std::optional<StoreModel> {
             StoreModel next = base;
             for (const Commit& commit : commits) {
               const auto at = next.find(commit.record.name());
               if (at == next.end() || at->second->record.sequence() + 1 !=
                                           commit.record.sequence()) {
                 return std::nullopt;
               }
               at->second = std::make_shared<ModelProcess>(
                   WithCommit(*at->second, commit));
             }
             return next;
           });
  }

  Commit RandomCommit(const ModelProcess& process) {
    Commit commit{.process = process.number, .record = process.record};
    commit.record.set_sequence(commit.record.sequence() + 1);
    RandomizeRecord(&commit.record);
    if (Chance(50)) {
      commit.state = AsBytes(RandomState(process));
      commit.keep_point = Chance(20);
    }
    for (uint64_t i = Below(6); i > 0; --i) {
      const auto memory = static_cast<uint32_t>(Below(2));
      const uint64_t page = Below(Chance(50) ? 40 : 5);
      commit.pages.push_back(
          {.memory = memory,
           .page = page,
           .bytes = AsBytes(RandomPage(process, memory, page))});
    }
    for (uint64_t i = Below(4); i > 0; --i) {
      commit.log.push_back({.stream = static_cast<uint32_t>(1 + Below(2)),
                            .bytes = Buffer(Below(2000))});
    }
    if (Chance(50)) {
      const uint64_t next =
          process.journal.empty() ? 1 : process.journal.rbegin()->first + 1;
      commit.journal = {{.first_event = next + Below(3),
                         .bytes = AsBytes(Buffer(Below(2000)))}};
    }
    if (Chance(30) && !process.journal.empty()) {
      commit.journal_trim = {process.journal.begin()->first};
    }
    return commit;
  }

  // Mostly the last one with a few bytes changed, as programs do it.
  std::string_view RandomState(const ModelProcess& process) {
    if (!process.state.has_value() || process.state->empty() || Chance(20)) {
      return Buffer(Below(3000));
    }
    std::string& state = buffers_.emplace_back(*process.state);
    Scribble(&state);
    const size_t at = Below(state.size());
    if (Chance(30)) state.insert(at, Below(20), 'i');
    if (Chance(30)) state.erase(at, Below(20));
    return state;
  }

  std::string_view RandomPage(const ModelProcess& process, uint32_t memory,
                              uint64_t page) {
    const auto stored = process.pages.find({memory, page});
    if (stored == process.pages.end() || Chance(10)) {
      return Chance(20) ? ""
                        : Buffer(Chance(90) ? kPageBytes : Below(kPageBytes));
    }
    std::string& bytes = buffers_.emplace_back(stored->second);
    if (!bytes.empty()) Scribble(&bytes);
    return bytes;
  }

  void Scribble(std::string* bytes) {
    for (uint64_t i = Chance(10) ? 2000 : Below(8); i > 0; --i) {
      (*bytes)[Below(bytes->size())] = static_cast<char>(random_());
    }
  }

  void RandomizeRecord(ProcessRecord* record) {
    record->set_status(Chance(50) ? WAITING : RUNNING);
    record->set_wake_time_ns(static_cast<int64_t>(Below(1000)));
  }

  // Text that lives until the next commit; compressible or not, or zeros.
  std::string_view Buffer(size_t size) {
    std::string& text = buffers_.emplace_back(size, 0);
    const uint64_t kind = Below(5);
    if (kind == 0) return text;
    for (char& c : text) {
      c = kind == 1 ? 'a' : static_cast<char>(random_() % (kind * kind * 10));
    }
    return text;
  }

  StoreModel::const_iterator RandomProcess() {
    return std::next(current_.begin(),
                     static_cast<ptrdiff_t>(Below(current_.size())));
  }
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }

  const bool is_encrypted_;
  std::mt19937_64 random_;
  TemporaryDirectory directory_;
  std::unique_ptr<FaultEnv> faults_;
  std::unique_ptr<ProcessDb> db_;
  std::deque<std::string> buffers_;
  uint64_t names_ = 0;
  ProcessNumber last_number_ = 0;
  uint64_t faults_met_ = 0;
  // No change failed since the last that did not.
  bool works_ = true;
  // Of the candidates of the last Match.
  size_t matched_ = 0;

  // Closed with all that it showed last, and the power on since.
  bool is_intact_ = false;

  // What the store shows now.
  StoreModel current_;
  // What may be found after a power cut: the states since the last sync, and
  // those that changes would have led to that failed since the last success.
  std::vector<StoreModel> possible_ = {StoreModel()};
  std::vector<StoreModel> failed_;
  Counts counts_;
};

// More, from another seed: WASMD_STORE_TEST_ROUNDS, WASMD_STORE_TEST_SEED.
uint64_t Setting(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(ProcessDbModelTest, EqualsTheModelThroughFaultsAndPowerCuts) {
  const uint64_t seed = Setting("WASMD_STORE_TEST_SEED", 1);
  const uint64_t stores = Setting("WASMD_STORE_TEST_ROUNDS", 12);
  Driver::Counts total;
  for (uint64_t i = 0; i < stores; ++i) {
    SCOPED_TRACE(StrCat("seed ", seed + i));
    Driver driver(seed + i);
    for (int round = 0; round < 12; ++round) {
      driver.Round();
      if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
    total.opened += driver.counts().opened;
    total.applied += driver.counts().applied;
    total.failed += driver.counts().failed;
    total.lost += driver.counts().lost;
  }
  RecordProperty("opened", total.opened);
  RecordProperty("applied", total.applied);
  RecordProperty("failed", total.failed);
  RecordProperty("lost", total.lost);
  if (stores < 12) return;
  // That all of it was met.
  EXPECT_GT(total.applied, 1000);
  EXPECT_GT(total.failed, 20);
  EXPECT_GT(total.lost, 0);
}

}  // namespace
}  // namespace wasmd::testing
