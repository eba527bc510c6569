// For test suites that run with every dispatch back end:
//
//   class CallTest : public BackendTest {};
//   TEST_P(CallTest, Recursion) { Machine machine(backend()); ... }
//   WASMD_FOR_EACH_BACKEND(CallTest);

#ifndef WASMD_INTERP_TESTING_BACKENDS_H_
#define WASMD_INTERP_TESTING_BACKENDS_H_

#include <gtest/gtest.h>

#include <string>

#include "interp/exec/backend.h"

namespace wasmd::testing {

class BackendTest : public ::testing::TestWithParam<const Backend*> {
 protected:
  const Backend& backend() const { return *GetParam(); }
};

}  // namespace wasmd::testing

#define WASMD_FOR_EACH_BACKEND(suite)                                       \
  INSTANTIATE_TEST_SUITE_P(                                                 \
      , suite,                                                              \
      ::testing::Values(&::wasmd::DefaultBackend(),                         \
                        &::wasmd::PlainLoopBackend()),                      \
      [](const auto& test_info) {                                           \
        return std::string(test_info.index == 0 ? "Default" : "PlainLoop"); \
      })

#endif  // WASMD_INTERP_TESTING_BACKENDS_H_
