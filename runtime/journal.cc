#include "runtime/journal.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// A longer tail is not worth keeping: to read it and run it again costs more
// than a state.
constexpr uint64_t kMaxTailBytes = uint64_t{4} << 20;
// What one call wrote to memory, where all is kept.
constexpr uint64_t kMaxKeptEventBytes = uint64_t{256} << 20;

const std::vector<std::string>& ImportNames() {
  // Never destroyed: calls may come until the program ends.
  static const auto& names = *new std::vector<std::string>([] {
    std::vector<std::string> all;
    for (uint32_t i = 0; i < wasi::Context::FunctionCount(); ++i) {
      all.push_back(StrCat(wasi::kModuleName, ".", wasi::Context::NameOf(i)));
    }
    return all;
  }());
  return names;
}

ByteSpan BytesOf(const wasi::GuestRange& range, const MemoryInstance& memory) {
  return {memory.data() + range.address, range.size_bytes};
}

}  // namespace

std::string ImportName(uint32_t function) { return ImportNames()[function]; }

Journal::Journal(uint64_t kept_bytes)
    : kept_bytes_(kept_bytes), import_names_(ImportNames()) {}

absl::Status Journal::Load(ProcessDb& db, ProcessNumber process,
                           uint64_t state_event, uint64_t end_event,
                           bool goes_on) {
  event_count_ = end_event;
  written_count_ = end_event;
  tail_begin_ = state_event + 1;
  has_state_ = true;
  // If all is kept, nothing is ever trimmed, and only the tail matters.
  const uint64_t from = kept_bytes_ == kKeepAll ? tail_begin_ : 0;
  std::string last_block;  // of those that end_event comes after
  RETURN_IF_ERROR(db.ForEachJournalBlock(
      process, from, [&](uint64_t first_event, ByteSpan bytes) {
        stored_.push_back({first_event, bytes.size()});
        stored_bytes_ += bytes.size();
        if (first_event >= tail_begin_) stored_tail_bytes_ += bytes.size();
        if (goes_on && first_event <= end_event) last_block = AsText(bytes);
        return absl::OkStatus();
      }));
  return goes_on ? CutAt(end_event, last_block) : absl::OkStatus();
}

absl::Status Journal::CutAt(uint64_t end_event, std::string_view last_block) {
  while (!stored_.empty() && stored_.back().first_event > end_event) {
    unwanted_.push_back(stored_.back().first_event);
    stored_bytes_ -= stored_.back().bytes;
    stored_tail_bytes_ -= std::min(stored_tail_bytes_, stored_.back().bytes);
    stored_.pop_back();
  }
  if (stored_.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      JournalBlock block,
      FirstEvents(stored_.back().first_event, AsBytes(last_block), end_event));
  if (block.bytes().empty()) {  // it begins with what is not wanted
    unwanted_.push_back(block.first_event());
    stored_.pop_back();
    return absl::OkStatus();
  }
  cut_block_ = std::move(block);
  return absl::OkStatus();
}

void Journal::BeginBlock() {
  Bound();
  JournalBuffer buffer;
  if (!spare_.empty()) {
    buffer = std::move(spare_.back());
    spare_.pop_back();
  }
  open_ = &unwritten_.emplace_back(event_count_ + 1, std::move(buffer));
}

// New memory costs more than what is written to it.
void Journal::Recycle(JournalBlock& block) {
  constexpr size_t kMaxSpares = 16;
  JournalBuffer buffer = block.TakeBuffer();
  if (spare_.size() < kMaxSpares && buffer.size_bytes <= 4 * kBlockBytes) {
    spare_.push_back(std::move(buffer));
  }
}

void Journal::DropWritten() {
  for (JournalBlock& block : writing_) Recycle(block);
  writing_.clear();
}

// A guest that calls much between two commits must not fill the memory.
void Journal::Bound() {
  if (kept_bytes_ == kKeepAll) return;
  // Once it is cut only the newest is wanted, and takes the place of the last.
  if (!tail_is_cut_ && unwritten_bytes_ + stored_tail_bytes_ <= kMaxTailBytes) {
    return;
  }
  tail_is_cut_ = true;
  KeepNewest();
}

void Journal::KeepNewest() {
  while (!unwritten_.empty() &&
         unwritten_bytes_ - unwritten_.front().size_bytes() >= kept_bytes_) {
    unwritten_bytes_ -= unwritten_.front().size_bytes();
    Recycle(unwritten_.front());
    unwritten_.pop_front();
  }
  if (unwritten_.empty()) open_ = nullptr;
}

JournalBlock::Head Journal::HeadOf(JournalEvent::Kind kind,
                                   const JournalCall& call,
                                   uint32_t result) const {
  return {.kind = kind,
          .durability = static_cast<uint8_t>(call.durability),
          .function = call.function,
          .name = import_names_[call.function],
          .arguments = call.arguments,
          .time_ns = call.time_ns,
          .duration_ns = call.duration_ns,
          .result = result};
}

