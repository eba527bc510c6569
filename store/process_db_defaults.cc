// What a ProcessDb that keeps no points and no input answers.

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
absl::Status ProcessDb::AppendInput(const InputWrite&, SyncMode) {
  return absl::UnimplementedError("this store does not keep input");
}
absl::StatusOr<InputEnd> ProcessDb::GetInputEnd(ProcessNumber) {
  return InputEnd();
}
absl::StatusOr<InputBytes> ProcessDb::ReadInput(ProcessNumber, uint64_t offset,
                                                size_t) {
  return InputBytes{.offset = offset};
}
absl::Status ProcessDb::Rewind(const RewindRequest&) { return NotHere(); }
absl::Status ProcessDb::DropPoints(ProcessNumber, const PointRetention&) {
  return NotHere();
}

}  // namespace wasmd
