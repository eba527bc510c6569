// What the interpreter's phases cost: decode, validate, translate (bytes of
// binary a second, on a module of many functions or on the file that
// WASMD_BENCHMARK_MODULE names), instantiate, and run: a loop, calls of every
// kind. "plain" is the plain loop, the back end of compilers without tail
// calls.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/str_cat.h"
#include "interp/exec/backend.h"
#include "interp/host_function.h"
#include "interp/instantiate.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "interp/translated_module.h"
#include "interp/value.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

// What is called and looped over below. Each export takes a count.
constexpr std::string_view kPrograms = R"((module
  (import "host" "f" (func $host (param i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (memory 1)
  (table funcref (elem $next))
  (func $next (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func (export "loop") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31))
                             (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func (export "memory") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (i32.store offset=16 (i32.and (local.get $n) (i32.const 4092))
        (i32.add (i32.load offset=16
                   (i32.and (local.get $n) (i32.const 4092)))
                 (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load offset=16 (i32.const 0)))
  (func (export "call") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (call $next (local.get $x)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func (export "call_indirect") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (call_indirect (type $unary) (local.get $x)
                                                 (i32.const 0)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  (func (export "call_host") (param $n i32) (result i32) (local $x i32)
    (loop $l
      (local.set $x (call $host (local.get $x)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))))";

class Successor : public HostFunction {
 public:
  HostResult Call(HostCall& call) override {
    call.results[0] = static_cast<uint32_t>(call.arguments[0] + 1);
    return HostResult::kReturn;
  }
};

std::vector<uint8_t> Binary(std::string_view text) {
  auto binary = ParseWat(text);
  CHECK(binary.ok());
  return *std::move(binary);
}

// Many functions of ordinary code.
std::vector<uint8_t> BigModule() {
  if (const char* path = std::getenv("WASMD_BENCHMARK_MODULE")) {
    std::ifstream file(path, std::ios::binary);
    CHECK(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string text = "(module (memory 1)\n";
  for (int i = 0; i < 500; ++i) {
    StrAppend(&text, R"(
      (func (param $p i32) (param $n i32) (result f64)
        (local $i i32) (local $x f64)
        (block $done (loop $next
          (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
          (local.set $x (f64.add (local.get $x) (f64.mul
            (f64.load offset=8 (i32.add (local.get $p)
              (i32.shl (local.get $i) (i32.const 3))))
            (f64.const 0.5))))
          (if (i32.eqz (i32.and (local.get $i) (i32.const 7))) (then
            (i32.store (local.get $p) (i32.add (local.get $i)
              (i32.const )",
              i, R"()))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next)))
        (f64.add (local.get $x) (call )",
              i, R"( (local.get $p)
          (i32.sub (local.get $n) (i32.const 1))))))");
  }
  StrAppend(&text, ")");
  return Binary(text);
}

std::shared_ptr<const Module> Decoded(std::vector<uint8_t> bytes) {
  auto module = Decode(std::move(bytes));
  CHECK(module.ok());
  return *std::move(module);
}

void BM_Decode(benchmark::State& state) {
  const std::vector<uint8_t> bytes = BigModule();
  for (auto _ : state) benchmark::DoNotOptimize(Decoded(bytes));
  state.SetBytesProcessed(static_cast<int64_t>(bytes.size()) *
                          state.iterations());
}
BENCHMARK(BM_Decode);

void BM_Validate(benchmark::State& state) {
  const std::vector<uint8_t> bytes = BigModule();
  const std::shared_ptr<const Module> module = Decoded(bytes);
  for (auto _ : state) CHECK(Validate(*module).ok());
  state.SetBytesProcessed(static_cast<int64_t>(bytes.size()) *
                          state.iterations());
}
BENCHMARK(BM_Validate);

void BM_Translate(benchmark::State& state) {
  const std::vector<uint8_t> bytes = BigModule();
  const std::shared_ptr<const Module> module = Decoded(bytes);
  CHECK(Validate(*module).ok());
  size_t code_bytes = 0;
  for (auto _ : state) {
    const auto translated = TranslatedModule::Create(module);
    for (auto i = module->imported_functions; i < module->functions.size();
         ++i) {
      translated->EnsureTranslated(*translated->function(i));
    }
    code_bytes = translated->code_bytes();
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes.size()) *
                          state.iterations());
  state.counters["code_per_wasm_byte"] =
      static_cast<double>(code_bytes) / static_cast<double>(bytes.size());
}
BENCHMARK(BM_Translate);

// A Store with an instance of kPrograms.
struct Programs {
  explicit Programs(const Backend& backend)
      : translated(
            TranslatedModule::Create(Decoded(Binary(kPrograms)), &backend)) {
    CHECK(Validate(translated->module()).ok());
    const FunctionType type = {{kI32Type}, {kI32Type}};
    host = {ExternKind::kFunction,
            store.AddHostFunction(type, std::make_unique<Successor>(),
                                  {"host", "f"})};
    instance = Instance();
  }

  ModuleInstance* Instance() {
    auto outcome = Instantiate(store, translated, {host});
    CHECK(outcome.ok());
    return outcome->instance;
  }

  Store store;
  std::shared_ptr<TranslatedModule> translated;
  ExternValue host;
  ModuleInstance* instance = nullptr;
};

void BM_Instantiate(benchmark::State& state) {
  const auto translated =
      TranslatedModule::Create(Decoded(Binary("(module (memory 1) (table 4 "
                                              "funcref) (global i32 (i32.const "
                                              "1)) (func))")));
  CHECK(Validate(translated->module()).ok());
  for (auto _ : state) {
    Store store;
    CHECK(Instantiate(store, translated, std::vector<ExternValue>{}).ok());
  }
}
BENCHMARK(BM_Instantiate);

// Time for one round of an exported loop.
void Run(benchmark::State& state, const Backend& backend,
         std::string_view name) {
  constexpr uint32_t kRounds = 100000;
  Programs programs(backend);
  const std::optional<ExternValue> function =
      programs.instance->FindExport(name);
  CHECK(function.has_value());
  Thread thread(programs.store);
  const std::vector<Value> arguments = {I32Value(kRounds)};
  for (auto _ : state) {
    CHECK(thread.Start(function->address, arguments).ok());
    CHECK(thread.Run() == RunResult::kReturned);
  }
  state.SetItemsProcessed(int64_t{kRounds} * state.iterations());
}

#define FOR_EACH_BACKEND(name)                           \
  BENCHMARK_CAPTURE(Run, name, DefaultBackend(), #name); \
  BENCHMARK_CAPTURE(Run, name##_plain, PlainLoopBackend(), #name)
FOR_EACH_BACKEND(loop);
FOR_EACH_BACKEND(memory);
FOR_EACH_BACKEND(call);
FOR_EACH_BACKEND(call_indirect);
FOR_EACH_BACKEND(call_host);

}  // namespace
}  // namespace wasmd
