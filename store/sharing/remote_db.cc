#include "store/sharing/remote_db.h"

#include <utility>

#include "absl/strings/cord.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/sharing/commit_coding.h"
#include "store/sharing/owner_calls.h"
#include "store/sharing/owner_socket.h"

namespace wasmd {
namespace {

constexpr char kLostPayload[] = "wasmd/owner-lost";
// An owner that works answers the first request at once.
constexpr absl::Duration kHelloPatience = absl::Seconds(10);
// Others may take long: disks do.
constexpr absl::Duration kCallPatience = absl::Minutes(10);

OwnerRequest::ModuleOnly ModuleOf(const Sha256Digest& hash) {
  OwnerRequest::ModuleOnly module;
  module.set_hash(hash.data(), hash.size());
  return module;
}

}  // namespace

absl::StatusOr<ProcessRecord> RemoteDb::ParseRecord(std::string_view bytes) {
  ProcessRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InternalError("the owner of the store sent a bad record");
  }
  return record;
}

bool IsOwnerLost(const absl::Status& status) {
  return status.GetPayload(kLostPayload).has_value();
}

absl::Status RemoteDb::Lost(const absl::Status& status) const {
  if (absl::IsDeadlineExceeded(status)) {
    return absl::DeadlineExceededError(
        StrCat("store ", directory_, " is in use by another wasmd (process ",
               owner_.load(), ") that does not answer: is it stopped?"));
  }
  absl::Status lost = absl::UnavailableError(
      StrCat("store ", directory_, ": ", ToStd(status.message())));
  lost.SetPayload(kLostPayload, absl::Cord());
  return lost;
}

// Channels.

absl::StatusOr<std::unique_ptr<RemoteDb>> RemoteDb::Connect(
    const std::string& directory, int stop_fd,
    const std::optional<EncryptionKey>& key) {
  std::unique_ptr<RemoteDb> db(new RemoteDb(directory, stop_fd, key));
  ASSIGN_OR_RETURN(std::unique_ptr<Channel> channel, db->OpenChannel(-1));
  OwnerRequest request;
  request.mutable_hello();
  RETURN_IF_ERROR(db->Ask(*channel, request, {}, kHelloPatience).status());
  db->KeepChannel(std::move(channel));
  return db;
}

absl::StatusOr<std::unique_ptr<Channel>> RemoteDb::OpenChannel(int stop_fd) {
  ASSIGN_OR_RETURN(OwnerConnection connection, ConnectToOwner(directory_));
  owner_ = connection.owner;
  return std::make_unique<Channel>(std::move(connection.socket), stop_fd);
}

absl::StatusOr<std::unique_ptr<Channel>> RemoteDb::TakeChannel() {
  {
    absl::MutexLock lock(&mutex_);
    if (!channels_.empty()) {
      std::unique_ptr<Channel> channel = std::move(channels_.back());
      channels_.pop_back();
      return channel;
    }
  }
  absl::StatusOr<std::unique_ptr<Channel>> channel = OpenChannel(-1);
  // It was there before.
  if (!channel.ok()) return Lost(channel.status());
  return channel;
}

void RemoteDb::KeepChannel(std::unique_ptr<Channel> channel) {
  absl::MutexLock lock(&mutex_);
  channels_.push_back(std::move(channel));
}

// Calls.

absl::StatusOr<RemoteDb::Answer> RemoteDb::ReceiveAnswer(
    Channel& channel, absl::Duration patience) {
  absl::StatusOr<ChannelMessage> message = channel.Receive(patience);
  if (!message.ok()) return Lost(message.status());
  Answer answer;
  if (!answer.reply.ParseFromString(message->header)) {
    return Lost(absl::InternalError("its owner sent what is no answer"));
  }
  answer.body = std::move(message->body);
  return answer;
}

absl::StatusOr<RemoteDb::Answer> RemoteDb::Ask(Channel& channel,
                                               OwnerRequest& request,
                                               std::span<const ByteSpan> body,
                                               absl::Duration patience) {
  request.set_version(kOwnerProtocolVersion);
  const absl::Status sent = channel.Send(request.SerializeAsString(), body);
  if (absl::IsInvalidArgument(sent)) return sent;
  if (!sent.ok()) return Lost(sent);
  return ReceiveAnswer(channel, patience);
}

