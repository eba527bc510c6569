// Pages on demand, kept points, forks and input through the owner.

#include <utility>

#include "base/status_macros.h"
#include "store/sharing/remote_db.h"

namespace wasmd {
namespace {

OwnerRequest::Point PointOf(ProcessNumber process,
                            std::optional<uint64_t> sequence) {
  OwnerRequest::Point point;
  point.set_process(process);
  if (sequence.has_value()) point.set_sequence(*sequence);
  return point;
}

}  // namespace

class RemoteDb::RemotePageReader : public PageReader {
 public:
  RemotePageReader(RemoteDb& db, OwnerRequest::Point point)
      : db_(db), point_(std::move(point)) {}

  absl::Status Read(uint32_t memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) const override {
    OwnerRequest request;
    OwnerRequest::ReadPages* read = request.mutable_read_pages();
    *read->mutable_point() = point_;
    read->set_memory(memory);
    read->set_first_page(first_page);
    read->set_count(count);
    return db_.CallForPieces(std::move(request),
                             [&sink](uint32_t, uint64_t page, ByteSpan bytes) {
                               return sink(page, bytes);
                             });
  }

  absl::Status ReadAll(const AllSink& sink) const override {
    OwnerRequest request;
    *request.mutable_read_pages()->mutable_point() = point_;
    request.mutable_read_pages()->set_all(true);
    return db_.CallForPieces(std::move(request), sink);
  }

 private:
  RemoteDb& db_;
  const OwnerRequest::Point point_;
};

void RemoteDb::Forget(ProcessNumber process) {
  OwnerRequest request;
  request.mutable_forget()->set_process(process);
  (void)Call(std::move(request));
}

absl::StatusOr<std::unique_ptr<PageReader>> RemoteDb::OpenPages(
    ProcessNumber process, std::optional<uint64_t> point) {
  OwnerRequest request;
  *request.mutable_open_pages() = PointOf(process, point);
  RETURN_IF_ERROR(Call(std::move(request)).status());
  return std::make_unique<RemotePageReader>(*this, PointOf(process, point));
}

absl::StatusOr<std::vector<KeptPoint>> RemoteDb::ListPoints(
    ProcessNumber process) {
  OwnerRequest request;
  request.mutable_list_points()->set_process(process);
  std::vector<KeptPoint> points;
  RETURN_IF_ERROR(CallForPieces(std::move(request),
                                [&points](uint32_t, uint64_t state_bytes,
                                          ByteSpan bytes) -> absl::Status {
                                  KeptPoint point;
                                  ASSIGN_OR_RETURN(point.record,
                                                   ParseRecord(AsText(bytes)));
                                  point.sequence = point.record.sequence();
                                  point.state_bytes = state_bytes;
                                  points.push_back(std::move(point));
                                  return absl::OkStatus();
                                }));
  return points;
}

absl::StatusOr<ProcessRecord> RemoteDb::GetRecordAt(ProcessNumber process,
                                                    uint64_t point) {
  OwnerRequest request;
  *request.mutable_get_record_at() = PointOf(process, point);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return ParseRecord(answer.reply.record());
}

absl::StatusOr<std::string> RemoteDb::GetStateAt(ProcessNumber process,
                                                 uint64_t point) {
  OwnerRequest request;
  *request.mutable_get_state_at() = PointOf(process, point);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return std::string(AsText(answer.body));
}

absl::StatusOr<uint64_t> RemoteDb::LogBytesAt(ProcessNumber process,
                                              uint64_t point, uint32_t stream) {
  OwnerRequest request;
  *request.mutable_log_bytes_at() = PointOf(process, point);
  request.mutable_log_bytes_at()->set_stream(stream);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return answer.reply.number();
}

absl::StatusOr<ProcessNumber> RemoteDb::Fork(const ForkRequest& fork) {
  const auto& [parent, point, record, journal_from, input_from] = fork;
  OwnerRequest request;
  OwnerRequest::Fork* message = request.mutable_fork();
  *message->mutable_parent() = PointOf(parent, point);
  message->set_record(record.SerializeAsString());
  if (journal_from.has_value()) message->set_journal_from(*journal_from);
  if (input_from.has_value()) message->set_input_from(*input_from);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return answer.reply.number();
}

absl::Status RemoteDb::Rewind(const RewindRequest& rewind) {
  const auto& [process, point, record, journal_end] = rewind;
  OwnerRequest request;
  OwnerRequest::Rewind* message = request.mutable_rewind();
  *message->mutable_to() = PointOf(process, point);
  message->set_record(record.SerializeAsString());
  if (journal_end.has_value()) message->set_journal_end(*journal_end);
  return Call(std::move(request)).status();
}

absl::Status RemoteDb::AppendInput(const InputWrite& write, SyncMode sync) {
  OwnerRequest request;
  OwnerRequest::AppendInput* message = request.mutable_append_input();
  message->set_process(write.process);
  message->set_offset(write.offset);
  message->set_token(write.token);
  message->set_closes(write.closes);
  message->set_begins(write.begins);
  message->set_sync(sync == SyncMode::kSync);
  return Call(std::move(request), {&write.bytes, 1}).status();
}

absl::StatusOr<InputEnd> RemoteDb::GetInputEnd(ProcessNumber process) {
  OwnerRequest request;
  request.mutable_get_input_end()->set_process(process);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return InputEnd{.offset = answer.reply.number(),
                  .is_closed = answer.reply.is_closed()};
}

absl::StatusOr<InputBytes> RemoteDb::ReadInput(ProcessNumber process,
                                               uint64_t offset,
                                               size_t max_bytes) {
  OwnerRequest request;
  OwnerRequest::ReadInput* message = request.mutable_read_input();
  message->set_process(process);
  message->set_offset(offset);
  message->set_max_bytes(max_bytes);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return InputBytes{.offset = answer.reply.number(),
                    .bytes = std::string(AsText(answer.body)),
                    .is_closed = answer.reply.is_closed()};
}

absl::Status RemoteDb::DropPoints(ProcessNumber process,
                                  const PointRetention& retention) {
  const auto& [max_points, min_sequence] = retention;
  OwnerRequest request;
  OwnerRequest::DropPoints* message = request.mutable_drop_points();
  message->set_process(process);
  if (max_points.has_value()) message->set_max_points(*max_points);
  message->set_min_sequence(min_sequence);
  return Call(std::move(request)).status();
}

}  // namespace wasmd
