#include "capi/include/wasi.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "capi/include/wasmd.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

using ::testing::HasSubstr;

// Writes its arguments' number, sleeps, writes "done" and exits with 3.
constexpr std::string_view kGuest = R"((module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\02\00\00\00")
  (data (i32.const 8) "\50\00\00\00\05\00\00\00")
  (data (i32.const 80) "done\n")
  (data (i32.const 128) "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
    "\01\00\00\00\00\00\00\00" "\40\4b\4c\00\00\00\00\00")
  (func (export "_start")
    (drop (call $args (i32.const 32) (i32.const 36)))
    (i32.store8 (i32.const 64)
      (i32.add (i32.const 48) (i32.load (i32.const 32))))
    (i32.store8 (i32.const 65) (i32.const 10))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1)
      (i32.const 40)))
    (drop (call $poll (i32.const 128) (i32.const 192) (i32.const 1)
      (i32.const 44)))
    (drop (call $write (i32.const 2) (i32.const 8) (i32.const 1)
      (i32.const 40)))
    (call $exit (i32.const 3)))))";

void Append(void* env, int stream, const void* bytes, size_t size) {
  auto* text = static_cast<std::string*>(env);
  text->append(std::to_string(stream) + ":");
  text->append(static_cast<const char*>(bytes), size);
}

class WasiTest : public ApiTest {
 protected:
  wasi_config_t* NewConfig() {
    wasi_config_t* config = wasi_config_new();
    const char* argv[] = {"guest", "one"};
    EXPECT_TRUE(wasi_config_set_argv(config, 2, argv));
    wasi_config_set_output(config, Append, &output_);
    return config;
  }

  wasm_instance_t* NewGuest() { return NewGuest(NewConfig(), kGuest); }
  wasm_instance_t* NewGuest(wasi_config_t* config, std::string_view text) {
    wasm_trap_t* trap = nullptr;
    wasi_instance_t* wasi =
        wasi_instance_new(store_, "wasi_snapshot_preview1", config, &trap);
    EXPECT_EQ(TakeText(trap), "");
    wasm_module_t* module = ModuleOf(store_, text);
    wasm_importtype_vec_t imports;
    wasm_module_imports(module, &imports);
    std::vector<wasm_extern_t*> externs;
    for (size_t i = 0; i < imports.size; ++i) {
      externs.push_back(const_cast<wasm_extern_t*>(
          wasi_instance_bind_import(wasi, imports.data[i])));
      EXPECT_NE(externs.back(), nullptr);
    }
    wasm_importtype_vec_delete(&imports);
    wasi_instance_delete(wasi);
    const wasm_extern_vec_t all = {externs.size(), externs.data()};
    wasm_instance_t* instance =
        wasm_instance_new(store_, module, &all, nullptr);
    wasm_module_delete(module);
    return instance;
  }

  std::string output_;
};

TEST_F(WasiTest, RunsToItsExit) {
  wasm_instance_t* instance = NewGuest();
  wasm_trap_t* trap =
      wasm_func_call(ExportedFunction(instance, "_start"), nullptr, nullptr);
  ASSERT_NE(trap, nullptr);
  uint32_t code = 0;
  EXPECT_TRUE(wasmd_trap_exit_code(trap, &code));
  EXPECT_EQ(code, 3u);
  EXPECT_EQ(TakeText(trap), "exit with code 3");
  EXPECT_EQ(output_, "1:2\n2:done\n");
  wasm_instance_delete(instance);
}

TEST_F(WasiTest, ThreadsWaitWithoutBlockingAndGoOnElsewhere) {
  wasm_instance_t* instance = NewGuest();
  wasmd_thread_t* thread = wasmd_thread_new(store_);
  ASSERT_EQ(TakeText(wasmd_thread_start(
                thread, ExportedFunction(instance, "_start"), nullptr)),
            "");
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_WAITING);
  int64_t wakes = 0;
  bool input = true;
  EXPECT_TRUE(wasmd_thread_wakes_at(thread, &wakes, &input));
  EXPECT_GT(wakes, 0);
  EXPECT_FALSE(input);
  EXPECT_EQ(output_, "1:2\n");
  EXPECT_NE(TakeText(wasmd_thread_answer(thread, nullptr)), "");

  wasm_byte_vec_t bytes;
  ASSERT_EQ(TakeText(wasmd_snapshot(store_, thread, WASMD_SNAPSHOT_WITH_MODULES,
                                    &bytes)),
            "");
  wasm_store_t* store = nullptr;
  wasmd_thread_t* restored = nullptr;
  wasmd_restore_t restore = {};
  restore.wasi = NewConfig();
  ASSERT_EQ(
      TakeText(wasmd_restore(engine_, &bytes, &restore, &store, &restored)),
      "");
  wasi_config_delete(restore.wasi);
  wasm_byte_vec_delete(&bytes);
  wasmd_thread_state_t state = wasmd_thread_state(restored);
  EXPECT_EQ(state, WASMD_THREAD_WAITING);
  while (state == WASMD_THREAD_WAITING) {
    state = wasmd_thread_run(restored, nullptr);
  }
  EXPECT_EQ(state, WASMD_THREAD_TRAPPED);
  wasm_trap_t* trap = wasmd_thread_trap(restored);
  EXPECT_TRUE(wasmd_trap_exit_code(trap, nullptr));
  wasm_trap_delete(trap);
  EXPECT_EQ(output_, "1:2\n2:done\n");
  wasmd_thread_delete(restored);
  wasm_store_delete(store);
  wasmd_thread_delete(thread);
  wasm_instance_delete(instance);
}

