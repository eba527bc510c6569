// What a ProcessDb that keeps no points answers.

#include "absl/status/status.h"
#include "store/process_db.h"

namespace wasmd {
namespace {
absl::Status NotHere() {
  return absl::UnimplementedError("this store does not keep points");
}
}  // namespace

absl::StatusOr<std::unique_ptr<PageReader>> ProcessDb::OpenPages(
    ProcessNumber, std::optional<uint64_t>) {
  return NotHere();
}
absl::StatusOr<std::vector<KeptPoint>> ProcessDb::ListPoints(ProcessNumber) {
  return NotHere();
}
absl::StatusOr<ProcessRecord> ProcessDb::GetRecordAt(ProcessNumber, uint64_t) {
  return NotHere();
}
absl::StatusOr<std::string> ProcessDb::GetStateAt(ProcessNumber, uint64_t) {
  return NotHere();
}
absl::StatusOr<uint64_t> ProcessDb::LogBytesAt(ProcessNumber, uint64_t,
                                               uint32_t) {
  return NotHere();
}
absl::StatusOr<ProcessNumber> ProcessDb::Fork(const ForkRequest&) {
  return NotHere();
}
absl::Status ProcessDb::Rewind(const RewindRequest&) { return NotHere(); }
absl::Status ProcessDb::DropPoints(ProcessNumber, const PointRetention&) {
  return NotHere();
}

}  // namespace wasmd
