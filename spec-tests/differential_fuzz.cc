// Fuzz target: bytes to a valid module, which has to run the same in all ways.

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "base/check.h"
#include "base/str_cat.h"
#include "spec-tests/differential.h"
#include "wasm/testing/module_generator.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto log =
      wasmd::spec::CompareRuns(wasmd::testing::GenerateModule({data, size}));
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", wasmd::ToStd(log.status().message()).c_str());
  }
  CHECK(log.ok());
  return 0;
}
