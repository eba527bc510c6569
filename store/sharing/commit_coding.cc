#include "store/sharing/commit_coding.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "base/status_macros.h"

namespace wasmd {
namespace {

absl::Status Malformed() {
  return absl::InvalidArgumentError("a commit from another wasmd is malformed");
}

// Gives the body away piece by piece.
class BodyReader {
 public:
  explicit BodyReader(ByteSpan body) : left_(body) {}

  absl::StatusOr<ByteSpan> Take(uint64_t size) {
    if (size > left_.size()) return Malformed();
    const ByteSpan piece = left_.first(size);
    left_ = left_.subspan(size);
    return piece;
  }
  bool is_empty() const { return left_.empty(); }

 private:
  ByteSpan left_;
};

CommitHeader EncodeCommit(const Commit& commit, std::vector<ByteSpan>* body) {
  // Names all there is in a Commit, so that what is added to it is not
  // forgotten here.
  const auto& [process, record, state, pages, log, keep_point, journal,
               journal_trim, input_read] = commit;
  CommitHeader header;
  header.set_process(process);
  header.set_record(record.SerializeAsString());
  header.set_keep_point(keep_point);
  if (state.has_value()) {
    header.set_has_state(true);
    header.set_state_bytes(state->size());
    body->push_back(*state);
  }
  for (const PageWrite& page : pages) {
    header.add_page_memory(page.memory);
    header.add_page_number(page.page);
    header.add_page_bytes(static_cast<uint32_t>(page.bytes.size()));
    if (!page.bytes.empty()) body->push_back(page.bytes);
  }
  for (const LogWrite& write : log) {
    header.add_log_stream(write.stream);
    header.add_log_bytes(write.bytes.size());
    if (!write.bytes.empty()) body->push_back(AsBytes(write.bytes));
  }
  for (const JournalWrite& write : journal) {
    header.add_journal_event(write.first_event);
    header.add_journal_bytes(write.bytes.size());
    if (!write.bytes.empty()) body->push_back(write.bytes);
  }
  header.mutable_journal_trim()->Assign(journal_trim.begin(),
                                        journal_trim.end());
  if (input_read.has_value()) header.set_input_read(*input_read);
  return header;
}

absl::StatusOr<Commit> DecodeCommit(const CommitHeader& header,
                                    BodyReader* body) {
  Commit commit;
  commit.process = header.process();
  commit.keep_point = header.keep_point();
  if (!commit.record.ParseFromString(header.record()) ||
      header.page_memory_size() != header.page_number_size() ||
      header.page_memory_size() != header.page_bytes_size() ||
      header.log_stream_size() != header.log_bytes_size() ||
      header.journal_event_size() != header.journal_bytes_size()) {
    return Malformed();
  }
  if (header.has_state()) {
    ASSIGN_OR_RETURN(commit.state, body->Take(header.state_bytes()));
  }
  commit.pages.reserve(static_cast<size_t>(header.page_memory_size()));
  for (int i = 0; i < header.page_memory_size(); ++i) {
    ASSIGN_OR_RETURN(const ByteSpan bytes, body->Take(header.page_bytes(i)));
    commit.pages.push_back(
        {header.page_memory(i), header.page_number(i), bytes});
  }
  for (int i = 0; i < header.log_stream_size(); ++i) {
    ASSIGN_OR_RETURN(const ByteSpan bytes, body->Take(header.log_bytes(i)));
    commit.log.push_back({header.log_stream(i), AsText(bytes)});
  }
  for (int i = 0; i < header.journal_event_size(); ++i) {
    ASSIGN_OR_RETURN(const ByteSpan bytes, body->Take(header.journal_bytes(i)));
    commit.journal.push_back({header.journal_event(i), bytes});
  }
  commit.journal_trim.assign(header.journal_trim().begin(),
                             header.journal_trim().end());
  if (header.has_input_read()) commit.input_read = header.input_read();
  return commit;
}

}  // namespace

void EncodeCommits(std::span<const Commit> commits,
                   OwnerRequest::ApplyCommits* message,
                   std::vector<ByteSpan>* body) {
  for (const Commit& commit : commits) {
    *message->add_commits() = EncodeCommit(commit, body);
  }
}

absl::StatusOr<std::vector<Commit>> DecodeCommits(
    const OwnerRequest::ApplyCommits& message, ByteSpan body) {
  BodyReader reader(body);
  std::vector<Commit> commits;
  for (const CommitHeader& header : message.commits()) {
    ASSIGN_OR_RETURN(Commit commit, DecodeCommit(header, &reader));
    commits.push_back(std::move(commit));
  }
  if (!reader.is_empty()) return Malformed();
  return commits;
}

}  // namespace wasmd
