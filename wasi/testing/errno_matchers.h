// GoogleTest and Errno: names in messages, and values of ErrnoOr.
//
//   EXPECT_ERRNO(guest.Close(9), kBadf);
//   ASSERT_OK_ERRNO_AND_ASSIGN(uint32_t fd, guest.Open(3, "file"));

#ifndef WASMD_WASI_TESTING_ERRNO_MATCHERS_H_
#define WASMD_WASI_TESTING_ERRNO_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <utility>

#include "wasi/errno.h"

namespace wasmd::wasi {

inline void PrintTo(Errno errno_value, std::ostream* out) {
  *out << NameOf(errno_value);
}

inline Errno ErrorOf(Errno errno_value) { return errno_value; }
template <typename T>
Errno ErrorOf(const ErrnoOr<T>& value) {
  return value.error();
}

}  // namespace wasmd::wasi

#define EXPECT_ERRNO(expression, name) \
  EXPECT_EQ(::wasmd::wasi::ErrorOf(expression), ::wasmd::wasi::Errno::name)
#define ASSERT_ERRNO(expression, name) \
  ASSERT_EQ(::wasmd::wasi::ErrorOf(expression), ::wasmd::wasi::Errno::name)
// One of two.
#define EXPECT_ERRNO_2(expression, first, second)           \
  EXPECT_THAT(::wasmd::wasi::ErrorOf(expression),           \
              ::testing::AnyOf(::wasmd::wasi::Errno::first, \
                               ::wasmd::wasi::Errno::second))

#define WASI_TEST_CONCAT_(a, b) a##b
#define WASI_TEST_NAME_(a, b) WASI_TEST_CONCAT_(a, b)
#define ASSERT_OK_ERRNO_AND_ASSIGN(declaration, expression)         \
  ASSERT_OK_ERRNO_AND_ASSIGN_(WASI_TEST_NAME_(errno_or_, __LINE__), \
                              declaration, expression)
#define ASSERT_OK_ERRNO_AND_ASSIGN_(holder, declaration, expression) \
  auto holder = (expression);                                        \
  ASSERT_TRUE(holder.ok()) << ::wasmd::wasi::NameOf(holder.error()); \
  declaration = std::move(*holder)

#endif  // WASMD_WASI_TESTING_ERRNO_MATCHERS_H_
