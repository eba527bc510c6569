// A model of a store in memory, to compare the real one with.

#ifndef WASMD_STORE_TESTING_STORE_MODEL_H_
#define WASMD_STORE_TESTING_STORE_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/process_db.h"

namespace wasmd::testing {

using ModelPages = std::map<std::pair<uint32_t, uint64_t>, std::string>;

// A kept point.
struct ModelPoint {
  std::string record;  // serialized
  std::string state;
  ModelPages pages;
  std::map<uint32_t, uint64_t> log_bytes;  // by stream
  bool operator==(const ModelPoint&) const = default;
};

struct ModelProcess {
  ProcessNumber number = 0;  // 0: not known, any will do
  ProcessRecord record;
  std::optional<std::string> state;
  ModelPages pages;
  std::vector<std::pair<uint32_t, std::string>> log;
  std::map<uint64_t, std::string> journal;  // by first event
  std::map<uint64_t, ModelPoint> points;    // by sequence
  ProcessNumber parent = 0;                 // not read from the store
};

// Processes by name; all have one. Cheap to copy.
using StoreModel = std::map<std::string, std::shared_ptr<const ModelProcess>>;

// What a commit makes of a process.
ModelProcess WithCommit(const ModelProcess& process, const Commit& commit);
// What rewinding to a point makes of it.
ModelProcess Rewound(const ModelProcess& process, uint64_t point,
                     const ProcessRecord& record);

// Everything a store holds, read in all the ways there are; an error too when
// they contradict each other, or when a module is missing.
absl::StatusOr<StoreModel> ReadStore(ProcessDb* db);

// Empty if they are the same, else the first difference.
std::string Difference(const StoreModel& expected, const StoreModel& found);

}  // namespace wasmd::testing

#endif  // WASMD_STORE_TESTING_STORE_MODEL_H_
