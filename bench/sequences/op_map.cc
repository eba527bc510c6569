#include "bench/sequences/op_map.h"

#include <cxxabi.h>
#include <dlfcn.h>

#include <bit>
#include <cstdlib>

#include "absl/strings/str_replace.h"
#include "base/check.h"
#include "base/str_cat.h"

// Of the linker: where this program's code is.
extern "C" {
extern const char __executable_start;
extern const char etext;
}

namespace wasmd {
namespace {

// The fields of an op are small numbers and immediates; only a handler is an
// address in this program's code.
bool IsHandler(const CodeUnit* at) {
  const Handler handler = at[0] | Handler{at[1]} << 32;
  return handler >= std::bit_cast<Handler>(&__executable_start) &&
         handler < std::bit_cast<Handler>(&etext);
}

// "?" for a handler that the program does not export: one that is used in a
// single file, so that no sequence can have it.
std::string NameOf(Handler handler) {
  Dl_info info;
  if (dladdr(std::bit_cast<void*>(handler), &info) == 0 ||
      info.dli_sname == nullptr ||
      std::bit_cast<Handler>(info.dli_saddr) != handler) {
    return "?";
  }
  // "Tn" and a type, before arguments that are values, is newer than the
  // demangler of the C++ runtime library. "Da" is auto.
  const std::string mangled =
      absl::StrReplaceAll(info.dli_sname, {{"TnDa", ""}});
  int status = 0;
  char* const name =
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status);
  if (name == nullptr) return "?";
  std::string copy(name);
  std::free(name);
  return copy;
}

}  // namespace

const OpMap::Op* OpMap::Find(const CodeUnit* at) {
  const auto found = by_position_.find(at);
  if (found != by_position_.end()) return found->second;
  const FunctionCode* const function = module_->Find(at);
  // A stub is not in code, and has none until the function is translated.
  if (function == nullptr || at == function->stub) return nullptr;
  CHECK(!functions_.contains(function->function_index));
  TakeApart(*function);
  return by_position_.at(at);
}

void OpMap::TakeApart(const FunctionCode& function) {
  const Translation& translation = *function.translation;
  const CodeUnit* const code = translation.code.get();
  std::vector<Op>& ops = functions_[function.function_index];
  for (uint32_t at = 0; at < translation.code_units;) {
    uint32_t end = at + kHandlerUnits;
    // The last unit cannot begin a handler.
    while (end < translation.code_units &&
           (end + 1 == translation.code_units || !IsHandler(code + end))) {
      ++end;
    }
    ops.push_back({code + at, function.function_index, at, end - at, nullptr});
    at = end;
  }
  for (size_t i = 0; i < ops.size(); ++i) {
    if (i + 1 < ops.size()) ops[i].after = &ops[i + 1];
    by_position_.emplace(ops[i].at, &ops[i]);
  }
}

bool OpMap::IsBranch(const Op& op) const {
  const HandlerSet& handlers = *module_->backend().handlers;
  return op.handler() == handlers.of(SimpleOp::kBranch) ||
         op.handler() == handlers.of(SimpleOp::kBranchBack);
}

const OpMap::Op* OpMap::After(const Op& op) {
  if (!IsBranch(op)) return op.after;
  return Find(op.at + static_cast<int32_t>(op.at[kHandlerUnits]));
}

void OpMap::AppendText(std::string* text) const {
  std::unordered_map<Handler, size_t> kinds;
  std::string code;
  for (const auto& [index, ops] : functions_) {
    StrAppend(&code, "function ", index, "\n");
    for (const Op& op : ops) {
      const auto [kind, is_new] = kinds.emplace(op.handler(), kinds.size());
      if (is_new) {
        StrAppend(text, "kind ", kind->second, " ", NameOf(op.handler()), "\n");
      }
      StrAppend(&code, "op ", op.position, " ", kind->second);
      for (uint32_t i = kHandlerUnits; i < op.units; ++i) {
        StrAppend(&code, " ", static_cast<int32_t>(op.at[i]));
      }
      StrAppend(&code, "\n");
    }
  }
  StrAppend(text, code);
}

}  // namespace wasmd
