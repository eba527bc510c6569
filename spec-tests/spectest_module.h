// The host module "spectest" that scripts of the test suite import (spec
// repository, interpreter/README.md, "Spectest host module").

#ifndef WASMD_SPEC_TESTS_SPECTEST_MODULE_H_
#define WASMD_SPEC_TESTS_SPECTEST_MODULE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "interp/host_function.h"
#include "interp/module_instance.h"
#include "interp/store.h"

namespace wasmd::spec {

using Externs = std::map<std::string, ExternValue>;

// Allocates the module's functions, globals, tables and memory.
absl::StatusOr<Externs> AddSpectestModule(Store& store);

// One of its functions: they take what they are given and do nothing.
std::unique_ptr<HostFunction> MakePrintFunction();

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_SPECTEST_MODULE_H_
