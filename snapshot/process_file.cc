#include "snapshot/process_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/memory_instance.h"
#include "snapshot/capture_limits.h"
#include "snapshot/process_file_sections.h"
#include "snapshot/state_record.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

// A section of pages: entry*, an entry being
//   memory:u32 page:u64 size:u16 bytes:byte[size]
constexpr size_t kPageEntryBytes = 14;
// Pages of about so many bytes are compressed together.
constexpr size_t kPagesPerSectionBytes = size_t{256} << 10;

constexpr size_t kStreamBytes = sizeof(uint32_t);
constexpr size_t kMaxPartBytes = size_t{1} << 32;

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(StrCat("process file is damaged: ", what));
}

class PageSectionWriter {
 public:
  explicit PageSectionWriter(SectionWriter& writer) : writer_(writer) {}

  absl::Status Add(MemAddr memory, uint64_t page, ByteSpan bytes) {
    if (bytes.size() > kCardPageBytes) {
      return absl::InvalidArgumentError(
          StrCat("a page of ", bytes.size(), " bytes"));
    }
    const size_t at = section_.size();
    section_.resize(at + kPageEntryBytes);
    StoreLittle(&section_[at], memory);
    StoreLittle(&section_[at + 4], page);
    StoreLittle(&section_[at + 12], static_cast<uint16_t>(bytes.size()));
    section_.insert(section_.end(), bytes.begin(), bytes.end());
    return section_.size() >= kPagesPerSectionBytes ? Flush()
                                                    : absl::OkStatus();
  }

  absl::Status Flush() {
    if (section_.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(writer_.WritePart(SectionKind::kPages, {}, section_));
    section_.clear();
    return absl::OkStatus();
  }

 private:
  SectionWriter& writer_;
  std::vector<uint8_t> section_;
};

// Takes the parts of a file in order.
class PartReader {
 public:
  explicit PartReader(const PageSink& pages) : pages_(pages) {}

  absl::Status Take(Part part) {
    if (part.kind < last_kind_) return Damaged("sections are out of order");
    const bool is_repeated = part.kind == last_kind_;
    last_kind_ = part.kind;
    switch (part.kind) {
      case SectionKind::kProcessRecord:
        contents_.process_record = std::move(part.bytes);
        has_record_ = true;
        return is_repeated ? Damaged("there are two records")
                           : absl::OkStatus();
      case SectionKind::kState:
        contents_.state = std::move(part.bytes);
        has_state_ = true;
        return is_repeated ? Damaged("there are two states") : absl::OkStatus();
      case SectionKind::kModule:
        return TakeModule(part.bytes);
      case SectionKind::kLog:
        return TakeLog(part.bytes);
      case SectionKind::kPages:
        return TakePages(AsBytes(part.bytes));
      case SectionKind::kTrailer:
        break;
    }
    return Damaged("it has a section of no known kind");
  }

  absl::StatusOr<ProcessFileContents> Finish() && {
    if (!has_record_ || !has_state_) return Damaged("it is not complete");
    return std::move(contents_);
  }

 private:
  absl::Status TakeModule(std::string_view bytes) {
    Sha256Digest hash;
    if (bytes.size() < hash.size()) return Damaged("a module has no hash");
    std::copy_n(bytes.begin(), hash.size(), hash.begin());
    const ByteSpan module = AsBytes(bytes).subspan(hash.size());
    if (Sha256(module) != hash) {
      return Damaged(StrCat("module ", ToHex(hash), " has not this hash"));
    }
    auto& modules = contents_.modules;
    if (!modules.empty() && modules.rbegin()->first >= hash) {
      return Damaged("modules are out of order");
    }
    modules.emplace_hint(modules.end(), hash,
                         std::vector<uint8_t>(module.begin(), module.end()));
    return absl::OkStatus();
  }

