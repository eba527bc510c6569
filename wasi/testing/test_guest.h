// TestGuest: a guest without code. It has a memory and a context, and calls
// WASI functions as a program would: by name, with pointers into its memory.

#ifndef WASMD_WASI_TESTING_TEST_GUEST_H_
#define WASMD_WASI_TESTING_TEST_GUEST_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "interp/memory_instance.h"
#include "wasi/abi.h"
#include "wasi/context_impl.h"
#include "wasi/errno.h"
#include "wasi/path_resolver.h"
#include "wasi/testing/fake_environment.h"
#include "wasi/wasi.h"

namespace wasmd::wasi {

class TestGuest {
 public:
  static constexpr uint32_t kMemoryBytes = 1 << 20;
  // Beyond the memory, whatever the length.
  static constexpr uint32_t kBadPointer = kMemoryBytes + 1;

  explicit TestGuest(const Options& options, PathResolver::Method method =
                                                 PathResolver::Method::kKernel);

  FakeEnvironment& environment() { return environment_; }
  ContextImpl& context() { return *context_; }
  MemoryInstance& memory() { return *memory_; }

  // Calls with these arguments. The test fails, too, if what is recorded of the
  // call does not account for how it changed the state.
  Outcome CallRaw(std::string_view function, std::vector<uint64_t> arguments,
                  bool in_doubt = false);
  // The same for a call that returns; the test fails if it does not.
  Errno Call(std::string_view function, std::vector<uint64_t> arguments,
             bool in_doubt = false);
  Durability DurabilityOf(std::string_view function,
                          std::vector<uint64_t> arguments);
  void Prepare(std::string_view function, std::vector<uint64_t> arguments);

  // A new process, in the same memory.
  void Reset(const Options& options);
  // As the runtime does it: prepares, saves and loads with the call pending,
  // and makes the call in doubt. `happened`: it was made before the crash.
  Errno CallWithCrash(std::string_view function,
                      const std::vector<uint64_t>& arguments, bool happened);
  // Saves and loads; the memory stays.
  void Restart();
  void Load(const std::string& saved);
  // Of all loads so far.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // Memory: space is handed out once, in order, and is never zeroed again.
  uint32_t Space(uint32_t size_bytes);
  uint32_t Put(std::string_view bytes);
  std::string Get(uint32_t address, uint32_t size_bytes);
  uint8_t Get8(uint32_t address);
  uint16_t Get16(uint32_t address);
  uint32_t Get32(uint32_t address);
  uint64_t Get64(uint32_t address);
  // An array of iovec over `parts` that are put, or over space of these sizes.
  uint32_t PutVectors(const std::vector<std::string>& parts);
  uint32_t SpaceVectors(const std::vector<uint32_t>& sizes);

  // The calls that tests make most.
  struct OpenArguments {
    uint32_t lookup = lookupflags::kSymlinkFollow;
    uint32_t open_flags = 0;
    Rights base = rights::kFile;
    Rights inheriting = 0;
    uint32_t flags = 0;
  };
  std::vector<uint64_t> OpenCall(uint32_t directory, std::string_view path,
                                 const OpenArguments& arguments,
                                 uint32_t opened_at);
  ErrnoOr<uint32_t> Open(uint32_t directory, std::string_view path,
                         const OpenArguments& arguments);
  // For reading.
  ErrnoOr<uint32_t> Open(uint32_t directory, std::string_view path);
  ErrnoOr<uint32_t> OpenDirectory(uint32_t directory, std::string_view path);
  Errno Close(uint32_t fd) { return Call("fd_close", {fd}); }
  Errno Write(uint32_t fd, std::string_view text);
  // Up to `size` bytes.
  ErrnoOr<std::string> Read(uint32_t fd, uint32_t size);
  ErrnoOr<uint64_t> Seek(uint32_t fd, int64_t delta, uint32_t whence);
  // A function of a descriptor and a path only.
  Errno AtPath(std::string_view function, uint32_t fd, std::string_view path);
  Errno Rename(uint32_t old_fd, std::string_view old_path, uint32_t new_fd,
               std::string_view new_path);
  Errno Symlink(std::string_view text, uint32_t fd, std::string_view path);
  Errno Link(uint32_t old_fd, std::string_view old_path, uint32_t new_fd,
             std::string_view new_path, uint32_t lookup = 0);
  ErrnoOr<std::string> ReadLink(uint32_t fd, std::string_view path);
  // The address of the filestat.
  ErrnoOr<uint32_t> Stat(uint32_t fd, std::string_view path,
                         uint32_t lookup = lookupflags::kSymlinkFollow);
  ErrnoOr<uint32_t> Stat(uint32_t fd);
  Rights RightsOf(uint32_t fd);

 private:
  FakeEnvironment environment_;
  PathResolver::Method method_;
  std::unique_ptr<MemoryInstance> memory_;
  std::unique_ptr<ContextImpl> context_;
  std::vector<std::string> warnings_;
  uint32_t next_space_ = 64;
  int calls_ = 0;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_TESTING_TEST_GUEST_H_