absl::StatusOr<RemoteDb::Answer> RemoteDb::Call(
    OwnerRequest request, std::span<const ByteSpan> body) {
  ASSIGN_OR_RETURN(std::unique_ptr<Channel> channel, TakeChannel());
  ASSIGN_OR_RETURN(Answer answer, Ask(*channel, request, body, kCallPatience));
  KeepChannel(std::move(channel));
  if (answer.reply.code() == 0) return answer;
  return absl::Status(static_cast<absl::StatusCode>(answer.reply.code()),
                      answer.reply.message());
}

absl::Status RemoteDb::CallForPieces(OwnerRequest request,
                                     const PieceCallback& callback) {
  ASSIGN_OR_RETURN(std::unique_ptr<Channel> channel, TakeChannel());
  ASSIGN_OR_RETURN(Answer answer, Ask(*channel, request, {}, kCallPatience));
  while (answer.reply.more()) {
    const OwnerReply& reply = answer.reply;
    ByteSpan left = answer.body;
    if (reply.piece_bytes_size() != reply.piece_kind_size() ||
        reply.piece_bytes_size() != reply.piece_number_size()) {
      return Lost(absl::InternalError("its owner sent what is no answer"));
    }
    for (int i = 0; i < reply.piece_bytes_size(); ++i) {
      if (reply.piece_bytes(i) > left.size()) {
        return Lost(absl::InternalError("its owner sent what is no answer"));
      }
      // An error leaves the rest of the answer in the channel, which goes.
      RETURN_IF_ERROR(callback(reply.piece_kind(i), reply.piece_number(i),
                               left.first(reply.piece_bytes(i))));
      left = left.subspan(reply.piece_bytes(i));
    }
    ASSIGN_OR_RETURN(answer, ReceiveAnswer(*channel, kCallPatience));
  }
  KeepChannel(std::move(channel));
  return absl::Status(static_cast<absl::StatusCode>(answer.reply.code()),
                      answer.reply.message());
}

absl::Status RemoteDb::Stop(const OwnerRequest::StopProcess& stop) {
  OwnerRequest request;
  *request.mutable_stop_process() = stop;
  return Call(std::move(request)).status();
}

absl::Status RemoteDb::TellOfInput(ProcessNumber process) {
  OwnerRequest request;
  request.mutable_input_came()->set_process(process);
  return Call(std::move(request)).status();
}

absl::Status RemoteDb::Attend(
    const std::function<void(const OwnerEvent&)>& on_event) {
  const absl::StatusOr<std::unique_ptr<Channel>> channel =
      OpenChannel(stop_fd_);
  if (!channel.ok()) return absl::OkStatus();
  OwnerRequest request;
  request.mutable_attend();
  absl::Status status = Ask(**channel, request, {}, kHelloPatience).status();
  while (status.ok()) {
    const absl::StatusOr<ChannelMessage> message =
        (*channel)->Receive(absl::InfiniteDuration());
    status = message.status();
    OwnerEvent event;
    if (status.ok() && event.ParseFromString(message->header)) {
      on_event(event);
    }
  }
  return absl::IsCancelled(status) ? status : absl::OkStatus();
}

// The methods of ProcessDb.

absl::Status RemoteDb::PutModule(const Sha256Digest& hash, ByteSpan bytes) {
  OwnerRequest request;
  *request.mutable_put_module() = ModuleOf(hash);
  return Call(std::move(request), {&bytes, 1}).status();
}

absl::StatusOr<std::vector<uint8_t>> RemoteDb::GetModule(
    const Sha256Digest& hash) {
  OwnerRequest request;
  *request.mutable_get_module() = ModuleOf(hash);
  ASSIGN_OR_RETURN(Answer answer, Call(std::move(request)));
  return std::move(answer.body);
}

absl::StatusOr<bool> RemoteDb::HasModule(const Sha256Digest& hash) {
  OwnerRequest request;
  *request.mutable_has_module() = ModuleOf(hash);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return answer.reply.number() != 0;
}

absl::StatusOr<ProcessNumber> RemoteDb::CreateProcess(
    const ProcessRecord& record) {
  OwnerRequest request;
  request.set_create_process(record.SerializeAsString());
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return answer.reply.number();
}

absl::StatusOr<ProcessNumber> RemoteDb::FindProcess(std::string_view name) {
  OwnerRequest request;
  request.set_find_process(std::string(name));
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return answer.reply.number();
}

absl::StatusOr<ProcessRecord> RemoteDb::GetRecord(ProcessNumber process) {
  OwnerRequest request;
  request.mutable_get_record()->set_process(process);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return ParseRecord(answer.reply.record());
}