  absl::Status TakeLog(std::string_view bytes) {
    if (bytes.size() < kStreamBytes) return Damaged("a log has no stream");
    const auto stream = LoadLittle<uint32_t>(bytes.data());
    auto& logs = contents_.logs;
    if (!logs.empty() && logs.rbegin()->first >= stream) {
      return Damaged("logs are out of order");
    }
    logs.emplace_hint(logs.end(), stream, bytes.substr(kStreamBytes));
    return absl::OkStatus();
  }

  absl::Status TakePages(ByteSpan bytes) {
    while (!bytes.empty()) {
      if (bytes.size() < kPageEntryBytes) return Damaged("a page is cut short");
      const auto memory = LoadLittle<uint32_t>(&bytes[0]);
      const auto page = LoadLittle<uint64_t>(&bytes[4]);
      const auto size = LoadLittle<uint16_t>(&bytes[12]);
      bytes = bytes.subspan(kPageEntryBytes);
      if (size > kCardPageBytes || size > bytes.size()) {
        return Damaged("a page has no sensible size");
      }
      RETURN_IF_ERROR(pages_(memory, page, bytes.first(size)));
      bytes = bytes.subspan(size);
    }
    return absl::OkStatus();
  }

  const PageSink& pages_;
  ProcessFileContents contents_;
  SectionKind last_kind_ = SectionKind::kTrailer;
  bool has_record_ = false;
  bool has_state_ = false;
};

// The most that a part of this kind can have; also bounds what a hostile file
// makes us allocate.
size_t MaxBytes(SectionKind kind) {
  switch (kind) {
    case SectionKind::kState:
      return kMaxStateBytes + kStateRecordHeaderBytes;
    case SectionKind::kModule:
      return kMaxModuleBytes + Sha256Digest().size();
    default:
      return kMaxPartBytes;
  }
}

absl::Status WritePart(SectionKind kind, ByteSpan prefix, ByteSpan bytes,
                       SectionWriter& writer) {
  if (bytes.size() > MaxBytes(kind) - prefix.size()) {
    return absl::ResourceExhaustedError(StrCat(
        "a part of ", bytes.size(), " bytes is too long for a process file"));
  }
  return writer.WritePart(kind, prefix, bytes);
}

}  // namespace

absl::Status WriteProcessFile(const ProcessFileContents& contents,
                              const PageSource& pages, const ByteSink& sink) {
  SectionWriter writer(sink);
  RETURN_IF_ERROR(writer.WriteHeader());
  RETURN_IF_ERROR(WritePart(SectionKind::kProcessRecord, {},
                            AsBytes(contents.process_record), writer));
  RETURN_IF_ERROR(
      WritePart(SectionKind::kState, {}, AsBytes(contents.state), writer));
  for (const auto& [hash, module] : contents.modules) {
    RETURN_IF_ERROR(WritePart(SectionKind::kModule, hash, module, writer));
  }
  for (const auto& [stream, text] : contents.logs) {
    uint8_t prefix[kStreamBytes];
    StoreLittle(prefix, stream);
    RETURN_IF_ERROR(
        WritePart(SectionKind::kLog, prefix, AsBytes(text), writer));
  }
  PageSectionWriter page_writer(writer);
  if (pages != nullptr) {
    RETURN_IF_ERROR(
        pages([&page_writer](MemAddr memory, uint64_t page, ByteSpan bytes) {
          return page_writer.Add(memory, page, bytes);
        }));
  }
  RETURN_IF_ERROR(page_writer.Flush());
  return writer.WriteTrailer();
}

absl::StatusOr<ProcessFileContents> ReadProcessFile(ByteSpan file,
                                                    const PageSink& pages) {
  ASSIGN_OR_RETURN(SectionReader sections, SectionReader::Open(file));
  PartReader reader(pages);
  while (true) {
    ASSIGN_OR_RETURN(std::optional<Part> part, sections.ReadPart(MaxBytes));
    if (!part) break;
    RETURN_IF_ERROR(reader.Take(*std::move(part)));
  }
  return std::move(reader).Finish();
}

}  // namespace wasmd
