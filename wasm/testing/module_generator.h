// A valid module out of any bytes, for differential tests: whatever runs it has
// to compute the same. Its code has every numeric, vector and memory
// instruction, control, calls of all kinds, tables, segments, exceptions and
// objects. Loops are counted and calls have a budget, so that it always ends.
//
// Exports "run": [] -> [i32 i64 f32 f64 v128], to be called more than once, and
// everything that it can change. Imports "host" "mix": [i32 i64] -> [i64].

#ifndef WASMD_WASM_TESTING_MODULE_GENERATOR_H_
#define WASMD_WASM_TESTING_MODULE_GENERATOR_H_

#include <cstdint>
#include <span>
#include <vector>

namespace wasmd::testing {

std::vector<uint8_t> GenerateModule(std::span<const uint8_t> bytes);

}  // namespace wasmd::testing

#endif  // WASMD_WASM_TESTING_MODULE_GENERATOR_H_
