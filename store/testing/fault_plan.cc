#include "store/testing/fault_plan.h"

#include <algorithm>

namespace wasmd::testing {

using rocksdb::IOStatus;

void FaultPlan::Inject(const Fault& fault) {
  absl::MutexLock lock(&mutex_);
  faults_.push_back(fault);
}

void FaultPlan::ClearFaults() {
  absl::MutexLock lock(&mutex_);
  faults_.clear();
}

void FaultPlan::LimitRoom(uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  room_ = bytes;
}

size_t FaultPlan::TakeRoom(size_t bytes) {
  absl::MutexLock lock(&mutex_);
  if (room_ == kUnlimited) return bytes;
  const auto taken = static_cast<size_t>(std::min<uint64_t>(bytes, room_));
  room_ -= taken;
  return taken;
}

void FaultPlan::GiveRoom(uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  if (room_ != kUnlimited) room_ += bytes;
}

uint64_t FaultPlan::faults_met() const {
  absl::MutexLock lock(&mutex_);
  return faults_met_;
}

void FaultPlan::CutPower(uint64_t after_operations) {
  absl::MutexLock lock(&mutex_);
  power_ends_at_ = operations_ + after_operations;
  if (after_operations == 0) power_is_cut_ = true;
}

bool FaultPlan::power_is_cut() const {
  absl::MutexLock lock(&mutex_);
  return power_is_cut_;
}

void FaultPlan::RestorePower() {
  absl::MutexLock lock(&mutex_);
  faults_.clear();
  power_ends_at_ = std::numeric_limits<uint64_t>::max();
  power_is_cut_ = false;
}

uint64_t FaultPlan::operations() const {
  absl::MutexLock lock(&mutex_);
  return operations_;
}

IOStatus FaultPlan::Begin(FileOperation operation, const std::string& path) {
  absl::MutexLock lock(&mutex_);
  if (operation != FileOperation::kRead) {
    if (power_is_cut_ || operations_ >= power_ends_at_) {
      power_is_cut_ = true;
      return IOStatus::IOError("the power is off", path);
    }
    ++operations_;
  }
  for (Fault& fault : faults_) {
    if (fault.operation != operation || fault.times == 0 ||
        !path.ends_with(fault.suffix) ||
        path.find(fault.part) == std::string::npos) {
      continue;
    }
    if (fault.nth > 1) {
      --fault.nth;
      continue;
    }
    if (fault.times != Fault::kAlways) --fault.times;
    ++faults_met_;
    if (fault.cuts_power) {
      power_is_cut_ = true;
      return IOStatus::IOError("the power is off", path);
    }
    return fault.disk_full ? IOStatus::NoSpace("injected", path)
                           : IOStatus::IOError("injected", path);
  }
  return IOStatus::OK();
}

size_t FaultPlan::RandomBelow(size_t bound) {
  absl::MutexLock lock(&mutex_);
  return bound == 0 ? 0 : random_() % bound;
}

}  // namespace wasmd::testing
