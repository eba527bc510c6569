#include "snapshot/process_file.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "base/testing/status_matchers.h"
#include "interp/memory_instance.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

using Page = std::tuple<MemAddr, uint64_t, std::string>;

struct File {
  ProcessFileContents contents;
  std::vector<Page> pages;
};

// Bytes that do not compress.
std::string Noise(size_t size) {
  std::string bytes(size, '\0');
  uint64_t state = 88172645463325252;
  for (char& byte : bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<char>(state);
  }
  return bytes;
}

File SmallFile() {
  File file;
  file.contents.process_record = "a record";
  file.contents.state = "a state";
  const std::vector<uint8_t> module = {0, 1, 2, 3};
  file.contents.modules[Sha256(module)] = module;
  file.contents.logs[1] = "standard output\n";
  file.contents.logs[2] = "";
  file.pages = {{0, 3, std::string(kCardPageBytes, 'x')},
                {0, 4, ""},
                {1, uint64_t{1} << 40, "short"}};
  return file;
}

// More of everything than fits a section.
File LargeFile() {
  File file = SmallFile();
  file.contents.process_record = "";
  file.contents.state = Noise((size_t{2} << 20) + 5);
  const std::string noise = Noise(size_t{3} << 20);
  const std::vector<uint8_t> module(noise.begin(), noise.end());
  file.contents.modules[Sha256(module)] = module;
  file.contents.logs[1] = std::string((size_t{1} << 20) - 4, 'a');
  file.contents.logs[7] = std::string(size_t{5} << 20, 'b');
  for (uint64_t page = 0; page < 300; ++page) {
    file.pages.emplace_back(2, page, noise.substr(page, kCardPageBytes));
  }
  return file;
}

std::vector<uint8_t> Write(const File& file) {
  std::vector<uint8_t> bytes;
  const auto pages = [&file](const PageSink& sink) {
    for (const auto& [memory, page, contents] : file.pages) {
      const absl::Status status = sink(memory, page, AsBytes(contents));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  };
  EXPECT_OK(WriteProcessFile(file.contents, pages, [&](ByteSpan piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return absl::OkStatus();
  }));
  return bytes;
}

absl::StatusOr<File> Read(ByteSpan bytes) {
  File file;
  auto contents = ReadProcessFile(
      bytes, [&file](MemAddr memory, uint64_t page, ByteSpan content) {
        file.pages.emplace_back(memory, page, AsText(content));
        return absl::OkStatus();
      });
  if (!contents.ok()) return contents.status();
  file.contents = *std::move(contents);
  return file;
}

void ExpectEqual(const File& a, const File& b) {
  EXPECT_EQ(a.contents.process_record, b.contents.process_record);
  EXPECT_TRUE(a.contents.state == b.contents.state);
  EXPECT_TRUE(a.contents.modules == b.contents.modules);
  EXPECT_TRUE(a.contents.logs == b.contents.logs);
  EXPECT_TRUE(a.pages == b.pages);
}

TEST(ProcessFileTest, EverythingComesBack) {
  for (const File& file : {SmallFile(), LargeFile()}) {
    ASSERT_OK_AND_ASSIGN(const File read, Read(Write(file)));
    ExpectEqual(read, file);
  }
}

TEST(ProcessFileTest, AnEmptyProcessHasAFileToo) {
  ASSERT_OK_AND_ASSIGN(const File read, Read(Write({})));
  ExpectEqual(read, {});
}

TEST(ProcessFileTest, IsTheSameForTheSameProcess) {
  EXPECT_EQ(Write(SmallFile()), Write(SmallFile()));
}

TEST(ProcessFileTest, FindsEveryFlippedByte) {
  const std::vector<uint8_t> bytes = Write(SmallFile());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::vector<uint8_t> damaged = bytes;
    damaged[i] ^= 0x10;
    EXPECT_THAT(Read(damaged), StatusIs(absl::StatusCode::kDataLoss))
        << "byte " << i;
  }
}

TEST(ProcessFileTest, FindsEveryTruncation) {
  const std::vector<uint8_t> bytes = Write(SmallFile());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(Read(ByteSpan(bytes).first(size)),
                StatusIs(absl::StatusCode::kDataLoss))
        << size << " bytes";
  }
}

TEST(ProcessFileTest, DamagedFilesGiveNoPages) {
  std::vector<uint8_t> bytes = Write(SmallFile());
  bytes[bytes.size() - 1] ^= 1;
  int pages = 0;
  EXPECT_THAT(ReadProcessFile(bytes,
                              [&pages](MemAddr, uint64_t, ByteSpan) {
                                ++pages;
                                return absl::OkStatus();
                              }),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(pages, 0);
}

TEST(ProcessFileTest, RefusesAModuleWithoutItsHash) {
  File file = SmallFile();
  file.contents.modules[Sha256Digest{}] = {1, 2, 3};
  EXPECT_THAT(Read(Write(file)), StatusIs(absl::StatusCode::kDataLoss,
                                          HasSubstr("has not this hash")));
}

TEST(ProcessFileTest, ErrorsOfTheSinksEndTheWork) {
  int pieces = 0;
  EXPECT_THAT(WriteProcessFile({}, nullptr,
                               [&pieces](ByteSpan) {
                                 return ++pieces == 2
                                            ? absl::UnavailableError("disk")
                                            : absl::OkStatus();
                               }),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(pieces, 2);
  EXPECT_THAT(ReadProcessFile(Write(SmallFile()),
                              [](MemAddr, uint64_t, ByteSpan) {
                                return absl::UnavailableError("disk");
                              }),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace wasmd
