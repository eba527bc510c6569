// HeldOps: what a loop that holds locals in registers (held_loops.h) has to
// know of its ops. Built once for a back end, then immutable and thread-safe.

#ifndef WASMD_INTERP_CODE_HELD_OPS_H_
#define WASMD_INTERP_CODE_HELD_OPS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace wasmd {

// Locals that a loop can hold.
inline constexpr uint32_t kHeldLocals = 3;

// An op that can be in such a loop.
struct HeldOp {
  using Handler = uint64_t;
  // Bits of a register's number in a key.
  static constexpr uint32_t kKeyBits = 2;

  // A letter for each unit after the handler: 'r' a slot that is read, 'w' one
  // that is written, 'u' one that is updated; 'b' the offset of a branch, which
  // is the last unit; '.' anything else. It names no other slots.
  const char* shape;
  // The handler in such a loop, if none of its slots is held.
  Handler unheld;
  // The handler for those that are. For each field that is a slot, from the
  // first, kKeyBits of `key` are 0, or 1 more than the number of the register
  // that holds it. 0 if there is none; null if there are none at all.
  Handler (*find)(uint32_t key);

  std::string_view letters() const { return shape; }
  Handler Find(uint32_t key) const {
    return key == 0 ? unheld : find != nullptr ? find(key) : 0;
  }
};

constexpr bool IsHeldSlot(char letter) {
  return letter == 'r' || letter == 'w' || letter == 'u';
}

class HeldOps {
 public:
  using Handler = uint64_t;

  HeldOps();
  void Add(Handler op, const HeldOp& held);
  // Null if the op cannot be in such a loop.
  const HeldOp* Find(Handler op) const;

 private:
  struct Entry {
    Handler op;
    HeldOp held;
  };
  static constexpr uint16_t kNone = 0xFFFF;

  // Where the op's number is, or the free place for it.
  size_t PlaceOf(Handler op) const;
  void Grow();

  std::vector<Entry> ops_;
  // Numbers of ops; open addressing, a power of two, at most half full.
  std::vector<uint16_t> places_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_HELD_OPS_H_
