#include "wasi/function_table.h"

#include <type_traits>
#include <utility>

#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

// What functions.def calls the types.
struct i32 {
  static constexpr ValueType kType = kI32Type;
};
struct i64 {
  static constexpr ValueType kType = kI64Type;
};
struct none {};

template <typename... T>
struct Columns {
  static std::vector<ValueType> ToTypes() { return {T::kType...}; }
};
template <typename T>
std::vector<ValueType> ResultTypes() {
  if constexpr (std::is_same_v<T, none>) {
    return {};
  } else {
    return {T::kType};
  }
}

Outcome ToOutcome(Errno errno_value) {
  Outcome outcome;
  outcome.errno_value = static_cast<uint16_t>(errno_value);
  return outcome;
}
Outcome ToOutcome(Outcome outcome) { return outcome; }

// What the columns must be for a member function, and the call of it.
template <auto kMember>
struct Member;
template <typename R, typename... A, R (ContextImpl::*kMember)(Caller&, A...)>
struct Member<kMember> {
  using Parameters = Columns<std::conditional_t<sizeof(A) == 8, i64, i32>...>;

  static Outcome Call(ContextImpl& context, Caller& caller,
                      std::span<const Slot> arguments) {
    return CallWith(context, caller, arguments,
                    std::index_sequence_for<A...>());
  }
  template <size_t... kIndex>
  static Outcome CallWith(ContextImpl& context, Caller& caller,
                          std::span<const Slot> arguments,
                          std::index_sequence<kIndex...>) {
    return ToOutcome(
        (context.*kMember)(caller, FromSlot<A>(arguments[kIndex])...));
  }
};

template <auto kMember, typename Result, typename... Declared>
FunctionEntry MakeEntry(std::string_view name, DurabilityRule durability) {
  static_assert(std::is_same_v<typename Member<kMember>::Parameters,
                               Columns<Declared...>>,
                "the types in functions.def and in context_impl.h differ");
  return {.name = name,
          .type = {Columns<Declared...>::ToTypes(), ResultTypes<Result>()},
          .durability = durability,
          .call = &Member<kMember>::Call};
}

}  // namespace

const std::vector<FunctionEntry>& Functions() {
  // Never destroyed: calls may come until the program ends.
  static const auto& table = *new std::vector<FunctionEntry>{
#define WASI_FUNCTION(name, Implementation, durability, result, ...)          \
  MakeEntry<&ContextImpl::Implementation, result __VA_OPT__(, ) __VA_ARGS__>( \
      #name, DurabilityRule::durability),
#include "wasi/functions.def"
  };
  return table;
}

}  // namespace wasmd::wasi
