// MachineStack: the memory of a thread's frames: value slots, and call records.
// One reservation of address space, whose pages cost nothing until they are
// touched. Confined to one thread at a time.

#ifndef WASMD_INTERP_MACHINE_STACK_H_
#define WASMD_INTERP_MACHINE_STACK_H_

#include <cstddef>
#include <cstdint>

#include "interp/exec/context.h"
#include "interp/slot.h"

namespace wasmd {

class MachineStack {
 public:
  // At least kMinBytes of slots are made.
  explicit MachineStack(uint64_t slot_bytes);
  ~MachineStack();
  MachineStack(const MachineStack&) = delete;
  MachineStack& operator=(const MachineStack&) = delete;

  // The red zone, and the results of any host function called from outside.
  static constexpr uint64_t kMinBytes = uint64_t{64} << 10;
  static constexpr uint64_t kMaxBytes = uint64_t{1} << 36;

  Slot* slots() const { return static_cast<Slot*>(base_); }
  Slot* slots_end() const { return slots() + slot_count_; }
  // Room for every call that fits the slots: each takes at least one slot and
  // at most two records.
  CallRecord* records() const {
    return reinterpret_cast<CallRecord*>(slots_end());
  }

 private:
  void* base_ = nullptr;
  size_t size_bytes_ = 0;
  size_t slot_count_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_MACHINE_STACK_H_
