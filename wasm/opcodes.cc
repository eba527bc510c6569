#include "wasm/opcodes.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/check.h"

namespace wasmd {
namespace {

constexpr std::array<OpcodeInfo, kOpcodeCount> kInfos = {{
#define OPCODE(name, prefix, code, mnemonic, immediates, signature, \
               access_bytes, flags, feature, anchor)                \
  {mnemonic,                                                        \
   signature,                                                       \
   code,                                                            \
   flags,                                                           \
   prefix,                                                          \
   access_bytes,                                                    \
   Immediates::immediates,                                          \
   Feature::feature},
#include "wasm/opcodes.def"
}};

// The specification's index of instructions has this many.
static_assert(kOpcodeCount == 499);

constexpr bool IsSortedAndUnique() {
  for (size_t i = 1; i < kInfos.size(); ++i) {
    const OpcodeInfo& a = kInfos[i - 1];
    const OpcodeInfo& b = kInfos[i];
    if (a.prefix > b.prefix) return false;
    if (a.prefix == b.prefix && a.code >= b.code) return false;
  }
  return true;
}
static_assert(IsSortedAndUnique(), "opcodes.def must be sorted, without twins");

// Opcodes in the order of their mnemonics; of twins the first comes first.
constexpr std::array<uint16_t, kOpcodeCount> SortByMnemonic() {
  std::array<uint16_t, kOpcodeCount> order{};
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<uint16_t>(i);
  }
  std::sort(order.begin(), order.end(), [](uint16_t a, uint16_t b) {
    const int c = kInfos[a].mnemonic.compare(kInfos[b].mnemonic);
    return c < 0 || (c == 0 && a < b);
  });
  return order;
}
constexpr std::array<uint16_t, kOpcodeCount> kByMnemonic = SortByMnemonic();

}  // namespace

const OpcodeInfo& InfoOf(Opcode opcode) {
  DCHECK(static_cast<size_t>(opcode) < kInfos.size());
  return kInfos[static_cast<size_t>(opcode)];
}

std::optional<Opcode> FindOpcode(uint8_t prefix, uint32_t code) {
  const auto at = std::lower_bound(
      kInfos.begin(), kInfos.end(), 0,
      [prefix, code](const OpcodeInfo& a, int) {
        return a.prefix < prefix || (a.prefix == prefix && a.code < code);
      });
  if (at == kInfos.end() || at->prefix != prefix || at->code != code) {
    return std::nullopt;
  }
  return static_cast<Opcode>(at - kInfos.begin());
}

std::optional<Opcode> FindOpcode(std::string_view mnemonic) {
  const auto at = std::lower_bound(
      kByMnemonic.begin(), kByMnemonic.end(), mnemonic,
      [](uint16_t a, std::string_view b) { return kInfos[a].mnemonic < b; });
  if (at == kByMnemonic.end() || kInfos[*at].mnemonic != mnemonic) {
    return std::nullopt;
  }
  return static_cast<Opcode>(*at);
}

}  // namespace wasmd