void Journal::AddAnswer(const JournalBlock::Head& head,
                        const wasi::CallRecord& record,
                        const MemoryInstance& memory) {
  JournalBlock& block = OpenBlock();
  const size_t before = block.size_bytes();
  const bool is_small = record.written.size() == 1 && record.change.empty();
  if (!is_small || !block.AddLikeLast(head, record.written[0].address,
                                      BytesOf(record.written[0], memory))) {
    AddInFull(head, record, memory, block);
  }
  unwritten_bytes_ += block.size_bytes() - before;
  ++event_count_;
  const auto durability = static_cast<wasi::Durability>(head.durability);
  const bool is_certain = durability == wasi::Durability::kPure ||
                          durability == wasi::Durability::kOutput ||
                          record.is_complete;
  if (!is_certain) is_loose_ = true;
}

void Journal::AddInFull(JournalBlock::Head head, const wasi::CallRecord& record,
                        const MemoryInstance& memory, JournalBlock& block) {
  head.name = import_names_[head.function];
  const uint64_t most_bytes =
      kept_bytes_ == kKeepAll ? kMaxKeptEventBytes : kMaxTailBytes;
  if (wasi::TotalBytes(record.written) > most_bytes) {
    tail_is_cut_ = true;
    head.kind = JournalEvent::Kind::kCut;
    block.Begin(head, 0);
  } else {
    block.Begin(head, record.written.size());
    for (const wasi::GuestRange& range : record.written) {
      block.AddWrite(range.address, BytesOf(range, memory));
    }
  }
  block.End(record.change);
}

void Journal::AddExit(const JournalCall& call, uint32_t exit_code) {
  JournalBlock& block = OpenBlock();
  const size_t before = block.size_bytes();
  block.Begin(HeadOf(JournalEvent::Kind::kExit, call, exit_code), 0);
  block.End({});
  unwritten_bytes_ += block.size_bytes() - before;
  ++event_count_;
}

bool Journal::can_recover() const {
  return has_state_ && !tail_is_cut_ &&
         stored_tail_bytes_ + unwritten_bytes_ <= kMaxTailBytes;
}

void Journal::Write(Commit* commit) {
  writing_ = std::exchange(unwritten_, {});
  open_ = nullptr;
  unwritten_bytes_ = 0;
  written_count_ = event_count_;
  for (const uint64_t first_event : std::exchange(unwanted_, {})) {
    const bool is_replaced =
        std::any_of(writing_.begin(), writing_.end(),
                    [first_event](const JournalBlock& block) {
                      return block.first_event() == first_event;
                    });
    if (!is_replaced) commit->journal_trim.push_back(first_event);
  }
  if (cut_block_.has_value()) {
    writing_.push_front(*std::exchange(cut_block_, std::nullopt));
  }
  for (const JournalBlock& block : writing_) {
    const StoredBlock stored = {block.first_event(), block.size_bytes()};
    // An intent alone in a block is replaced by the answer.
    if (!stored_.empty() && stored_.back().first_event == stored.first_event) {
      stored_bytes_ -= stored_.back().bytes;
      stored_tail_bytes_ -= std::min(stored_tail_bytes_, stored_.back().bytes);
      stored_.pop_back();
    }
    stored_.push_back(stored);
    stored_bytes_ += stored.bytes;
    stored_tail_bytes_ += stored.bytes;
    commit->journal.push_back(
        {.first_event = block.first_event(), .bytes = AsBytes(block.bytes())});
  }
}

// Drops whole blocks from the oldest on, never one of the tail.
void Journal::Trim(Commit* commit) {
  if (kept_bytes_ == kKeepAll) return;
  while (stored_.size() > 1 && stored_[1].first_event <= tail_begin_ &&
         stored_bytes_ - stored_.front().bytes >= kept_bytes_) {
    stored_bytes_ -= stored_.front().bytes;
    commit->journal_trim.push_back(stored_.front().first_event);
    stored_.pop_front();
  }
}

void Journal::FillCommit(bool is_checkpoint, const JournalCall* intent,
                         std::string_view wasi_state, Commit* commit) {
  if (is_checkpoint) {
    if (kept_bytes_ != kKeepAll) KeepNewest();
    Write(commit);
    tail_begin_ = event_count_ + 1;
    stored_tail_bytes_ = 0;
    tail_is_cut_ = false;
    has_state_ = true;
    Trim(commit);
    return;
  }
  CHECK(can_recover());
  static constexpr JournalCall kNoCall;
  JournalBlock& block = OpenBlock();
  block.Begin(intent != nullptr
                  ? HeadOf(JournalEvent::Kind::kIntent, *intent, 0)
                  : HeadOf(JournalEvent::Kind::kState, kNoCall, 0),
              0);
  block.End(wasi_state);
  Write(commit);
}

void Journal::FillLastCommit(Commit* commit) {
  if (kept_bytes_ != kKeepAll) KeepNewest();
  Write(commit);
  Trim(commit);
}

}  // namespace wasmd
