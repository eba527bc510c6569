#include "wasi/function_table.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "base/str_cat.h"
#include "wasi/wasi.h"

namespace wasmd::wasi {
namespace {

std::string Letters(const std::vector<ValueType>& types) {
  std::string text;
  for (const ValueType type : types) {
    text += type == kI32Type ? 'i' : type == kI64Type ? 'I' : '?';
  }
  return text;
}

// From wasi_snapshot_preview1.witx, by the rules of the C ABI: i is i32, I is
// i64; parameters, then result.
const std::map<std::string, std::string>& ExpectedTypes() {
  static const auto& types = *new std::map<std::string, std::string>{
      {"args_get", "ii:i"},
      {"args_sizes_get", "ii:i"},
      {"environ_get", "ii:i"},
      {"environ_sizes_get", "ii:i"},
      {"clock_res_get", "ii:i"},
      {"clock_time_get", "iIi:i"},
      {"fd_advise", "iIIi:i"},
      {"fd_allocate", "iII:i"},
      {"fd_close", "i:i"},
      {"fd_datasync", "i:i"},
      {"fd_fdstat_get", "ii:i"},
      {"fd_fdstat_set_flags", "ii:i"},
      {"fd_fdstat_set_rights", "iII:i"},
      {"fd_filestat_get", "ii:i"},
      {"fd_filestat_set_size", "iI:i"},
      {"fd_filestat_set_times", "iIIi:i"},
      {"fd_pread", "iiiIi:i"},
      {"fd_prestat_get", "ii:i"},
      {"fd_prestat_dir_name", "iii:i"},
      {"fd_pwrite", "iiiIi:i"},
      {"fd_read", "iiii:i"},
      {"fd_readdir", "iiiIi:i"},
      {"fd_renumber", "ii:i"},
      {"fd_seek", "iIii:i"},
      {"fd_sync", "i:i"},
      {"fd_tell", "ii:i"},
      {"fd_write", "iiii:i"},
      {"path_create_directory", "iii:i"},
      {"path_filestat_get", "iiiii:i"},
      {"path_filestat_set_times", "iiiiIIi:i"},
      {"path_link", "iiiiiii:i"},
      {"path_open", "iiiiiIIii:i"},
      {"path_readlink", "iiiiii:i"},
      {"path_remove_directory", "iii:i"},
      {"path_rename", "iiiiii:i"},
      {"path_symlink", "iiiii:i"},
      {"path_unlink_file", "iii:i"},
      {"poll_oneoff", "iiii:i"},
      {"proc_exit", "i:"},
      {"proc_raise", "i:i"},
      {"random_get", "ii:i"},
      {"sched_yield", ":i"},
      {"sock_accept", "iii:i"},
      {"sock_recv", "iiiiii:i"},
      {"sock_send", "iiiii:i"},
      {"sock_shutdown", "ii:i"},
  };
  return types;
}

TEST(FunctionTableTest, HasEveryFunctionOfPreview1) {
  for (const auto& [name, letters] : ExpectedTypes()) {
    const std::optional<uint32_t> function = Context::FindFunction(name);
    ASSERT_TRUE(function.has_value()) << name;
    EXPECT_EQ(Context::NameOf(*function), name);
    const FunctionType& type = Context::TypeOf(*function);
    EXPECT_EQ(StrCat(Letters(type.params), ":", Letters(type.results)), letters)
        << name;
  }
  EXPECT_EQ(Functions().size(), ExpectedTypes().size());
}

TEST(FunctionTableTest, HasNoOthers) {
  EXPECT_EQ(Context::FindFunction("fd_open"), std::nullopt);
  EXPECT_EQ(Context::FindFunction(""), std::nullopt);
  EXPECT_EQ(Context::FindFunction("FD_READ"), std::nullopt);
}

TEST(FunctionTableTest, NumbersAreRows) {
  EXPECT_EQ(Context::FindFunction("args_get"),
            static_cast<uint32_t>(FunctionId::args_get));
  EXPECT_EQ(Context::FindFunction("sock_shutdown"),
            static_cast<uint32_t>(FunctionId::sock_shutdown));
}

}  // namespace
}  // namespace wasmd::wasi
