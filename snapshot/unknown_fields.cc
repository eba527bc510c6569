#include "snapshot/unknown_fields.h"

#include <algorithm>

#include "google/protobuf/message_lite.h"

namespace wasmd {
namespace {

// The lite runtime keeps unknown fields but has no accessor in proto3.
class Fields : public google::protobuf::MessageLite {
 public:
  static bool AnyUnknown(const MessageLite& message) {
    return (message.*&Fields::_internal_metadata_).have_unknown_fields();
  }
};

// An overload for each message that has messages inside it, the inner ones
// first, and this one for the others. Without reflection nothing finds them,
// but restore_damage_test looks at every message of the schema.
bool Unknown(const google::protobuf::MessageLite& message) {
  return Fields::AnyUnknown(message);
}

template <typename Repeated>
bool AnyUnknown(const Repeated& messages);

bool Unknown(const snapshot::DefinedType& type) {
  return Fields::AnyUnknown(type) || Unknown(type.signature()) ||
         Unknown(type.module());
}

bool Unknown(const snapshot::Instance& instance) {
  return Fields::AnyUnknown(instance) || AnyUnknown(instance.elements());
}

bool Unknown(const snapshot::HostFunction& function) {
  return Fields::AnyUnknown(function) || Unknown(function.type());
}

bool Unknown(const snapshot::Heap& heap) {
  return Fields::AnyUnknown(heap) || AnyUnknown(heap.types());
}

bool Unknown(const snapshot::Outcome& outcome) {
  return Fields::AnyUnknown(outcome) || Unknown(outcome.trap());
}

bool Unknown(const snapshot::Thread& thread) {
  return Fields::AnyUnknown(thread) || AnyUnknown(thread.frames()) ||
         Unknown(thread.pending_call()) || Unknown(thread.outcome());
}

template <typename Repeated>
bool AnyUnknown(const Repeated& messages) {
  return std::any_of(messages.begin(), messages.end(),
                     [](const auto& message) { return Unknown(message); });
}

}  // namespace

bool HasUnknownFields(const snapshot::State& state) {
  return Fields::AnyUnknown(state) || AnyUnknown(state.types()) ||
         AnyUnknown(state.instances()) || AnyUnknown(state.host_functions()) ||
         AnyUnknown(state.tables()) || AnyUnknown(state.memories()) ||
         Unknown(state.thread()) || Unknown(state.limits()) ||
         AnyUnknown(state.host_state()) || Unknown(state.heap());
}

}  // namespace wasmd
