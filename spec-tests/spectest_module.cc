#include "spec-tests/spectest_module.h"

#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "interp/value.h"
#include "wasm/types.h"

namespace wasmd::spec {
namespace {

class PrintFunction : public HostFunction {
 public:
  HostResult Call(HostCall&) override { return HostResult::kReturn; }
};

}  // namespace

std::unique_ptr<HostFunction> MakePrintFunction() {
  return std::make_unique<PrintFunction>();
}

absl::StatusOr<Externs> AddSpectestModule(Store& store) {
  Externs externs;
  const std::vector<std::pair<std::string, std::vector<ValueType>>> functions =
      {{"print", {}},
       {"print_i32", {kI32Type}},
       {"print_i64", {kI64Type}},
       {"print_f32", {kF32Type}},
       {"print_f64", {kF64Type}},
       {"print_i32_f32", {kI32Type, kF32Type}},
       {"print_f64_f64", {kF64Type, kF64Type}}};
  for (const auto& [name, params] : functions) {
    externs[name] = {
        ExternKind::kFunction,
        store.AddHostFunction(FunctionType{params, {}}, MakePrintFunction(),
                              HostFunctionInfo{"spectest", name})};
  }
  const std::vector<std::pair<std::string, Value>> globals = {
      {"global_i32", I32Value(666)},
      {"global_i64", I64Value(666)},
      {"global_f32", F32Value(666.6f)},
      {"global_f64", F64Value(666.6)}};
  for (const auto& [name, value] : globals) {
    const GlobalType type{value.type, /*is_mutable=*/false};
    externs[name] = {ExternKind::kGlobal, store.AddGlobal(type, value)};
  }
  TableType table{kFuncRefType, Limits{10, 20}, AddressType::kI32};
  ASSIGN_OR_RETURN(const TableAddr table32,
                   store.AddTable(table, kNullReference));
  externs["table"] = {ExternKind::kTable, table32};
  table.address = AddressType::kI64;
  ASSIGN_OR_RETURN(const TableAddr table64,
                   store.AddTable(table, kNullReference));
  externs["table64"] = {ExternKind::kTable, table64};
  MemoryType memory;
  memory.limits = Limits{1, 2};
  ASSIGN_OR_RETURN(const MemAddr memory_address, store.AddMemory(memory));
  externs["memory"] = {ExternKind::kMemory, memory_address};
  return externs;
}

}  // namespace wasmd::spec
