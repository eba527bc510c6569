// RestoreFuzzer: hostile state records for RestoreSnapshot. Shared by the fuzz
// target and by the test that changes good records at random.
//
// Invariants of every input:
//  1. Restoring ends with OK or an error of the documented codes: no crash, no
//     leak, no memory beyond what the (low) limits and the input's size allow.
//  2. What was restored can be captured, and capture and restore then give
//     identical bytes.
//  3. It runs without a crash.

#ifndef WASMD_SNAPSHOT_TESTING_RESTORE_FUZZER_H_
#define WASMD_SNAPSHOT_TESTING_RESTORE_FUZZER_H_

#include <map>
#include <memory>
#include <vector>

#include "base/sha256.h"
#include "interp/translated_module.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/testing/programs.h"

namespace wasmd::testing {

class RestoreFuzzer {
 public:
  RestoreFuzzer();

  // Good snapshots: of stores at rest and of threads stopped in various ways.
  const std::vector<OwnedSnapshot>& seeds() const { return seeds_; }

  // Restores `snapshot`, whose record's checksum is made right first, and runs
  // it a little. True if it could be restored. Aborts if an invariant does not
  // hold.
  bool Try(OwnedSnapshot snapshot) const;

 private:
  void AddSeeds(const Program& program);

  std::vector<OwnedSnapshot> seeds_;
  std::map<Sha256Digest, std::shared_ptr<TranslatedModule>> modules_;
};

}  // namespace wasmd::testing

#endif  // WASMD_SNAPSHOT_TESTING_RESTORE_FUZZER_H_