absl::Status RemoteDb::ForEachProcess(
    const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
        callback) {
  OwnerRequest request;
  request.mutable_list_processes();
  return CallForPieces(
      std::move(request),
      [&callback](uint32_t, uint64_t process, ByteSpan bytes) -> absl::Status {
        ASSIGN_OR_RETURN(const ProcessRecord record,
                         ParseRecord(AsText(bytes)));
        return callback(process, record);
      });
}

absl::Status RemoteDb::RemoveProcess(ProcessNumber process) {
  OwnerRequest request;
  request.mutable_remove_process()->set_process(process);
  return Call(std::move(request)).status();
}

absl::Status RemoteDb::ApplyCommit(const Commit& commit, SyncMode sync) {
  OwnerRequest request;
  request.mutable_apply_commits()->set_sync(sync == SyncMode::kSync);
  std::vector<ByteSpan> body;
  EncodeCommits({&commit, 1}, request.mutable_apply_commits(), &body);
  return Call(std::move(request), body).status();
}

absl::Status RemoteDb::ApplyCommits(const std::vector<Commit>& commits,
                                    SyncMode sync) {
  OwnerRequest request;
  request.mutable_apply_commits()->set_sync(sync == SyncMode::kSync);
  std::vector<ByteSpan> body;
  EncodeCommits(commits, request.mutable_apply_commits(), &body);
  return Call(std::move(request), body).status();
}

absl::StatusOr<std::string> RemoteDb::GetState(ProcessNumber process) {
  OwnerRequest request;
  request.mutable_get_state()->set_process(process);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return std::string(AsText(answer.body));
}

absl::Status RemoteDb::ForEachPage(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t memory, uint64_t page,
                                     ByteSpan bytes)>& callback) {
  OwnerRequest request;
  request.mutable_list_pages()->set_process(process);
  return CallForPieces(std::move(request), callback);
}

absl::Status RemoteDb::ForEachLog(
    ProcessNumber process, uint32_t stream, uint64_t offset,
    const std::function<absl::Status(ByteSpan bytes)>& callback) {
  OwnerRequest request;
  request.mutable_read_log()->set_process(process);
  request.mutable_read_log()->set_stream(stream);
  request.mutable_read_log()->set_offset(offset);
  return CallForPieces(std::move(request),
                       [&callback](uint32_t, uint64_t, ByteSpan bytes) {
                         return callback(bytes);
                       });
}

absl::Status RemoteDb::ForEachLogRecord(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
        callback) {
  OwnerRequest request;
  request.mutable_read_log_records()->set_process(process);
  return CallForPieces(std::move(request),
                       [&callback](uint32_t stream, uint64_t, ByteSpan bytes) {
                         return callback(stream, bytes);
                       });
}

absl::Status RemoteDb::ForEachJournalBlock(
    ProcessNumber process, uint64_t from_event,
    const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
        callback) {
  OwnerRequest request;
  request.mutable_read_journal()->set_process(process);
  request.mutable_read_journal()->set_from_event(from_event);
  return CallForPieces(
      std::move(request),
      [&callback](uint32_t, uint64_t first_event, ByteSpan bytes) {
        return callback(first_event, bytes);
      });
}

absl::StatusOr<std::vector<ProcessNumber>> RemoteDb::DueProcesses(
    int64_t now_ns, size_t limit) {
  OwnerRequest request;
  request.mutable_due_processes()->set_now_ns(now_ns);
  request.mutable_due_processes()->set_limit(limit);
  ASSIGN_OR_RETURN(const Answer answer, Call(std::move(request)));
  return std::vector<ProcessNumber>(answer.reply.piece_number().begin(),
                                    answer.reply.piece_number().end());
}

absl::Status RemoteDb::Sync() {
  OwnerRequest request;
  request.mutable_sync();
  return Call(std::move(request)).status();
}

absl::StatusOr<std::unique_ptr<ProcessDb>> RemoteDb::OpenToRead() const {
  OpenOptions options;
  options.create_if_missing = false;
  options.read_only = true;
  options.key = key_;
  return ProcessDb::Open(directory_, options);
}

absl::StatusOr<StoreCensus> RemoteDb::Check(
    const std::function<void(const StoreFinding&)>& found) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ProcessDb> db, OpenToRead());
  return db->Check(found);
}

absl::StatusOr<StoreUsage> RemoteDb::Usage() {
  ASSIGN_OR_RETURN(const std::unique_ptr<ProcessDb> db, OpenToRead());
  return db->Usage();
}

}  // namespace wasmd
