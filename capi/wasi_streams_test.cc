// WASI with what this program has itself: its streams, its environment, files,
// directories that may be written and those that may not.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "capi/include/wasi.h"
#include "capi/include/wasmd.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

// echo: what can be read from 0 goes to 1, twice to 2.
// variables: the number of environment variables.
// create: makes the file "made" in directory 3; the error number.
constexpr std::string_view kGuest = R"((module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\01\00\00\40\00\00\00")
  (data (i32.const 64) "made")
  (func (export "echo") (result i32)
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1)
      (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
      (i32.const 16)))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1)
      (i32.const 16)))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1)
      (i32.const 16)))
    (i32.load (i32.const 16)))
  (func (export "variables") (result i32)
    (drop (call $sizes (i32.const 24) (i32.const 28)))
    (i32.load (i32.const 24)))
  (func (export "create") (result i32)
    (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4)
      (i32.const 1) (i64.const 64) (i64.const 0) (i32.const 0)
      (i32.const 32)))))";

std::string ContentOf(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Makes one of this program's descriptors another file, until it goes.
class Redirection {
 public:
  Redirection(int fd, const std::string& path, int flags)
      : fd_(fd), saved_(dup(fd)) {
    const int file = open(path.c_str(), flags, 0600);
    EXPECT_GE(file, 0) << path;
    dup2(file, fd_);
    close(file);
  }
  ~Redirection() {
    dup2(saved_, fd_);
    close(saved_);
  }
  Redirection(const Redirection&) = delete;
  Redirection& operator=(const Redirection&) = delete;

 private:
  const int fd_;
  const int saved_;
};

class WasiStreamsTest : public ApiTest {
 protected:
  WasiStreamsTest() {
    std::string name = ::testing::TempDir() + "/streams_XXXXXX";
    folder_ = mkdtemp(name.data());
    std::ofstream(At("in")) << "what is read";
  }
  std::string At(const char* name) const { return folder_ + "/" + name; }

  // Takes the config.
  wasm_instance_t* NewGuest(wasi_config_t* config) {
    wasm_trap_t* trap = nullptr;
    wasi_instance_t* wasi =
        wasi_instance_new(store_, "wasi_snapshot_preview1", config, &trap);
    EXPECT_EQ(TakeText(trap), "");
    wasm_module_t* module = ModuleOf(store_, kGuest);
    wasm_importtype_vec_t imports;
    wasm_module_imports(module, &imports);
    std::vector<wasm_extern_t*> externs;
    for (size_t i = 0; i < imports.size; ++i) {
      externs.push_back(const_cast<wasm_extern_t*>(
          wasi_instance_bind_import(wasi, imports.data[i])));
    }
    wasm_importtype_vec_delete(&imports);
    wasi_instance_delete(wasi);
    const wasm_extern_vec_t all = {externs.size(), externs.data()};
    wasm_instance_t* instance =
        wasm_instance_new(store_, module, &all, nullptr);
    wasm_module_delete(module);
    return instance;
  }

  std::string folder_;
};

TEST_F(WasiStreamsTest, ThoseOfTheProgram) {
  std::string result;
  wasm_instance_t* instance = nullptr;
  {
    const Redirection in(0, At("in"), O_RDONLY);
    const Redirection out(1, At("out"), O_WRONLY | O_CREAT);
    const Redirection err(2, At("err"), O_WRONLY | O_CREAT);
    wasi_config_t* config = wasi_config_new();
    wasi_config_inherit_stdin(config);
    wasi_config_inherit_stdout(config);
    wasi_config_inherit_stderr(config);
    instance = NewGuest(config);
    result = Call(instance, "echo");
  }
  EXPECT_EQ(result, "12");
  EXPECT_EQ(ContentOf(At("out")), "what is read");
  EXPECT_EQ(ContentOf(At("err")), "what is readwhat is read");
  wasm_instance_delete(instance);
}

TEST_F(WasiStreamsTest, Files) {
  std::ofstream(At("out")) << "something that was there before";
  wasi_config_t* config = wasi_config_new();
  EXPECT_TRUE(wasi_config_set_stdin_file(config, At("in").c_str()));
  EXPECT_TRUE(wasi_config_set_stdout_file(config, At("out").c_str()));
  EXPECT_TRUE(wasi_config_set_stderr_file(config, At("err").c_str()));
  EXPECT_FALSE(wasi_config_set_stdin_file(config, At("absent").c_str()));
  EXPECT_FALSE(wasi_config_set_stdout_file(config, At("no/folder").c_str()));
  EXPECT_FALSE(wasi_config_set_stderr_file(config, nullptr));
  wasm_instance_t* instance = NewGuest(config);
  EXPECT_EQ(Call(instance, "echo"), "12");
  EXPECT_EQ(ContentOf(At("out")), "what is read");
  EXPECT_EQ(ContentOf(At("err")), "what is readwhat is read");
  wasm_instance_delete(instance);
}

TEST_F(WasiStreamsTest, NoneByDefault) {
  wasi_config_t* config = wasi_config_new();
  wasm_instance_t* instance = NewGuest(config);
  EXPECT_EQ(Call(instance, "echo"), "0");
  EXPECT_EQ(Call(instance, "variables"), "0");
  wasm_instance_delete(instance);
}

TEST_F(WasiStreamsTest, EnvironmentsAreInheritedOrSet) {
  int count = 0;
  while (environ[count] != nullptr) ++count;
  ASSERT_GT(count, 0);
  wasi_config_t* config = wasi_config_new();
  wasi_config_inherit_env(config);
  wasm_instance_t* instance = NewGuest(config);
  EXPECT_EQ(Call(instance, "variables"), std::to_string(count));
  wasm_instance_delete(instance);
  wasm_store_delete(store_);
  store_ = wasm_store_new(engine_);
  config = wasi_config_new();
  const char* names[] = {"ONE", "TWO"};
  const char* values[] = {"1", ""};
  EXPECT_TRUE(wasi_config_set_env(config, 2, names, values));
  instance = NewGuest(config);
  EXPECT_EQ(Call(instance, "variables"), "2");
  wasm_instance_delete(instance);
}

TEST_F(WasiStreamsTest, DirectoriesMayBeWrittenOrNot) {
  constexpr int kReadOnlyFileSystem = 69;
  constexpr int kNotCapable = 76;
  wasi_config_t* config = wasi_config_new();
  EXPECT_TRUE(
      wasi_config_preopen_dir_read_only(config, folder_.c_str(), "/data"));
  wasm_instance_t* instance = NewGuest(config);
  EXPECT_THAT(Call(instance, "create"),
              ::testing::AnyOf(std::to_string(kReadOnlyFileSystem),
                               std::to_string(kNotCapable)));
  EXPECT_NE(access(At("made").c_str(), F_OK), 0);
  wasm_instance_delete(instance);
  wasm_store_delete(store_);
  store_ = wasm_store_new(engine_);
  config = wasi_config_new();
  EXPECT_TRUE(wasi_config_preopen_dir(config, folder_.c_str(), "/data"));
  instance = NewGuest(config);
  EXPECT_EQ(Call(instance, "create"), "0");
  EXPECT_EQ(access(At("made").c_str(), F_OK), 0);
  wasm_instance_delete(instance);
}

}  // namespace
}  // namespace wasmd::capi::testing
