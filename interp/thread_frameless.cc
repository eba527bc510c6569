// Threads without frames, saved and restored: Thread::frameless_state and
// RestoreFrameless.

#include "base/check.h"
#include "base/str_cat.h"
#include "interp/thread_impl.h"

namespace wasmd {

std::optional<FramelessState> Thread::frameless_state() const {
  const Impl& impl = *impl_;
  CHECK(impl.state == ThreadState::kRunnable);
  const FunctionType& type = impl.TypeOf(impl.entry);
  const Slot* const slots = impl.stack.slots();
  if (impl.calls_host_entry) {
    return FramelessState{false, impl.ReadValues(type.params, slots)};
  }
  if (impl.AtExit()) {
    return FramelessState{true, impl.ReadValues(type.results, slots)};
  }
  return std::nullopt;
}

absl::Status Thread::RestoreFrameless(FuncAddr function,
                                      const FramelessState& state) {
  Impl& impl = *impl_;
  CHECK(impl.state == ThreadState::kIdle);
  if (function >= impl.store.function_count()) {
    return absl::DataLossError(StrCat("there is no function ", function));
  }
  const FunctionInstance& record = impl.store.function(function);
  if (!state.is_answered && record.host == nullptr) {
    return absl::DataLossError("no frames, and no call of a host function");
  }
  const FunctionType& type = impl.TypeOf(function);
  const std::vector<ValueType>& types =
      state.is_answered ? type.results : type.params;
  if (state.values.size() != types.size()) {
    return absl::DataLossError(StrCat("no frames, and ", state.values.size(),
                                      " values, not ", types.size()));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (!impl.Accepts(record.instance, types[i], state.values[i])) {
      return absl::DataLossError(StrCat(
          "no frames, and value ", i, " is not of type ", ToString(types[i])));
    }
  }
  impl.entry = function;
  impl.Reset(record);
  Impl::WriteValues(state.values, impl.stack.slots());
  impl.calls_host_entry = !state.is_answered;
  impl.state = ThreadState::kRunnable;
  return absl::OkStatus();
}

}  // namespace wasmd
