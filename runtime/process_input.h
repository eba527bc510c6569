// ProcessInput: where the standard input of a process comes from, and that no
// byte of it is lost or read twice when wasmd is killed.
//
// - The queue: what others appended in the store (store/input.h, `wasmd
//   input`). It comes first.
// - Standard input of this program, unless the process reads the queue alone.
//   A regular file is read where the process is in it. What comes from a pipe,
//   a terminal or a socket cannot be read again, so it is taken: moved into a
//   file (taken_input.h), or, where there is no place for such files, into the
//   queue.
//
// The position in all of them is part of what WASI saves, call by call, so it
// always fits what the process has read.

#ifndef WASMD_RUNTIME_PROCESS_INPUT_H_
#define WASMD_RUNTIME_PROCESS_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "runtime/outside.h"
#include "runtime/process_options.pb.h"
#include "runtime/taken_input.h"
#include "store/process_db.h"

namespace wasmd {

// Confined to one thread at a time.
class ProcessInput {
 public:
  // `db` is null for a process that is not kept. Both outlive this.
  ProcessInput(Outside& outside, ProcessDb* db) : outside_(outside), db_(db) {}

  // Before the first Read. `taken_directory` may be empty.
  void SetProcess(ProcessNumber process, const std::string& taken_directory);
  void set_reads_outside(bool reads_outside) { reads_outside_ = reads_outside; }
  // May what comes to this program wake the process? Else only the queue does.
  bool reads_outside() const { return reads_outside_; }

  // As wasi::Environment. After an error, which status() has, there is nothing.
  std::optional<std::string> Read(size_t max_bytes);
  std::string Position() const { return position_.SerializeAsString(); }
  void SetPosition(std::string_view position);
  const absl::Status& status() const { return status_; }

  // There may be more in the queue.
  void NoteQueue() { looks_into_queue_ = true; }
  uint64_t queue_offset() const { return position_.queue_offset(); }
  uint64_t taken_offset() const { return position_.taken_offset(); }
  // The store has the process with this taken_offset.
  void NoteCommitted(uint64_t taken_offset);
  // It has finished.
  void Remove();

  // What is other than it was before a resume, for people; empty: nothing.
  std::string Warning();

 private:
  std::optional<std::string> ReadQueue(size_t max_bytes);
  std::optional<std::string> ReadTaken(size_t max_bytes);
  std::optional<std::string> ReadOutside(size_t max_bytes);
  std::string ReadFile(size_t max_bytes);
  // Reads what is outside by way of the queue.
  std::optional<std::string> ReadThroughQueue(size_t max_bytes);
  // Whether standard input is a file; looks once.
  const std::optional<Outside::InputFile>& File();
  bool IsFileOfPosition();

  Outside& outside_;
  ProcessDb* const db_;
  ProcessNumber process_ = 0;
  std::unique_ptr<TakenInput> taken_;  // null: nothing is taken
  bool reads_outside_ = true;
  InputPosition position_;
  absl::Status status_;

  bool looks_into_queue_ = true;
  // Read from the queue, from position_.queue_offset on.
  std::string queued_;
  size_t queued_at_ = 0;

  bool has_looked_for_file_ = false;
  std::optional<Outside::InputFile> file_;
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_PROCESS_INPUT_H_
