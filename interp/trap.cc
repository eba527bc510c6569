#include "interp/trap.h"

#include "base/str_cat.h"

namespace wasmd {

std::string_view Message(TrapKind kind) {
  switch (kind) {
#define TRAP(name, message) \
  case TrapKind::k##name:   \
    return message;
#include "interp/traps.def"
  }
  return "unknown trap";
}

std::string_view Name(TrapKind kind) {
  switch (kind) {
#define TRAP(name, message) \
  case TrapKind::k##name:   \
    return #name;
#include "interp/traps.def"
  }
  return "Unknown";
}

std::string ToString(const Trap& trap) {
  if (trap.detail.empty()) return std::string(Message(trap.kind));
  return StrCat(Message(trap.kind), ": ", trap.detail);
}

}  // namespace wasmd
