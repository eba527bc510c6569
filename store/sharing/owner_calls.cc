#include "store/sharing/owner_calls.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/sharing/commit_coding.h"

namespace wasmd {
namespace {

// Pieces go together up to this.
constexpr size_t kReplyBytes = size_t{1} << 20;
constexpr int kReplyPieces = 4096;

absl::StatusOr<Sha256Digest> ParseHash(const OwnerRequest::ModuleOnly& module) {
  Sha256Digest hash;
  if (module.hash().size() != hash.size()) {
    return absl::InvalidArgumentError("the hash of a module is malformed");
  }
  std::copy(module.hash().begin(), module.hash().end(), hash.begin());
  return hash;
}

absl::StatusOr<ProcessRecord> ParseRecord(const std::string& bytes) {
  ProcessRecord record;
  if (!record.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("the record of a process is malformed");
  }
  return record;
}

// An answer of many pieces, on its way.
class PieceStream {
 public:
  explicit PieceStream(const ReplySink& sink) : sink_(sink) {}

  absl::Status Add(uint32_t kind, uint64_t number, ByteSpan bytes) {
    reply_.add_piece_kind(kind);
    reply_.add_piece_number(number);
    reply_.add_piece_bytes(bytes.size());
    body_.append(AsText(bytes));
    if (body_.size() < kReplyBytes &&
        reply_.piece_bytes_size() < kReplyPieces) {
      return absl::OkStatus();
    }
    reply_.set_more(true);
    return Flush();
  }

  // Whether what went wrong is the way to the visitor.
  bool is_broken() const { return !sent_.ok(); }

  // What is left, and how it ended.
  absl::Status Finish(const absl::Status& status) {
    if (is_broken()) return sent_;
    if (reply_.piece_bytes_size() > 0) {
      reply_.set_more(true);
      RETURN_IF_ERROR(Flush());
    }
    reply_.set_code(static_cast<int>(status.code()));
    reply_.set_message(std::string(ToStd(status.message())));
    return Flush();
  }

 private:
  absl::Status Flush() {
    const ByteSpan body = AsBytes(body_);
    sent_ = sink_(reply_, {&body, 1});
    reply_.Clear();
    body_.clear();
    return sent_;
  }

