#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "wasi/directory_listing.h"
#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

struct Entry {
  std::string name;
  uint64_t next = 0;
  uint64_t inode = 0;
  uint8_t type = 0;
};

class FdDirectoryTest : public ::testing::Test {
 protected:
  FdDirectoryTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    buffer_ = guest_.Space(1 << 16);
    used_at_ = guest_.Space(4);
  }
  // Whole entries of one call; `more` if the buffer was full.
  std::vector<Entry> Read(uint64_t cookie, uint32_t size, bool* more = nullptr,
                          uint32_t fd = 3) {
    EXPECT_ERRNO(
        guest_.Call("fd_readdir", {fd, buffer_, size, cookie, used_at_}),
        kSuccess);
    const uint32_t used = guest_.Get32(used_at_);
    EXPECT_LE(used, size);
    if (more != nullptr) *more = used == size;
    std::vector<Entry> entries;
    uint32_t at = 0;
    while (at + 24 <= used) {
      const uint32_t length = guest_.Get32(buffer_ + at + 16);
      if (at + 24 + length > used) break;
      entries.push_back(
          {guest_.Get(buffer_ + at + 24, length), guest_.Get64(buffer_ + at),
           guest_.Get64(buffer_ + at + 8), guest_.Get8(buffer_ + at + 20)});
      at += 24 + length;
    }
    return entries;
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
  uint32_t buffer_ = 0;
  uint32_t used_at_ = 0;
};

TEST_F(FdDirectoryTest, AnEmptyDirectory) {
  bool more = true;
  const std::vector<Entry> entries = Read(0, 256, &more);
  EXPECT_FALSE(more);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, ".");
  EXPECT_EQ(entries[0].type, 3);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t stat, guest_.Stat(3));
  EXPECT_EQ(entries[0].inode, guest_.Get64(stat + filestat::kInode));
  EXPECT_EQ(entries[1].name, "..");
  EXPECT_EQ(entries[1].type, 3);
}

TEST_F(FdDirectoryTest, TypesAndInodes) {
  directory_.WriteFile("file", "");
  directory_.MakeDirectory("dir");
  directory_.MakeLink("file", "link");
  std::map<std::string, Entry> entries;
  for (const Entry& entry : Read(0, 1024)) entries[entry.name] = entry;
  EXPECT_EQ(entries.size(), 5u);
  EXPECT_EQ(entries["file"].type, 4);
  EXPECT_EQ(entries["dir"].type, 3);
  EXPECT_EQ(entries["link"].type, 7);
  for (const char* name : {"file", "dir", "link"}) {
    ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t stat, guest_.Stat(3, name, 0));
    EXPECT_EQ(entries[name].inode, guest_.Get64(stat + filestat::kInode));
  }
}

TEST_F(FdDirectoryTest, CookiesGoOn) {
  for (int i = 0; i < 100; ++i) {
    directory_.WriteFile("file." + std::to_string(i), "");
  }
  const std::vector<Entry> all = Read(0, 1 << 16);
  EXPECT_EQ(all.size(), 102u);
  std::multiset<std::string> names;
  uint64_t cookie = 0;
  bool more = true;
  while (more) {
    const std::vector<Entry> part = Read(cookie, 256, &more);
    for (const Entry& entry : part) names.insert(entry.name);
    if (more) {
      ASSERT_FALSE(part.empty());
      cookie = part.back().next;
    }
  }
  EXPECT_EQ(names.size(), 102u);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 102u);
  for (size_t i = 0; i < all.size(); ++i) {
    const std::vector<Entry> rest = Read(all[i].next, 1 << 16);
    EXPECT_EQ(rest.size(), all.size() - i - 1);
  }
}

TEST_F(FdDirectoryTest, TheLastEntryIsCutWhereTheBufferEnds) {
  for (uint32_t size = 0; size < 49; ++size) {
    EXPECT_ERRNO(guest_.Call("fd_readdir", {3, buffer_, size, 0, used_at_}),
                 kSuccess);
    EXPECT_EQ(guest_.Get32(used_at_), size);
  }
  // "." is 25 bytes, ".." 26: all of it, and the end can be seen.
  Read(0, 51);
  EXPECT_EQ(guest_.Get32(used_at_), 51u);
  Read(0, 52);
  EXPECT_EQ(guest_.Get32(used_at_), 51u);
}

