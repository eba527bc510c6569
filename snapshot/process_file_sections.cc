#include "snapshot/process_file_sections.h"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

constexpr char kMagic[8] = {'W', 'A', 'S', 'M', 'D', 'P', 'R', 'C'};
constexpr size_t kHeaderBytes = 16;
constexpr size_t kSectionHeaderBytes = 24;
constexpr size_t kSectionCheckAt = 16;
constexpr size_t kTrailerBytes = 24;
constexpr size_t kTrailerCheckAt = 16;
constexpr int kCompressionLevel = 3;

uint32_t HeaderCheck(const uint8_t* header) {
  return static_cast<uint32_t>(XXH3_64bits(header, 12));
}

uint64_t SectionCheck(const uint8_t* header, ByteSpan stored) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, header, kSectionCheckAt);
  XXH3_64bits_update(&state, stored.data(), stored.size());
  return XXH3_64bits_digest(&state);
}

struct SectionHeader {
  uint32_t kind = 0;
  uint32_t stored_bytes = 0;
  uint32_t raw_bytes = 0;
  uint32_t more = 0;
};
static_assert(sizeof(SectionHeader) == kSectionCheckAt);

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(StrCat("process file is damaged: ", what));
}

}  // namespace

struct SectionWriter::State {
  XXH3_state_t whole;  // of all bytes written
  ZSTD_CCtx* compressor = ZSTD_createCCtx();
  std::vector<uint8_t> compressed;
  ~State() { ZSTD_freeCCtx(compressor); }
};

SectionWriter::SectionWriter(const ByteSink& sink)
    : sink_(sink), state_(std::make_unique<State>()) {
  CHECK(state_->compressor != nullptr);
  XXH3_64bits_reset(&state_->whole);
}

SectionWriter::~SectionWriter() = default;

absl::Status SectionWriter::Write(ByteSpan bytes) {
  XXH3_64bits_update(&state_->whole, bytes.data(), bytes.size());
  return sink_(bytes);
}

absl::Status SectionWriter::WriteHeader() {
  std::array<uint8_t, kHeaderBytes> header;
  std::memcpy(header.data(), kMagic, sizeof(kMagic));
  StoreLittle(&header[8], kProcessFileVersion);
  StoreLittle(&header[12], HeaderCheck(header.data()));
  return Write(header);
}

absl::Status SectionWriter::WritePart(SectionKind kind, ByteSpan prefix,
                                      ByteSpan bytes) {
  CHECK(prefix.size() < kMaxSectionBytes);
  std::vector<uint8_t> first(prefix.begin(), prefix.end());
  const size_t first_bytes =
      std::min(bytes.size(), kMaxSectionBytes - prefix.size());
  first.insert(first.end(), bytes.begin(), bytes.begin() + first_bytes);
  bytes = bytes.subspan(first_bytes);
  RETURN_IF_ERROR(WriteSection(kind, !bytes.empty(), first));
  while (!bytes.empty()) {
    const ByteSpan raw = bytes.first(std::min(bytes.size(), kMaxSectionBytes));
    bytes = bytes.subspan(raw.size());
    RETURN_IF_ERROR(WriteSection(kind, !bytes.empty(), raw));
  }
  return absl::OkStatus();
}

absl::Status SectionWriter::WriteSection(SectionKind kind, bool more,
                                         ByteSpan raw) {
  std::vector<uint8_t>& out = state_->compressed;
  out.resize(kSectionHeaderBytes + ZSTD_compressBound(raw.size()));
  const size_t stored_bytes =
      ZSTD_compressCCtx(state_->compressor, out.data() + kSectionHeaderBytes,
                        out.size() - kSectionHeaderBytes, raw.data(),
                        raw.size(), kCompressionLevel);
  CHECK(!ZSTD_isError(stored_bytes));
  out.resize(kSectionHeaderBytes + stored_bytes);
  const SectionHeader header = {static_cast<uint32_t>(kind),
                                static_cast<uint32_t>(stored_bytes),
                                static_cast<uint32_t>(raw.size()), more};
  StoreLittle(out.data(), header);
  StoreLittle(
      &out[kSectionCheckAt],
      SectionCheck(out.data(), ByteSpan(out).subspan(kSectionHeaderBytes)));
  ++section_count_;
  return Write(out);
}

