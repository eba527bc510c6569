#include "wasi/testing/test_guest.h"

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/testing/dynamic_proto.h"
#include "wasi/replayed_state.h"
#include "wasi/wasi_state.pb.h"

namespace wasmd::wasi {
namespace {

uint32_t FunctionNamed(std::string_view name) {
  const std::optional<uint32_t> function = Context::FindFunction(name);
  CHECK(function.has_value());
  return *function;
}

// Of which the state before and after is compared.
constexpr int kFirstCalls = 300;
constexpr int kOneIn = 64;

// A saved state for people, without what a replay need not get right: what
// files are like is looked at again when they are opened again, and so is
// whether the input has ended.
std::string Replayable(const std::string& saved) {
  WasiState state;
  CHECK(state.ParseFromString(saved));
  state.clear_input_ended();
  for (SavedDescriptor& descriptor : *state.mutable_descriptors()) {
    descriptor.clear_identity();
    descriptor.clear_deleted();
  }
  static const testing::DynamicProto& schema =
      *new testing::DynamicProto("wasi/wasi_state.schema", state.GetTypeName());
  return schema.Parse(state.SerializeAsString())->DebugString();
}

}  // namespace

TestGuest::TestGuest(const Options& options, PathResolver::Method method)
    : method_(method) {
  MemoryType type;
  type.limits.min = kMemoryBytes >> type.page_size_log2;
  auto memory = MemoryInstance::Create(type, kMemoryBytes);
  CHECK(memory.ok());
  memory_ = std::move(*memory);
  Reset(options);
}

void TestGuest::Reset(const Options& options) {
  auto context = ContextImpl::CreateImpl(options, &environment_, method_);
  CHECK(context.ok());
  context_ = std::move(*context);
}

Outcome TestGuest::CallRaw(std::string_view function,
                           std::vector<uint64_t> arguments, bool in_doubt) {
  // Saving looks at every descriptor: where calls are very many, some do.
  ++calls_;
  if (calls_ > kFirstCalls && calls_ % kOneIn != 0) {
    return context_->Call(FunctionNamed(function), arguments, *memory_,
                          in_doubt);
  }
  const std::string before = context_->Save();
  const int64_t time_ns = environment_.RealtimeNow();
  CallRecord record;
  const Outcome outcome = context_->Call(FunctionNamed(function), arguments,
                                         *memory_, in_doubt, &record);
  if (outcome.kind != Outcome::Kind::kReturn) return outcome;
  // What was recorded of a call makes of the state before it that after it.
  auto replayed = ReplayedState::Create(AsBytes(before));
  CHECK(replayed.ok());
  RecordedCall recorded = {.function = function,
                           .arguments = arguments,
                           .errno_value = outcome.errno_value,
                           .time_ns = time_ns,
                           .change = record.change};
  if (!record.written.empty()) {
    const GuestRange& last = record.written.back();
    recorded.last_written =
        *GuestMemory(*memory_).Bytes(last.address, last.size_bytes);
  }
  EXPECT_TRUE(replayed->Apply(recorded).ok()) << function;
  EXPECT_EQ(Replayable(replayed->Save()), Replayable(context_->Save()))
      << function;
  return outcome;
}

Errno TestGuest::Call(std::string_view function,
                      std::vector<uint64_t> arguments, bool in_doubt) {
  const Outcome outcome = CallRaw(function, std::move(arguments), in_doubt);
  EXPECT_EQ(outcome.kind, Outcome::Kind::kReturn) << function;
  return static_cast<Errno>(outcome.errno_value);
}

Durability TestGuest::DurabilityOf(std::string_view function,
                                   std::vector<uint64_t> arguments) {
  return context_->DurabilityOf(FunctionNamed(function), arguments);
}

void TestGuest::Prepare(std::string_view function,
                        std::vector<uint64_t> arguments) {
  context_->Prepare(FunctionNamed(function), arguments, *memory_);
}

Errno TestGuest::CallWithCrash(std::string_view function,
                               const std::vector<uint64_t>& arguments,
                               bool happened) {
  EXPECT_EQ(DurabilityOf(function, arguments), Durability::kEffect);
  Prepare(function, arguments);
  const std::string saved = context_->Save();
  if (happened) Call(function, arguments);
  Load(saved);
  return Call(function, arguments, true);
}

void TestGuest::Load(const std::string& saved) {
  context_.reset();  // what it has open is closed, as by the end of wasmd
  auto context =
      ContextImpl::LoadImpl(AsBytes(saved), &environment_, method_, &warnings_);
  CHECK(context.ok());
  context_ = std::move(*context);
}

void TestGuest::Restart() { Load(context_->Save()); }

uint32_t TestGuest::Space(uint32_t size_bytes) {
  const uint32_t address = next_space_;
  next_space_ += (size_bytes + 15) & ~15u;
  CHECK(next_space_ <= kMemoryBytes);
  return address;
}

uint32_t TestGuest::Put(std::string_view bytes) {
  const uint32_t address = Space(static_cast<uint32_t>(bytes.size()));
  GuestMemory memory(*memory_);
  CHECK(memory.Write(address, AsBytes(bytes)) == Errno::kSuccess);
  return address;
}

std::string TestGuest::Get(uint32_t address, uint32_t size_bytes) {
  const GuestMemory memory(*memory_);
  return std::string(AsText(*memory.Bytes(address, size_bytes)));
}

uint8_t TestGuest::Get8(uint32_t address) {
  return *GuestMemory(*memory_).Load<uint8_t>(address);
}
uint16_t TestGuest::Get16(uint32_t address) {
  return *GuestMemory(*memory_).Load<uint16_t>(address);
}
uint32_t TestGuest::Get32(uint32_t address) {
  return *GuestMemory(*memory_).Load<uint32_t>(address);
}
uint64_t TestGuest::Get64(uint32_t address) {
  return *GuestMemory(*memory_).Load<uint64_t>(address);
}

uint32_t TestGuest::PutVectors(const std::vector<std::string>& parts) {
  std::string array;
  for (const std::string& part : parts) {
    const uint32_t vector[] = {Put(part), static_cast<uint32_t>(part.size())};
    array.append(reinterpret_cast<const char*>(vector), sizeof(vector));
  }
  return Put(array);
}

uint32_t TestGuest::SpaceVectors(const std::vector<uint32_t>& sizes) {
  std::string array;
  for (const uint32_t size : sizes) {
    const uint32_t vector[] = {Space(size), size};
    array.append(reinterpret_cast<const char*>(vector), sizeof(vector));
  }
  return Put(array);
}

std::vector<uint64_t> TestGuest::OpenCall(uint32_t directory,
                                          std::string_view path,
                                          const OpenArguments& arguments,
                                          uint32_t opened_at) {
  return {directory,
          arguments.lookup,
          Put(path),
          path.size(),
          arguments.open_flags,
          arguments.base,
          arguments.inheriting,
          arguments.flags,
          opened_at};
}

ErrnoOr<uint32_t> TestGuest::Open(uint32_t directory, std::string_view path,
                                  const OpenArguments& arguments) {
  const uint32_t opened_at = Space(4);
  RETURN_IF_ERRNO(
      Call("path_open", OpenCall(directory, path, arguments, opened_at)));
  return Get32(opened_at);
}

ErrnoOr<uint32_t> TestGuest::Open(uint32_t directory, std::string_view path) {
  return Open(directory, path,
              {.base = rights::kFdRead | rights::kFdSeek | rights::kFdTell |
                       rights::kFdFilestatGet});
}

ErrnoOr<uint32_t> TestGuest::OpenDirectory(uint32_t directory,
                                           std::string_view path) {
  return Open(directory, path,
              {.open_flags = oflags::kDirectory,
               .base = rights::kDirectory,
               .inheriting = rights::kInheriting});
}

Errno TestGuest::Write(uint32_t fd, std::string_view text) {
  const uint32_t size_at = Space(4);
  const Errno result =
      Call("fd_write", {fd, PutVectors({std::string(text)}), 1, size_at});
  if (result == Errno::kSuccess) {
    EXPECT_EQ(Get32(size_at), text.size());
  }
  return result;
}

ErrnoOr<std::string> TestGuest::Read(uint32_t fd, uint32_t size) {
  const uint32_t buffer = Space(size);
  const uint32_t vector[] = {buffer, size};
  const uint32_t array =
      Put({reinterpret_cast<const char*>(vector), sizeof(vector)});
  const uint32_t size_at = Space(4);
  RETURN_IF_ERRNO(Call("fd_read", {fd, array, 1, size_at}));
  return Get(buffer, Get32(size_at));
}

ErrnoOr<uint64_t> TestGuest::Seek(uint32_t fd, int64_t delta, uint32_t whence) {
  const uint32_t offset_at = Space(8);
  RETURN_IF_ERRNO(
      Call("fd_seek", {fd, static_cast<uint64_t>(delta), whence, offset_at}));
  return Get64(offset_at);
}

Errno TestGuest::AtPath(std::string_view function, uint32_t fd,
                        std::string_view path) {
  return Call(function, {fd, Put(path), path.size()});
}

Errno TestGuest::Rename(uint32_t old_fd, std::string_view old_path,
                        uint32_t new_fd, std::string_view new_path) {
  return Call("path_rename", {old_fd, Put(old_path), old_path.size(), new_fd,
                              Put(new_path), new_path.size()});
}

Errno TestGuest::Symlink(std::string_view text, uint32_t fd,
                         std::string_view path) {
  return Call("path_symlink",
              {Put(text), text.size(), fd, Put(path), path.size()});
}

Errno TestGuest::Link(uint32_t old_fd, std::string_view old_path,
                      uint32_t new_fd, std::string_view new_path,
                      uint32_t lookup) {
  return Call("path_link", {old_fd, lookup, Put(old_path), old_path.size(),
                            new_fd, Put(new_path), new_path.size()});
}

ErrnoOr<std::string> TestGuest::ReadLink(uint32_t fd, std::string_view path) {
  constexpr uint32_t kBufferBytes = 4096;
  const uint32_t buffer = Space(kBufferBytes);
  const uint32_t used_at = Space(4);
  RETURN_IF_ERRNO(Call("path_readlink", {fd, Put(path), path.size(), buffer,
                                         kBufferBytes, used_at}));
  return Get(buffer, Get32(used_at));
}

ErrnoOr<uint32_t> TestGuest::Stat(uint32_t fd, std::string_view path,
                                  uint32_t lookup) {
  const uint32_t at = Space(filestat::kSizeBytes);
  RETURN_IF_ERRNO(
      Call("path_filestat_get", {fd, lookup, Put(path), path.size(), at}));
  return at;
}

ErrnoOr<uint32_t> TestGuest::Stat(uint32_t fd) {
  const uint32_t at = Space(filestat::kSizeBytes);
  RETURN_IF_ERRNO(Call("fd_filestat_get", {fd, at}));
  return at;
}

Rights TestGuest::RightsOf(uint32_t fd) {
  const uint32_t at = Space(fdstat::kSizeBytes);
  EXPECT_EQ(Call("fd_fdstat_get", {fd, at}), Errno::kSuccess);
  return Get64(at + fdstat::kRightsBase);
}

}  // namespace wasmd::wasi
