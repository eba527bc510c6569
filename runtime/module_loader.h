// ModuleLoader: from the bytes of a module to something that can run, with a
// ProcessDb as the memory of what was validated before.

#ifndef WASMD_RUNTIME_MODULE_LOADER_H_
#define WASMD_RUNTIME_MODULE_LOADER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "interp/translated_module.h"
#include "store/process_db.h"
#include "wasm/limits.h"

namespace wasmd {

// The binary of a module, and what gives its hash, which may still be on its
// way.
struct ModuleBinary {
  std::shared_ptr<const std::vector<uint8_t>> bytes;
  std::function<Sha256Digest()> hash;
};
// Begins to compute the hash, on another thread if there are many bytes.
ModuleBinary HashMeanwhile(std::vector<uint8_t> bytes);

// The whole file. NotFound, Unavailable or, past `max_bytes`,
// ResourceExhausted, with the path.
absl::StatusOr<std::vector<uint8_t>> ReadFile(
    const std::string& path, uint64_t max_bytes = kMaxModuleBytes);

// The binary in `bytes`: as it is, or made from the text format when it does
// not start as a binary does. InvalidArgument with the position otherwise.
absl::StatusOr<std::vector<uint8_t>> ToBinary(std::vector<uint8_t> bytes);

// An error of the store while launching: a full disk is not to be taken for a
// limit of the module.
absl::Status StoreError(const absl::Status& status);

// Confined to one thread at a time.
class ModuleLoader {
 public:
  // `db`, which outlives this, may be null: then nothing is kept.
  explicit ModuleLoader(ProcessDb* db) : db_(db) {}

  // Decodes a binary and validates it, unless the store has it: only valid
  // modules get there. Keeps it in the store. InvalidArgument as Decode and
  // Validate give it; StoreError otherwise. Without a store nobody asks for the
  // hash, and it is left zero.
  absl::StatusOr<std::shared_ptr<TranslatedModule>> Load(ModuleBinary binary);
  absl::StatusOr<std::shared_ptr<TranslatedModule>> Load(
      std::vector<uint8_t> binary);

  // A module of the store. DataLoss if it is not there or damaged.
  absl::StatusOr<std::shared_ptr<TranslatedModule>> Find(
      const Sha256Digest& hash);

 private:
  ProcessDb* db_;
  // Those loaded so far: processes of a module share its code.
  std::map<Sha256Digest, std::weak_ptr<TranslatedModule>> loaded_;
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_MODULE_LOADER_H_
