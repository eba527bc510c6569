#include "store/store_scan.h"

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/str_cat.h"
#include "store/key.h"
#include "store/rocks_status.h"
#include "store/store_checker.h"
#include "store/value.h"

namespace wasmd {
namespace {

// Calls `entry` for every key and value as stored, of one moment.
rocksdb::Status ForEachEntry(
    const Database& database,
    const std::function<void(std::string_view key, std::string_view value)>&
        entry) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.adaptive_readahead = true;
  const std::unique_ptr<rocksdb::Iterator> all(
      database.rocks().NewIterator(options));
  for (all->SeekToFirst(); all->Valid(); all->Next()) {
    entry({all->key().data(), all->key().size()},
          {all->value().data(), all->value().size()});
  }
  return all->status();
}

// Sorts sizes by what they belong to.
class Meter {
 public:
  void Entry(std::string_view key, uint64_t value_bytes) {
    const uint64_t bytes = key.size() + value_bytes;
    switch (static_cast<Table>(key.front())) {
      case Table::kModule: {
        if (ModuleUsage* const module = ModuleOf(key)) module->bytes += bytes;
        break;
      }
      case Table::kModuleUse: {
        if (ModuleUsage* const module = ModuleOf(key)) ++module->users;
        if (const auto use = ParseModuleUseKey(key)) {
          Of(use->process).other_bytes += bytes;
        }
        break;
      }
      case Table::kPage: {
        const auto page = ParsePageKey(key);
        if (!page.has_value()) break;
        ProcessUsage& process = Of(page->process);
        process.page_bytes += bytes;
        if (value_bytes > kEmptyValueBytes) ++process.page_count;
        break;
      }
      case Table::kState:
        if (const auto number = ParseProcessKey(Table::kState, key)) {
          Of(*number).state_bytes += bytes;
        }
        break;
      case Table::kProcess:
        if (const auto number = ParseProcessKey(Table::kProcess, key)) {
          Of(*number).other_bytes += bytes;
        }
        break;
      case Table::kLog:
        if (const auto at = ParseLogKey(key))
          Of(at->process).log_bytes += bytes;
        break;
      case Table::kLogIndex:
        if (const auto at = ParseLogIndexKey(key)) {
          Of(at->process).log_bytes += bytes;
        }
        break;
      case Table::kTimer:
        if (const auto at = ParseTimerKey(key)) {
          Of(at->process).other_bytes += bytes;
        }
        break;
      case Table::kRedo:
        if (const auto at = ParseSequenceKey(Table::kRedo, key)) {
          Of(at->process).redo_bytes += bytes;
        }
        break;
      case Table::kHistory:
        if (const auto at = ParseHistoryKey(key)) {
          Of(at->process).history_bytes += bytes;
        }
        break;
      case Table::kPoint:
      case Table::kPointState:
        if (const auto at =
                ParseSequenceKey(static_cast<Table>(key.front()), key)) {
          Of(at->process).history_bytes += bytes;
        }
        break;
      case Table::kFork:
        if (const auto at = ParseForkKey(key)) {
          Of(at->child).other_bytes += bytes;
        }
        break;
      case Table::kJournal:
        if (const auto at = ParseJournalKey(key)) {
          Of(at->process).journal_bytes += bytes;
        }
        break;
      case Table::kInput:
        if (const auto at = ParseInputKey(key)) {
          Of(at->process).other_bytes += bytes;
        }
        break;
      default:
        break;  // names and facts about the store are next to nothing
    }
  }

  StoreUsage Take() {
    StoreUsage usage;
    for (const auto& [number, process] : processes_) {
      usage.processes.push_back(process);
    }
    for (const auto& [hash, module] : modules_) usage.modules.push_back(module);
    return usage;
  }

 private:
  // A codec and a checksum.
  static constexpr uint64_t kEmptyValueBytes = 9;

  ProcessUsage& Of(uint64_t number) {
    ProcessUsage& process = processes_[number];
    process.process = number;
    return process;
  }
  ModuleUsage* ModuleOf(std::string_view key) {
    Sha256Digest hash;
    if (key.size() < 1 + hash.size()) return nullptr;
    std::memcpy(hash.data(), key.data() + 1, hash.size());
    ModuleUsage& module = modules_[hash];
    module.hash = hash;
    return &module;
  }

  std::map<uint64_t, ProcessUsage> processes_;
  std::map<Sha256Digest, ModuleUsage> modules_;
};

}  // namespace

StoreCensus CheckDatabase(
    const Database& database,
    const std::function<void(const StoreFinding&)>& found) {
  StoreChecker checker(found);
  const auto note = [&checker](const rocksdb::Status& status) {
    if (status.ok()) return;
    const absl::Status error = FromRocksStatus(status, "cannot read the files");
    checker.Found(0, std::string(ToStd(error.message())));
  };
  // Covers what the walk below does not read: indexes, filters, what was
  // overwritten.
  note(database.rocks().VerifyChecksum());
  std::string buffer;
  const rocksdb::Status read =
      ForEachEntry(database, [&](std::string_view key, std::string_view value) {
        checker.Entry(key, Unseal(key, value, kMaxValueBytes, &buffer,
                                  database.cipher()));
      });
  note(read);
  if (read.ok()) checker.Finish();
  return checker.census();
}

absl::StatusOr<StoreUsage> MeasureDatabase(const Database& database) {
  Meter meter;
  const rocksdb::Status read = ForEachEntry(
      database, [&meter](std::string_view key, std::string_view value) {
        if (!key.empty()) meter.Entry(key, value.size());
      });
  if (!read.ok()) return FromRocksStatus(read, "cannot read the store");
  return meter.Take();
}

}  // namespace wasmd
