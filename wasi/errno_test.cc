#include "wasi/errno.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "wasi/testing/errno_matchers.h"

namespace wasmd::wasi {
namespace {

TEST(ErrnoTest, NumbersOfTheAbi) {
  EXPECT_EQ(static_cast<int>(Errno::kSuccess), 0);
  EXPECT_EQ(static_cast<int>(Errno::kBadf), 8);
  EXPECT_EQ(static_cast<int>(Errno::kInval), 28);
  EXPECT_EQ(static_cast<int>(Errno::kNoent), 44);
  EXPECT_EQ(static_cast<int>(Errno::kNotCapable), 76);
}

TEST(ErrnoTest, OfTheHost) {
  EXPECT_ERRNO(FromHostErrno(ENOENT), kNoent);
  EXPECT_ERRNO(FromHostErrno(ENOTEMPTY), kNotEmpty);
  EXPECT_ERRNO(FromHostErrno(EWOULDBLOCK), kAgain);
  EXPECT_ERRNO(FromHostErrno(EOPNOTSUPP), kNotsup);
  EXPECT_ERRNO(FromHostErrno(EBADFD), kIo);  // WASI has no such number
}

TEST(ErrnoTest, Names) {
  EXPECT_EQ(NameOf(Errno::kNotCapable), "kNotCapable");
  EXPECT_EQ(NameOf(static_cast<Errno>(999)), "?");
  EXPECT_EQ(Describe(Errno::kNoent), "No such file or directory");
  EXPECT_EQ(Describe(static_cast<Errno>(999)), "Unknown error");
}

TEST(ErrnoOrTest, AValueOrAnError) {
  const ErrnoOr<int> value = 5;
  EXPECT_TRUE(value.ok());
  EXPECT_EQ(*value, 5);
  EXPECT_ERRNO(value, kSuccess);
  const ErrnoOr<int> error = Errno::kIo;
  EXPECT_FALSE(error.ok());
  EXPECT_ERRNO(error, kIo);
}

}  // namespace
}  // namespace wasmd::wasi
