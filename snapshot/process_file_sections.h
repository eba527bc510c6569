// The outer form of a process file: a header, compressed sections with a
// checksum each, and a trailer with one of everything
// (docs/snapshot-format.md, "Process file"). Integers are little-endian.
//
//   file     ::= header section* trailer
//   header   ::= "WASMDPRC" version:u32 check:u32
//   section  ::= kind:u32 stored_bytes:u32 raw_bytes:u32 more:u32 check:u64
//                stored:byte[stored_bytes]
//   trailer  ::= 0:u64 section_count:u64 check:u64
//
// A check is xxh3-64 (in the header its low half) of: the header before it; the
// section's header before it and what is stored; all of the file before it.
// What is stored is one zstd frame. A part longer than a section can hold goes
// on in the next section of its kind, which `more` = 1 announces.

#ifndef WASMD_SNAPSHOT_PROCESS_FILE_SECTIONS_H_
#define WASMD_SNAPSHOT_PROCESS_FILE_SECTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "snapshot/process_file.h"

namespace wasmd {

// 1: the first.
inline constexpr uint32_t kProcessFileVersion = 1;

// The most that one section holds, uncompressed.
inline constexpr size_t kMaxSectionBytes = size_t{1} << 20;

// Persisted; sections come in ascending order of kind.
enum class SectionKind : uint32_t {
  kTrailer = 0,
  kProcessRecord = 1,
  kState = 2,
  kModule = 3,
  kLog = 4,
  kPages = 5,
};

// Writes a file front to back. What the sink returns ends the writing.
class SectionWriter {
 public:
  explicit SectionWriter(const ByteSink& sink);
  ~SectionWriter();

  absl::Status WriteHeader();
  // One part, cut into sections as need be; `prefix` comes in front of it.
  absl::Status WritePart(SectionKind kind, ByteSpan prefix, ByteSpan bytes);
  absl::Status WriteTrailer();

 private:
  struct State;

  absl::Status Write(ByteSpan bytes);
  absl::Status WriteSection(SectionKind kind, bool more, ByteSpan raw);

  const ByteSink& sink_;
  std::unique_ptr<State> state_;
  uint64_t section_count_ = 0;
};

struct Part {
  SectionKind kind = SectionKind::kTrailer;
  std::string bytes;
};

// Reads a file front to back.
class SectionReader {
 public:
  // DataLoss if the file is not a whole undamaged process file, Unimplemented
  // if its version is newer. Looks at every byte. `file` outlives the reader.
  static absl::StatusOr<SectionReader> Open(ByteSpan file);

  // The next part, nothing at the end. DataLoss if it is malformed or has more
  // than `max_bytes` of its kind.
  absl::StatusOr<std::optional<Part>> ReadPart(
      size_t (*max_bytes)(SectionKind kind));

 private:
  explicit SectionReader(ByteSpan sections) : rest_(sections) {}

  ByteSpan rest_;  // without the trailer
};

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_PROCESS_FILE_SECTIONS_H_
