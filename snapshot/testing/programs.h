// Programs for tests of snapshots: between them they stop in every kind of
// place, with every kind of value at hand. Each calls on the host, whose
// answers depend on nothing but the call, or ends by itself.

#ifndef WASMD_SNAPSHOT_TESTING_PROGRAMS_H_
#define WASMD_SNAPSHOT_TESTING_PROGRAMS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "interp/frame.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/value.h"
#include "snapshot/snapshot.h"
#include "snapshot/testing/test_process.h"

namespace wasmd::testing {

// Instance "m" has an export "run".
struct Program {
  std::string_view name;
  std::string_view wat;
  std::vector<Value> arguments;
  std::string_view outcome;  // "i32:7 " or "trap unreachable"
  // Another instance, made first; may be imported from as "lib".
  std::string_view lib = "";
};
std::vector<Program> AllPrograms();
void PrintTo(const Program& program, std::ostream* out);

// Golden snapshots record these limits: never change them.
inline constexpr StoreLimits kGoldenStoreLimits = {
    .max_memory_bytes = 1 << 20,
    .max_table_elements = 100,
    .max_all_table_elements = 1000,
    .max_heap_bytes = 1 << 16,
    .max_all_memory_bytes = uint64_t{16} << 30,
};
inline constexpr ThreadLimits kGoldenThreadLimits = {.stack_bytes = 1 << 16};

// Makes instances and thread; the call of "run" is set up.
void Start(const Program& program, const ThreadLimits& limits,
           TestProcess& process);

// The host's side. `function` is the name of a function of "host".
std::vector<Value> AnswerOf(std::string_view function, const PendingCall& call);

// Runs the thread to its end and says what it asked of the host and its
// outcome. Stops after every `fuel` units where that is given, at
// every host call and after every answer: `stop` is called there and may
// replace the process.
std::string RunToEnd(RestoredProcess& process, std::optional<uint64_t> fuel,
                     const std::function<void()>& stop);

// One step of RunToEnd: until the next stop. What was asked of the host.
std::string Step(RestoredProcess& process, std::optional<uint64_t> fuel);

// How the thread, which is finished, ended.
std::string OutcomeOf(const Thread& thread);

}  // namespace wasmd::testing

#endif  // WASMD_SNAPSHOT_TESTING_PROGRAMS_H_
