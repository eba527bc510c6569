// ShownOutput: how much of a process's log has been shown, outside the store's
// commits: a commit would come too early or too late. It is a small mapped file
// that is written right after the output, so that a kill between the two takes
// bad luck of some nanoseconds. After the end of the machine, when the counts
// may be old, nobody is left who saw the output.

#ifndef WASMD_RUNTIME_SHOWN_OUTPUT_H_
#define WASMD_RUNTIME_SHOWN_OUTPUT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace wasmd {

// Confined to one thread at a time.
class ShownOutput {
 public:
  // The counts in the file `path`, which is made, all zero, if it is not there.
  // Unavailable, with the path, if that cannot be.
  static absl::StatusOr<std::unique_ptr<ShownOutput>> Create(std::string path);
  // The same, but null if it is not there.
  static absl::StatusOr<std::unique_ptr<ShownOutput>> Open(std::string path);
  ~ShownOutput();
  ShownOutput(const ShownOutput&) = delete;
  ShownOutput& operator=(const ShownOutput&) = delete;

  // Bytes of stream 1 (stdout) or 2 (stderr).
  uint64_t bytes(uint32_t stream) const;
  void Add(uint32_t stream, uint64_t bytes);

  // There will be no more output: the file is removed. The counts stay.
  void Remove();

 private:
  struct Counts;
  ShownOutput(std::string path, Counts* counts)
      : path_(std::move(path)), counts_(counts) {}
  static absl::StatusOr<std::unique_ptr<ShownOutput>> OpenFile(std::string path,
                                                               int flags);

  const std::string path_;
  Counts* const counts_;  // mapped
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_SHOWN_OUTPUT_H_
