#include "wasi/descriptor_table.h"

#include <utility>

#include "base/check.h"

namespace wasmd::wasi {
namespace {

// New descriptors never take the place of a standard stream that was closed.
constexpr uint32_t kFirstNumber = 3;

}  // namespace

uint32_t DescriptorTable::FirstFree() const {
  uint32_t number = kFirstNumber;
  while (Find(number) != nullptr) ++number;
  return number;
}

ErrnoOr<uint32_t> DescriptorTable::Add(Descriptor descriptor) {
  const uint32_t number = FirstFree();
  if (number >= kMaxDescriptors) return Errno::kMfile;
  Put(number, std::move(descriptor));
  return number;
}

void DescriptorTable::Put(uint32_t number, Descriptor descriptor) {
  CHECK(number < kMaxDescriptors && Find(number) == nullptr);
  if (number >= slots_.size()) slots_.resize(number + 1);
  slots_[number] = std::make_unique<Descriptor>(std::move(descriptor));
}

Errno DescriptorTable::Close(uint32_t number) {
  if (Find(number) == nullptr) return Errno::kBadf;
  slots_[number].reset();
  return Errno::kSuccess;
}

Errno DescriptorTable::Renumber(uint32_t from, uint32_t to) {
  if (Find(from) == nullptr || Find(to) == nullptr) return Errno::kBadf;
  if (from != to) slots_[to] = std::move(slots_[from]);
  return Errno::kSuccess;
}

}  // namespace wasmd::wasi
