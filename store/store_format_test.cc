// Holds docs/store-format.md to what is on disk: its example is made anew and
// compared.

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/sha256.h"
#include "base/str_cat.h"
#include "base/testing/status_matchers.h"
#include "store/key.h"
#include "store/process_db.h"
#include "store/testing/temporary_directory.h"

namespace wasmd {
namespace {

using ::wasmd::testing::TemporaryDirectory;

void AppendHex(std::string_view bytes, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr size_t kBytesPerLine = 32;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % kBytesPerLine == 0) out->append("\n      ");
    const auto byte = static_cast<uint8_t>(bytes[i]);
    out->push_back(kDigits[byte >> 4]);
    out->push_back(kDigits[byte & 15]);
  }
  out->push_back('\n');
}

void MakeExample(const std::string& path) {
  auto opened = ProcessDb::Open(path);
  ASSERT_OK(opened.status());
  const std::unique_ptr<ProcessDb> db = *std::move(opened);
  const std::string_view module("\0asm", 4);
  const Sha256Digest hash = Sha256(AsBytes(module));
  ASSERT_OK(db->PutModule(hash, AsBytes(module)));
  ProcessRecord record;
  record.set_name("a");
  record.set_module_hash(std::string(hash.begin(), hash.end()));
  ASSERT_OK_AND_ASSIGN(const ProcessNumber process, db->CreateProcess(record));
  const std::string page(kPageBytes, 'x');
  Commit commit{.process = process, .record = record};
  commit.record.set_sequence(1);
  commit.record.set_status(WAITING);
  commit.record.set_wake_time_ns(5);
  commit.state = AsBytes("s");
  commit.pages = {{.memory = 0, .page = 2, .bytes = AsBytes(page)},
                  {.memory = 0, .page = 3, .bytes = {}}};
  commit.log = {{.stream = 1, .bytes = "hi"}};
  commit.journal = {{.first_event = 1, .bytes = AsBytes("j")}};
  ASSERT_OK(db->ApplyCommit(commit, SyncMode::kSync));
}

// A page and a state that change a little, with a point and a fork of it.
void MakeRedoExample(const std::string& path) {
  auto opened = ProcessDb::Open(path);
  ASSERT_OK(opened.status());
  const std::unique_ptr<ProcessDb> db = *std::move(opened);
  ProcessRecord record;
  record.set_name("a");
  ASSERT_OK_AND_ASSIGN(const ProcessNumber process, db->CreateProcess(record));
  std::string page(kPageBytes, 'x');
  std::string state(130, 's');
  for (uint64_t sequence = 1; sequence <= 3; ++sequence) {
    page[100 * sequence] = static_cast<char>('0' + sequence);
    state[sequence] = static_cast<char>('0' + sequence);
    Commit commit{.process = process, .record = record};
    commit.record.set_sequence(sequence);
    commit.state = AsBytes(state);
    commit.pages = {{.memory = 0, .page = 2, .bytes = AsBytes(page)}};
    commit.keep_point = sequence == 2;
    ASSERT_OK(db->ApplyCommit(commit, SyncMode::kSync));
  }
  record.set_name("b");
  ASSERT_OK(
      db->Fork({.parent = process, .point = 2, .record = record}).status());
}

std::string Dump(const std::string& path) {
  rocksdb::DB* rocks = nullptr;
  EXPECT_TRUE(rocksdb::DB::OpenForReadOnly({}, path, &rocks).ok());
  if (rocks == nullptr) return "";
  const std::unique_ptr<rocksdb::DB> owner(rocks);
  const std::unique_ptr<rocksdb::Iterator> all(rocks->NewIterator({}));
  std::string text;
  for (all->SeekToFirst(); all->Valid(); all->Next()) {
    StrAppend(&text, "# ", DescribeKey({all->key().data(), all->key().size()}),
              "\nkey   ");
    AppendHex({all->key().data(), all->key().size()}, &text);
    text += "value ";
    AppendHex({all->value().data(), all->value().size()}, &text);
  }
  return text;
}

// What is between a line "```hex" or "```hex redo" and "```".
std::string DocumentedExample(const std::string& fence) {
  std::ifstream file("docs/store-format.md");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string document = text.str();
  const std::string begin = StrCat(fence, "\n");
  const size_t at = document.find(begin);
  if (at == std::string::npos) return "";
  const size_t from = at + begin.size();
  return document.substr(from, document.find("```", from) - from);
}

TEST(StoreFormatTest, TheDocumentedExampleIsWhatIsOnDisk) {
  TemporaryDirectory directory;
  MakeExample(directory / "store");
  EXPECT_EQ(Dump(directory / "store"), DocumentedExample("```hex"));
}

TEST(StoreFormatTest, TheDocumentedRedoRecordsAreWhatIsOnDisk) {
  TemporaryDirectory directory;
  MakeRedoExample(directory / "store");
  EXPECT_EQ(Dump(directory / "store"), DocumentedExample("```hex redo"));
}

}  // namespace
}  // namespace wasmd
