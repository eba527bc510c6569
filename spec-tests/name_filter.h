// NameFilter: a POSIX extended regular expression that file names are searched
// for. Movable; thread-safe.

#ifndef WASMD_SPEC_TESTS_NAME_FILTER_H_
#define WASMD_SPEC_TESTS_NAME_FILTER_H_

#include <regex.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace wasmd::spec {

class NameFilter {
 public:
  // InvalidArgument, saying what is wrong with it, for a bad expression.
  static absl::StatusOr<NameFilter> Create(const std::string& expression);

  bool Matches(const std::string& name) const;

 private:
  struct Free {
    void operator()(regex_t* regex) const;
  };
  std::unique_ptr<regex_t, Free> regex_;
};

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_NAME_FILTER_H_