  const ReplySink& sink_;
  OwnerReply reply_;
  std::string body_;
  absl::Status sent_;
};

// Answers of one reply: fills it in, and may fill `body`.
struct Answer {
  OwnerReply reply;
  std::string text;
  std::vector<uint8_t> bytes;
};

absl::Status CallModules(ProcessDb& db, const OwnerRequest& request,
                         ByteSpan body, Answer* answer) {
  const OwnerRequest::ModuleOnly& module =
      request.has_put_module()   ? request.put_module()
      : request.has_get_module() ? request.get_module()
                                 : request.has_module();
  ASSIGN_OR_RETURN(const Sha256Digest hash, ParseHash(module));
  if (request.has_put_module()) return db.PutModule(hash, body);
  if (request.has_get_module()) {
    ASSIGN_OR_RETURN(answer->bytes, db.GetModule(hash));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const bool is_there, db.HasModule(hash));
  answer->reply.set_number(is_there ? 1 : 0);
  return absl::OkStatus();
}

absl::Status CallCreate(ProcessDb& db, const OwnerRequest& request,
                        Answer* answer) {
  ASSIGN_OR_RETURN(const ProcessRecord record,
                   ParseRecord(request.create_process()));
  ASSIGN_OR_RETURN(const ProcessNumber number, db.CreateProcess(record));
  answer->reply.set_number(number);
  return absl::OkStatus();
}

absl::Status CallCommits(ProcessDb& db,
                         const OwnerRequest::ApplyCommits& message,
                         ByteSpan body) {
  ASSIGN_OR_RETURN(const std::vector<Commit> commits,
                   DecodeCommits(message, body));
  return db.ApplyCommits(commits,
                         message.sync() ? SyncMode::kSync : SyncMode::kNoSync);
}

std::optional<uint64_t> SequenceOf(const OwnerRequest::Point& point) {
  if (!point.has_sequence()) return std::nullopt;
  return point.sequence();
}

absl::Status CallFork(ProcessDb& db, const OwnerRequest::Fork& message,
                      Answer* answer) {
  ForkRequest fork;
  fork.parent = message.parent().process();
  fork.point = SequenceOf(message.parent());
  ASSIGN_OR_RETURN(fork.record, ParseRecord(message.record()));
  if (message.has_journal_from()) fork.journal_from = message.journal_from();
  if (message.has_input_from()) fork.input_from = message.input_from();
  ASSIGN_OR_RETURN(const ProcessNumber child, db.Fork(fork));
  answer->reply.set_number(child);
  return absl::OkStatus();
}

absl::Status CallRewind(ProcessDb& db, const OwnerRequest::Rewind& message) {
  RewindRequest rewind;
  rewind.process = message.to().process();
  rewind.point = message.to().sequence();
  ASSIGN_OR_RETURN(rewind.record, ParseRecord(message.record()));
  if (message.has_journal_end()) rewind.journal_end = message.journal_end();
  return db.Rewind(rewind);
}

absl::Status CallDropPoints(ProcessDb& db,
                            const OwnerRequest::DropPoints& message) {
  PointRetention retention;
  if (message.has_max_points()) retention.max_points = message.max_points();
  retention.min_sequence = message.min_sequence();
  return db.DropPoints(message.process(), retention);
}

absl::Status CallInput(ProcessDb& db, const OwnerRequest& request,
                       ByteSpan body, Answer* answer) {
  if (request.has_append_input()) {
    const OwnerRequest::AppendInput& append = request.append_input();
    return db.AppendInput({.process = append.process(),
                           .offset = append.offset(),
                           .token = append.token(),
                           .bytes = body,
                           .closes = append.closes(),
                           .begins = append.begins()},
                          append.sync() ? SyncMode::kSync : SyncMode::kNoSync);
  }
  if (request.has_get_input_end()) {
    ASSIGN_OR_RETURN(const InputEnd end,
                     db.GetInputEnd(request.get_input_end().process()));
    answer->reply.set_number(end.offset);
    answer->reply.set_is_closed(end.is_closed);
    return absl::OkStatus();
  }
  const OwnerRequest::ReadInput& read = request.read_input();
  ASSIGN_OR_RETURN(
      InputBytes input,
      db.ReadInput(read.process(), read.offset(),
                   std::min<uint64_t>(read.max_bytes(), kMaxInputWriteBytes)));
  answer->reply.set_number(input.offset);
  answer->reply.set_is_closed(input.is_closed);
  answer->text = std::move(input.bytes);
  return absl::OkStatus();
}

// Kept points and forks.
absl::Status CallPoints(ProcessDb& db, const OwnerRequest& request,
                        Answer* answer) {
  switch (request.method_case()) {
    case OwnerRequest::kOpenPages:
      return db
          .OpenPages(request.open_pages().process(),
                     SequenceOf(request.open_pages()))
          .status();
    case OwnerRequest::kGetRecordAt: {
      ASSIGN_OR_RETURN(const ProcessRecord record,
                       db.GetRecordAt(request.get_record_at().process(),
                                      request.get_record_at().sequence()));
      answer->reply.set_record(record.SerializeAsString());
      return absl::OkStatus();
    }
    case OwnerRequest::kGetStateAt: {
      ASSIGN_OR_RETURN(answer->text,
                       db.GetStateAt(request.get_state_at().process(),
                                     request.get_state_at().sequence()));
      return absl::OkStatus();
    }
    case OwnerRequest::kLogBytesAt: {
      const OwnerRequest::Point& point = request.log_bytes_at();
      ASSIGN_OR_RETURN(
          const uint64_t bytes,
          db.LogBytesAt(point.process(), point.sequence(), point.stream()));
      answer->reply.set_number(bytes);
      return absl::OkStatus();
    }
    case OwnerRequest::kFork:
      return CallFork(db, request.fork(), answer);
    case OwnerRequest::kRewind:
      return CallRewind(db, request.rewind());
    case OwnerRequest::kDropPoints:
      return CallDropPoints(db, request.drop_points());
    default:
      return absl::UnimplementedError(
          "the wasmd that owns the store does not know this request: use the "
          "same release, or wait until it has ended");
  }
}

absl::Status CallOne(ProcessDb& db, const OwnerRequest& request, ByteSpan body,
                     Answer* answer) {
  switch (request.method_case()) {
    case OwnerRequest::kHello:
      return absl::OkStatus();
    case OwnerRequest::kPutModule:
    case OwnerRequest::kGetModule:
    case OwnerRequest::kHasModule:
      return CallModules(db, request, body, answer);
    case OwnerRequest::kCreateProcess:
      return CallCreate(db, request, answer);
    case OwnerRequest::kFindProcess: {
      ASSIGN_OR_RETURN(const ProcessNumber number,
                       db.FindProcess(request.find_process()));
      answer->reply.set_number(number);
      return absl::OkStatus();
    }
    case OwnerRequest::kGetRecord: {
      ASSIGN_OR_RETURN(const ProcessRecord record,
                       db.GetRecord(request.get_record().process()));
      answer->reply.set_record(record.SerializeAsString());
      return absl::OkStatus();
    }
    case OwnerRequest::kRemoveProcess:
      return db.RemoveProcess(request.remove_process().process());
    case OwnerRequest::kApplyCommits:
      return CallCommits(db, request.apply_commits(), body);
    case OwnerRequest::kGetState: {
      ASSIGN_OR_RETURN(answer->text,
                       db.GetState(request.get_state().process()));
      return absl::OkStatus();
    }
    case OwnerRequest::kDueProcesses: {
      ASSIGN_OR_RETURN(const std::vector<ProcessNumber> due,
                       db.DueProcesses(request.due_processes().now_ns(),
                                       request.due_processes().limit()));
      answer->reply.mutable_piece_number()->Assign(due.begin(), due.end());
      return absl::OkStatus();
    }
    case OwnerRequest::kSync:
      return db.Sync();
    case OwnerRequest::kForget:
      db.Forget(request.forget().process());
      return absl::OkStatus();
    case OwnerRequest::kAppendInput:
    case OwnerRequest::kGetInputEnd:
    case OwnerRequest::kReadInput:
      return CallInput(db, request, body, answer);
    default:
      return CallPoints(db, request, answer);
  }
}

bool HasManyPieces(const OwnerRequest& request) {
  return request.has_list_processes() || request.has_list_pages() ||
         request.has_read_log() || request.has_read_log_records() ||
         request.has_read_pages() || request.has_list_points() ||
         request.has_read_journal();
}

absl::Status ReadPages(ProcessDb& db, const OwnerRequest::ReadPages& read,
                       PieceStream* stream) {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<PageReader> reader,
      db.OpenPages(read.point().process(), SequenceOf(read.point())));
  if (read.all()) {
    return reader->ReadAll(
        [stream](uint32_t memory, uint64_t page, ByteSpan bytes) {
          return stream->Add(memory, page, bytes);
        });
  }
  return reader->Read(read.memory(), read.first_page(), read.count(),
                      [&](uint64_t page, ByteSpan bytes) {
                        return stream->Add(read.memory(), page, bytes);
                      });
}

absl::Status ListPoints(ProcessDb& db, ProcessNumber process,
                        PieceStream* stream) {
  ASSIGN_OR_RETURN(const std::vector<KeptPoint> points, db.ListPoints(process));
  for (const auto& [sequence, record, state_bytes] : points) {
    ProcessRecord sent = record;
    sent.set_sequence(sequence);
    RETURN_IF_ERROR(
        stream->Add(0, state_bytes, AsBytes(sent.SerializeAsString())));
  }
  return absl::OkStatus();
}

absl::Status CallMany(ProcessDb& db, const OwnerRequest& request,
                      PieceStream* stream) {
  if (request.has_list_processes()) {
    return db.ForEachProcess(
        [stream](ProcessNumber number, const ProcessRecord& record) {
          return stream->Add(0, number, AsBytes(record.SerializeAsString()));
        });
  }
  if (request.has_list_pages()) {
    return db.ForEachPage(
        request.list_pages().process(),
        [stream](uint32_t memory, uint64_t page, ByteSpan bytes) {
          return stream->Add(memory, page, bytes);
        });
  }
  if (request.has_read_pages()) {
    return ReadPages(db, request.read_pages(), stream);
  }
  if (request.has_list_points()) {
    return ListPoints(db, request.list_points().process(), stream);
  }
  if (request.has_read_journal()) {
    const OwnerRequest::ReadJournal& read = request.read_journal();
    return db.ForEachJournalBlock(
        read.process(), read.from_event(),
        [stream](uint64_t first_event, ByteSpan bytes) {
          return stream->Add(0, first_event, bytes);
        });
  }
  if (request.has_read_log()) {
    const OwnerRequest::ReadLog& log = request.read_log();
    return db.ForEachLog(
        log.process(), log.stream(), log.offset(),
        [stream](ByteSpan bytes) { return stream->Add(0, 0, bytes); });
  }
  return db.ForEachLogRecord(request.read_log_records().process(),
                             [stream](uint32_t number, ByteSpan bytes) {
                               return stream->Add(number, 0, bytes);
                             });
}

}  // namespace

absl::Status AnswerRequest(ProcessDb& db, const OwnerRequest& request,
                           ByteSpan body, const ReplySink& sink) {
  const bool is_known = request.version() <= kOwnerProtocolVersion;
  if (is_known && HasManyPieces(request)) {
    PieceStream stream(sink);
    return stream.Finish(CallMany(db, request, &stream));
  }
  Answer answer;
  const absl::Status status = is_known
                                  ? CallOne(db, request, body, &answer)
                                  : CallOne(db, OwnerRequest(), body, &answer);
  if (!status.ok()) answer = Answer();
  answer.reply.set_code(static_cast<int>(status.code()));
  answer.reply.set_message(std::string(ToStd(status.message())));
  const ByteSpan pieces[] = {AsBytes(answer.text), answer.bytes};
  return sink(answer.reply, pieces);
}

}  // namespace wasmd
