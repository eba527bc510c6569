#include "interp/code/held_ops.h"

#include "base/check.h"

namespace wasmd {
namespace {

// What the tables of today need, so that a start does not build it four times.
constexpr size_t kFirstOps = 3000;
constexpr size_t kFirstPlaces = 8192;

}  // namespace

HeldOps::HeldOps() : places_(kFirstPlaces, kNone) { ops_.reserve(kFirstOps); }

size_t HeldOps::PlaceOf(Handler op) const {
  // Handlers are aligned, so their lowest bits say nothing.
  size_t at = static_cast<size_t>((op >> 4) * 0x9E3779B97F4A7C15ull >> 40);
  for (;; ++at) {
    at &= places_.size() - 1;
    if (places_[at] == kNone || ops_[places_[at]].op == op) return at;
  }
}

void HeldOps::Add(Handler op, const HeldOp& held) {
  const size_t place = PlaceOf(op);
  if (places_[place] != kNone) return;
  CHECK(ops_.size() < kNone);
  places_[place] = static_cast<uint16_t>(ops_.size());
  ops_.push_back({op, held});
  if (ops_.size() * 2 > places_.size()) Grow();
}

void HeldOps::Grow() {
  places_.assign(places_.size() * 2, kNone);
  for (size_t i = 0; i < ops_.size(); ++i) {
    places_[PlaceOf(ops_[i].op)] = static_cast<uint16_t>(i);
  }
}

const HeldOp* HeldOps::Find(Handler op) const {
  const uint16_t number = places_[PlaceOf(op)];
  return number != kNone ? &ops_[number].held : nullptr;
}

}  // namespace wasmd