absl::Status SectionWriter::WriteTrailer() {
  std::array<uint8_t, kTrailerBytes> trailer = {};
  StoreLittle(&trailer[8], section_count_);
  XXH3_64bits_update(&state_->whole, trailer.data(), kTrailerCheckAt);
  StoreLittle(&trailer[kTrailerCheckAt], XXH3_64bits_digest(&state_->whole));
  return sink_(trailer);
}

absl::StatusOr<SectionReader> SectionReader::Open(ByteSpan file) {
  if (file.size() < kHeaderBytes ||
      std::memcmp(file.data(), kMagic, sizeof(kMagic)) != 0 ||
      LoadLittle<uint32_t>(&file[12]) != HeaderCheck(file.data())) {
    return absl::DataLossError("not a wasmd process file");
  }
  const auto version = LoadLittle<uint32_t>(&file[8]);
  if (version > kProcessFileVersion) {
    return absl::UnimplementedError(StrCat(
        "process file has version ", version, "; this wasmd reads up to ",
        kProcessFileVersion, ": use a newer wasmd"));
  }
  if (version == 0) return Damaged("it has no version");
  const size_t check_bytes = sizeof(uint64_t);
  if (file.size() < kHeaderBytes + kTrailerBytes ||
      XXH3_64bits(file.data(), file.size() - check_bytes) !=
          LoadLittle<uint64_t>(&file[file.size() - check_bytes])) {
    return Damaged("it is cut short or its checksum is wrong");
  }
  const ByteSpan trailer = file.last(kTrailerBytes);
  const ByteSpan sections =
      file.subspan(kHeaderBytes, file.size() - kHeaderBytes - kTrailerBytes);
  if (LoadLittle<uint64_t>(trailer.data()) != 0) return Damaged("no trailer");
  uint64_t count = 0;
  for (ByteSpan rest = sections; !rest.empty(); ++count) {
    if (rest.size() < kSectionHeaderBytes) return Damaged("no section header");
    const auto header = LoadLittle<SectionHeader>(rest.data());
    if (header.stored_bytes > rest.size() - kSectionHeaderBytes) {
      return Damaged("a section is cut short");
    }
    rest = rest.subspan(kSectionHeaderBytes + header.stored_bytes);
  }
  if (LoadLittle<uint64_t>(&trailer[8]) != count) {
    return Damaged("its number of sections is wrong");
  }
  return SectionReader(sections);
}

absl::StatusOr<std::optional<Part>> SectionReader::ReadPart(
    size_t (*max_bytes)(SectionKind kind)) {
  if (rest_.empty()) return std::nullopt;
  Part part;
  bool more = false;
  do {
    // Open has checked that sections are whole.
    if (rest_.empty()) return Damaged("a part is cut short");
    const auto header = LoadLittle<SectionHeader>(rest_.data());
    const ByteSpan stored =
        rest_.subspan(kSectionHeaderBytes, header.stored_bytes);
    const auto check = LoadLittle<uint64_t>(&rest_[kSectionCheckAt]);
    if (check != SectionCheck(rest_.data(), stored)) {
      return Damaged("a section's checksum is wrong");
    }
    rest_ = rest_.subspan(kSectionHeaderBytes + stored.size());
    const auto kind = static_cast<SectionKind>(header.kind);
    if (more && kind != part.kind) return Damaged("a part changes its kind");
    part.kind = kind;
    const size_t old_bytes = part.bytes.size();
    if (header.raw_bytes > kMaxSectionBytes || header.more > 1 ||
        header.raw_bytes > max_bytes(kind) - old_bytes ||
        (header.more == 1 && header.raw_bytes == 0)) {
      return Damaged("a section is longer than it can be");
    }
    part.bytes.resize(old_bytes + header.raw_bytes);
    if (ZSTD_findFrameCompressedSize(stored.data(), stored.size()) !=
            stored.size() ||
        ZSTD_decompress(part.bytes.data() + old_bytes, header.raw_bytes,
                        stored.data(), stored.size()) != header.raw_bytes) {
      return Damaged("a section cannot be decompressed");
    }
    more = header.more == 1;
  } while (more);
  return part;
}

}  // namespace wasmd
