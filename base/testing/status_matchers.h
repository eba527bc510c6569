// GoogleTest matchers for absl::Status and absl::StatusOr.
//
//   ASSERT_OK(db.Commit(batch));
//   ASSERT_OK_AND_ASSIGN(Module module, Decode(bytes));
//   EXPECT_THAT(Decode(bad), StatusIs(absl::StatusCode::kInvalidArgument,
//                                     HasSubstr("at byte 8")));

#ifndef WASMD_BASE_TESTING_STATUS_MATCHERS_H_
#define WASMD_BASE_TESTING_STATUS_MATCHERS_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace wasmd::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, "is OK") {
  const absl::Status& status = StatusOf(arg);
  if (status.ok()) return true;
  *result_listener << status.ToString();
  return false;
}

MATCHER_P2(StatusIsImpl, code, message, "") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         ::testing::ExplainMatchResult(message, std::string(status.message()),
                                       result_listener);
}

template <typename Message>
auto StatusIs(absl::StatusCode code, Message message) {
  return StatusIsImpl(code, message);
}

inline auto StatusIs(absl::StatusCode code) {
  return StatusIsImpl(code, ::testing::_);
}

}  // namespace wasmd::testing

#define ASSERT_OK(expression) \
  ASSERT_THAT((expression), ::wasmd::testing::IsOk())
#define EXPECT_OK(expression) \
  EXPECT_THAT((expression), ::wasmd::testing::IsOk())

#define WASMD_TEST_CONCAT_(a, b) a##b
#define WASMD_TEST_NAME_(a, b) WASMD_TEST_CONCAT_(a, b)
#define ASSERT_OK_AND_ASSIGN(declaration, expression)                       \
  WASMD_ASSERT_OK_AND_ASSIGN_(WASMD_TEST_NAME_(wasmd_status_or_, __LINE__), \
                              declaration, expression)
#define WASMD_ASSERT_OK_AND_ASSIGN_(holder, declaration, expression) \
  auto holder = (expression);                                        \
  ASSERT_TRUE(holder.ok()) << holder.status().ToString();            \
  declaration = std::move(holder).value()

#endif  // WASMD_BASE_TESTING_STATUS_MATCHERS_H_
