#include "wasm/testing/generated_instructions.h"

#include <map>
#include <string_view>

namespace wasmd::testing {
namespace {

bool IsSimple(const OpcodeInfo& info) {
  switch (info.immediates) {
    case Immediates::kNone:
    case Immediates::kMemArg:
    case Immediates::kMemArgLane:
    case Immediates::kLane:
    case Immediates::kLanes16:
      return true;
    default:
      return false;
  }
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::map<char, std::vector<Opcode>> AllByResult() {
  std::map<char, std::vector<Opcode>> all;
  for (int i = 0; i < kOpcodeCount; ++i) {
    const Opcode opcode = static_cast<Opcode>(i);
    const OpcodeInfo& info = InfoOf(opcode);
    if (info.signature == "*" || !IsSimple(info)) continue;
    if (info.signature.front() == ':') continue;
    // A conversion that traps does so for most operands.
    if ((info.flags & kTraps) && info.access_bytes == 0 &&
        !IsDivision(opcode)) {
      continue;
    }
    all[info.signature.back()].push_back(opcode);
  }
  return all;
}

}  // namespace

const std::vector<Opcode>& InstructionsWithResult(char letter) {
  static const auto* const all =
      new std::map<char, std::vector<Opcode>>(AllByResult());
  return all->at(letter);
}

bool IsDivision(Opcode opcode) {
  const OpcodeInfo& info = InfoOf(opcode);
  return (info.flags & kTraps) &&
         (Contains(info.mnemonic, ".div_") || Contains(info.mnemonic, ".rem_"));
}

uint32_t LanesOf(Opcode opcode) {
  const OpcodeInfo& info = InfoOf(opcode);
  if (info.immediates == Immediates::kMemArgLane)
    return 16u / info.access_bytes;
  if (info.immediates != Immediates::kLane) return 0;
  for (const uint32_t lanes : {16, 8, 4, 2}) {
    const std::string_view shape = lanes == 16  ? "x16."
                                   : lanes == 8 ? "x8."
                                   : lanes == 4 ? "x4."
                                                : "x2.";
    if (Contains(info.mnemonic, shape)) return lanes;
  }
  return 0;
}

}  // namespace wasmd::testing