TEST_F(FdDirectoryTest, RemovingWhileReadingMissesNothing) {
  std::set<std::string> left;
  for (int i = 0; i < 200; ++i) {
    left.insert("file." + std::to_string(i));
    directory_.WriteFile("file." + std::to_string(i), "");
  }
  uint64_t cookie = 0;
  bool more = true;
  while (more) {
    const std::vector<Entry> part = Read(cookie, 300, &more);
    ASSERT_FALSE(part.empty());
    cookie = part.back().next;
    for (const Entry& entry : part) {
      if (entry.name.starts_with(".")) continue;
      EXPECT_EQ(left.erase(entry.name), 1u);
      EXPECT_ERRNO(guest_.AtPath("path_unlink_file", 3, entry.name), kSuccess);
    }
    // What is read next does not depend on what is in memory.
    guest_.Restart();
  }
  EXPECT_TRUE(left.empty());
}

TEST_F(FdDirectoryTest, CookiesStayGoodWhileTheDirectoryChanges) {
  for (int i = 0; i < 50; ++i) {
    directory_.WriteFile("old." + std::to_string(i), "");
  }
  std::multiset<std::string> seen;
  uint64_t cookie = 0;
  bool more = true;
  for (int round = 0; more; ++round) {
    const std::vector<Entry> part = Read(cookie, 200, &more);
    ASSERT_FALSE(part.empty());
    cookie = part.back().next;
    for (const Entry& entry : part) {
      if (entry.name.starts_with("old.")) seen.insert(entry.name);
    }
    directory_.WriteFile("new." + std::to_string(round), "");
    guest_.Restart();
  }
  EXPECT_EQ(seen.size(), 50u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 50u);
}

TEST_F(FdDirectoryTest, StartingAgainSeesWhatIsNew) {
  bool more = false;
  EXPECT_EQ(Read(0, 40, &more).size(), 1u);
  EXPECT_TRUE(more);
  directory_.WriteFile("file", "");
  EXPECT_EQ(Read(0, 1024).size(), 3u);
}

TEST_F(FdDirectoryTest, ADirectoryThatIsGoneIsEmpty) {
  directory_.MakeDirectory("dir");
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t dir,
                             guest_.OpenDirectory(3, "dir"));
  EXPECT_ERRNO(guest_.AtPath("path_remove_directory", 3, "dir"), kSuccess);
  EXPECT_EQ(Read(0, 1024, nullptr, dir).size(), 2u);
}

TEST_F(FdDirectoryTest, Refuses) {
  directory_.WriteFile("file", "");
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t file, guest_.Open(3, "file"));
  EXPECT_ERRNO(guest_.Call("fd_readdir", {file, buffer_, 9, 0, used_at_}),
               kNotdir);
  EXPECT_ERRNO(guest_.Call("fd_readdir", {1, buffer_, 9, 0, used_at_}),
               kNotdir);
  EXPECT_ERRNO(guest_.Call("fd_readdir", {99, buffer_, 9, 0, used_at_}), kBadf);
  EXPECT_ERRNO(
      guest_.Call("fd_readdir", {3, TestGuest::kBadPointer, 9, 0, used_at_}),
      kFault);
  EXPECT_ERRNO(
      guest_.Call("fd_readdir", {3, buffer_, 9, 0, TestGuest::kBadPointer}),
      kFault);
  EXPECT_ERRNO(guest_.Call("fd_readdir", {3, buffer_, 0xffffffff, 0, used_at_}),
               kFault);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t bare,
                             guest_.Open(3, ".", {.base = 0}));
  EXPECT_ERRNO(guest_.Call("fd_readdir", {bare, buffer_, 9, 0, used_at_}),
               kNotCapable);
}

// Cookies live in guest memory: the order must never change.
TEST(DirectoryListingTest, PositionsOfNames) {
  EXPECT_EQ(DirectoryPosition("file"), 1899684444511955907u);
  EXPECT_EQ(DirectoryPosition("a"), 0xE6C632B61E964E1Fu >> 1);
  EXPECT_EQ(DirectoryPosition("a longer name, of more than sixteen bytes"),
            6263352583306786472u);
}

}  // namespace
}  // namespace wasmd::wasi
