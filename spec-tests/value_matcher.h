// Arguments of scripts as values, and results against their patterns.

#ifndef WASMD_SPEC_TESTS_VALUE_MATCHER_H_
#define WASMD_SPEC_TESTS_VALUE_MATCHER_H_

#include <string>

#include "interp/store.h"
#include "interp/value.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {

// External references by number are host references with it as handle. A null
// gets the bottom type of its hierarchy, which every parameter takes.
Value ToValue(const WastValue& value);

// True if `value`, a result in `store`, is what the pattern says. Concrete
// types in value.type are TypeIds of the store.
bool Matches(const Store& store, const WastPattern& pattern,
             const Value& value);

// For messages: "f32:nan:canonical", "(ref.func)".
std::string ToString(const WastPattern& pattern);

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_VALUE_MATCHER_H_