// Waits for a connection and greets it.
constexpr std::string_view kServer = R"((module
  (import "wasi_snapshot_preview1" "sock_accept"
    (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send"
    (func $send (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\05\00\00\00")
  (data (i32.const 16) "hello")
  (func (export "serve") (result i32)
    (if (call $accept (i32.const 3) (i32.const 0) (i32.const 64))
      (then (return (i32.const -1))))
    (call $send (i32.load (i32.const 64)) (i32.const 0) (i32.const 1)
      (i32.const 0) (i32.const 68)))))";

// The port that a socket is bound to.
uint16_t PortOf(int fd) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

int ConnectTo(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
            0);
  return fd;
}

TEST_F(WasiTest, ThreadsWaitForSockets) {
  wasi_config_t* config = NewConfig();
  EXPECT_TRUE(wasi_config_listen_tcp(config, "127.0.0.1:0"));
  wasm_instance_t* instance = NewGuest(config, kServer);
  wasmd_thread_t* thread = wasmd_thread_new(store_);
  ASSERT_EQ(TakeText(wasmd_thread_start(
                thread, ExportedFunction(instance, "serve"), nullptr)),
            "");
  EXPECT_EQ(wasmd_thread_wait_fds(thread, nullptr, 0), 0u);
  ASSERT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_WAITING);
  EXPECT_FALSE(wasmd_thread_wakes_at(thread, nullptr, nullptr));
  wasmd_wait_fd_t fds[2] = {};
  ASSERT_EQ(wasmd_thread_wait_fds(thread, fds, 2), 1u);
  EXPECT_FALSE(fds[0].for_write);
  wasmd_thread_wait(thread, 1'000'000);  // nobody comes
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_WAITING);

  const int client = ConnectTo(PortOf(fds[0].fd));
  wasmd_thread_wait(thread, UINT64_MAX);
  EXPECT_EQ(wasmd_thread_run(thread, nullptr), WASMD_THREAD_RETURNED);
  wasm_val_vec_t results;
  wasmd_thread_results(thread, &results);
  EXPECT_EQ(results.data[0].of.i32, 0);
  wasm_val_vec_delete(&results);
  char text[6] = {};
  EXPECT_EQ(recv(client, text, 5, MSG_WAITALL), 5);
  EXPECT_STREQ(text, "hello");
  close(client);
  wasmd_thread_delete(thread);
  wasm_instance_delete(instance);
}

TEST_F(WasiTest, AddressesThatCannotBeHadAreErrors) {
  wasi_config_t* config = NewConfig();
  EXPECT_TRUE(wasi_config_listen_tcp(config, "no address"));
  wasm_trap_t* trap = nullptr;
  EXPECT_EQ(wasi_instance_new(store_, "wasi_snapshot_preview1", config, &trap),
            nullptr);
  EXPECT_THAT(TakeText(trap), HasSubstr("no address"));
}

TEST_F(WasiTest, ItsFunctionsGoWithTheStore) {
  wasi_instance_t* wasi =
      wasi_instance_new(store_, "wasi_snapshot_preview1", NewConfig(), nullptr);
  wasm_name_t module, name;
  wasm_name_new_from_string(&module, "wasi_snapshot_preview1");
  wasm_name_new_from_string(&name, "fd_write");
  wasm_importtype_t* import = wasm_importtype_new(
      &module, &name,
      wasm_functype_as_externtype(wasm_functype_new(nullptr, nullptr)));
  const wasm_extern_t* function = wasi_instance_bind_import(wasi, import);
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(wasi_instance_bind_import(wasi, import), function);
  // Called by the program itself: there is no memory.
  EXPECT_EQ(Call(wasm_extern_as_func(const_cast<wasm_extern_t*>(function)),
                 {I32(1), I32(0), I32(1), I32(0)}),
            "21");
  wasm_store_delete(store_);
  store_ = nullptr;
  EXPECT_EQ(wasi_instance_bind_import(wasi, import), nullptr);
  wasm_importtype_delete(import);
  wasi_instance_delete(wasi);
}

TEST_F(WasiTest, WrongConfigurationsAreErrors) {
  wasm_trap_t* trap = nullptr;
  EXPECT_EQ(wasi_instance_new(store_, "wasi", wasi_config_new(), &trap),
            nullptr);
  EXPECT_EQ(TakeText(trap), "there is no WASI called wasi");
  wasi_config_t* config = wasi_config_new();
  EXPECT_TRUE(wasi_config_preopen_dir(config, "/nowhere/at/all", "/"));
  EXPECT_FALSE(wasi_config_preopen_dir(config, nullptr, "/"));
  EXPECT_FALSE(wasi_config_set_stdin_file(config, "/nowhere/at/all"));
  const char* names[] = {"A", nullptr};
  EXPECT_FALSE(wasi_config_set_env(config, 2, names, names));
  EXPECT_EQ(wasi_instance_new(store_, "wasi_snapshot_preview1", config, &trap),
            nullptr);
  EXPECT_THAT(TakeText(trap), HasSubstr("/nowhere/at/all"));
  EXPECT_EQ(wasi_instance_new(nullptr, nullptr, nullptr, nullptr), nullptr);
  wasi_instance_t* wasi = wasi_instance_new(store_, "wasi_snapshot_preview1",
                                            wasi_config_new(), nullptr);
  ASSERT_NE(wasi, nullptr);
  EXPECT_EQ(wasi_instance_new(store_, "wasi_snapshot_preview1",
                              wasi_config_new(), &trap),
            nullptr);
  EXPECT_EQ(TakeText(trap), "the store has a WASI already");
  EXPECT_EQ(wasi_instance_bind_import(wasi, nullptr), nullptr);
  wasi_instance_delete(wasi);
}

}  // namespace
}  // namespace wasmd::capi::testing
