#include "store/testing/fault_env.h"

#include <fstream>

#include "base/check.h"
#include "store/testing/fault_file_system.h"

namespace wasmd::testing {

FaultEnv::FaultEnv(uint64_t seed)
    : file_system_(std::make_shared<FaultFileSystem>(seed)),
      env_(rocksdb::NewCompositeEnv(file_system_)) {}

FaultEnv::~FaultEnv() = default;

void FaultEnv::Inject(const Fault& fault) {
  file_system_->disk().plan.Inject(fault);
}
void FaultEnv::ClearFaults() { file_system_->disk().plan.ClearFaults(); }
void FaultEnv::LimitRoom(uint64_t bytes) {
  file_system_->disk().plan.LimitRoom(bytes);
}
uint64_t FaultEnv::faults_met() const {
  return file_system_->disk().plan.faults_met();
}
void FaultEnv::CutPower(uint64_t after_operations) {
  file_system_->disk().plan.CutPower(after_operations);
}
bool FaultEnv::power_is_cut() const {
  return file_system_->disk().plan.power_is_cut();
}
void FaultEnv::RestorePower() {
  FaultDisk& disk = file_system_->disk();
  disk.changes.Lose(
      [&disk](size_t bound) { return disk.plan.RandomBelow(bound); });
  disk.plan.RestorePower();
}
uint64_t FaultEnv::operations() const {
  return file_system_->disk().plan.operations();
}

void FlipBit(const std::string& path, uint64_t bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = static_cast<std::streamoff>(bit / 8);
  file.seekg(at);
  const int byte = file.get();
  CHECK(byte != std::fstream::traits_type::eof());
  file.seekp(at);
  file.put(static_cast<char>(byte ^ (1 << (bit % 8))));
  file.flush();
  CHECK(file.good());
}

}  // namespace wasmd::testing
