#include "wasi/call_names.h"

#include <bit>
#include <span>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/str_cat.h"

namespace wasmd::wasi {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kClocks[] = {"REALTIME", "MONOTONIC",
                                        "PROCESS_CPUTIME", "THREAD_CPUTIME"};
constexpr std::string_view kAdvices[] = {"NORMAL",   "SEQUENTIAL", "RANDOM",
                                         "WILLNEED", "DONTNEED",   "NOREUSE"};
constexpr std::string_view kWhences[] = {"SET", "CUR", "END"};
constexpr std::string_view kFileTypes[] = {
    "unknown", "block device", "character device", "directory",
    "file",    "dgram socket", "socket",           "link"};

// Names of bits, from the lowest.
constexpr std::string_view kLookupFlags[] = {"SYMLINK_FOLLOW"};
constexpr std::string_view kOpenFlags[] = {"CREAT", "DIRECTORY", "EXCL",
                                           "TRUNC"};
constexpr std::string_view kFdFlags[] = {"APPEND", "DSYNC", "NONBLOCK", "RSYNC",
                                         "SYNC"};
constexpr std::string_view kFstFlags[] = {"ATIM", "ATIM_NOW", "MTIM",
                                          "MTIM_NOW"};
constexpr std::string_view kReceiveFlags[] = {"PEEK", "WAITALL"};
constexpr std::string_view kShutdownFlags[] = {"RD", "WR"};
constexpr std::string_view kRights[] = {
    "FD_DATASYNC",
    "FD_READ",
    "FD_SEEK",
    "FD_FDSTAT_SET_FLAGS",
    "FD_SYNC",
    "FD_TELL",
    "FD_WRITE",
    "FD_ADVISE",
    "FD_ALLOCATE",
    "PATH_CREATE_DIRECTORY",
    "PATH_CREATE_FILE",
    "PATH_LINK_SOURCE",
    "PATH_LINK_TARGET",
    "PATH_OPEN",
    "FD_READDIR",
    "PATH_READLINK",
    "PATH_RENAME_SOURCE",
    "PATH_RENAME_TARGET",
    "PATH_FILESTAT_GET",
    "PATH_FILESTAT_SET_SIZE",
    "PATH_FILESTAT_SET_TIMES",
    "FD_FILESTAT_GET",
    "FD_FILESTAT_SET_SIZE",
    "FD_FILESTAT_SET_TIMES",
    "PATH_SYMLINK",
    "PATH_REMOVE_DIRECTORY",
    "PATH_UNLINK_FILE",
    "POLL_FD_READWRITE",
    "SOCK_SHUTDOWN",
    "SOCK_ACCEPT",
};
constexpr int kMaxShownRights = 4;

std::string OneOf(uint32_t value, Names names) {
  return value < names.size() ? std::string(names[value]) : StrCat(value);
}

std::string SetOf(uint64_t bits, Names names) {
  if (bits == 0) return "0";
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    if ((bits >> i & 1) == 0) continue;
    StrAppend(&text, text.empty() ? "" : "|", names[i]);
    bits &= ~(uint64_t{1} << i);
  }
  if (bits != 0)
    StrAppend(&text, text.empty() ? "" : "|", "0x", absl::Hex(bits));
  return text;
}

}  // namespace

std::string ClockText(uint32_t clock) { return OneOf(clock, kClocks); }
std::string AdviceText(uint32_t advice) { return OneOf(advice, kAdvices); }
std::string WhenceText(uint32_t whence) { return OneOf(whence, kWhences); }
std::string FileTypeText(uint8_t type) { return OneOf(type, kFileTypes); }

std::string LookupFlagsText(uint32_t flags) {
  return SetOf(flags, kLookupFlags);
}
std::string OpenFlagsText(uint32_t flags) { return SetOf(flags, kOpenFlags); }
std::string FdFlagsText(uint32_t flags) { return SetOf(flags, kFdFlags); }
std::string FstFlagsText(uint32_t flags) { return SetOf(flags, kFstFlags); }
std::string ReceiveFlagsText(uint32_t flags) {
  return SetOf(flags, kReceiveFlags);
}
std::string ShutdownFlagsText(uint32_t flags) {
  return SetOf(flags, kShutdownFlags);
}

std::string RightsText(Rights rights) {
  if (std::popcount(rights) > kMaxShownRights) {
    return StrCat("0x", absl::Hex(rights));
  }
  return SetOf(rights, kRights);
}

}  // namespace wasmd::wasi
