// Numbers and layouts of the preview 1 ABI (typenames.witx). Offsets are bytes
// from the start of the record in guest memory.

#ifndef WASMD_WASI_ABI_H_
#define WASMD_WASI_ABI_H_

#include <cstdint>

namespace wasmd::wasi {

using Rights = uint64_t;

namespace rights {
inline constexpr Rights kFdDatasync = 1u << 0;
inline constexpr Rights kFdRead = 1u << 1;
inline constexpr Rights kFdSeek = 1u << 2;
inline constexpr Rights kFdFdstatSetFlags = 1u << 3;
inline constexpr Rights kFdSync = 1u << 4;
inline constexpr Rights kFdTell = 1u << 5;
inline constexpr Rights kFdWrite = 1u << 6;
inline constexpr Rights kFdAdvise = 1u << 7;
inline constexpr Rights kFdAllocate = 1u << 8;
inline constexpr Rights kPathCreateDirectory = 1u << 9;
inline constexpr Rights kPathCreateFile = 1u << 10;
inline constexpr Rights kPathLinkSource = 1u << 11;
inline constexpr Rights kPathLinkTarget = 1u << 12;
inline constexpr Rights kPathOpen = 1u << 13;
inline constexpr Rights kFdReaddir = 1u << 14;
inline constexpr Rights kPathReadlink = 1u << 15;
inline constexpr Rights kPathRenameSource = 1u << 16;
inline constexpr Rights kPathRenameTarget = 1u << 17;
inline constexpr Rights kPathFilestatGet = 1u << 18;
inline constexpr Rights kPathFilestatSetSize = 1u << 19;
inline constexpr Rights kPathFilestatSetTimes = 1u << 20;
inline constexpr Rights kFdFilestatGet = 1u << 21;
inline constexpr Rights kFdFilestatSetSize = 1u << 22;
inline constexpr Rights kFdFilestatSetTimes = 1u << 23;
inline constexpr Rights kPathSymlink = 1u << 24;
inline constexpr Rights kPathRemoveDirectory = 1u << 25;
inline constexpr Rights kPathUnlinkFile = 1u << 26;
inline constexpr Rights kPollFdReadwrite = 1u << 27;
inline constexpr Rights kSockShutdown = 1u << 28;
inline constexpr Rights kSockAccept = 1u << 29;

// What applies to each kind of descriptor; others are dropped at path_open.
inline constexpr Rights kFile =
    kFdDatasync | kFdRead | kFdSeek | kFdFdstatSetFlags | kFdSync | kFdTell |
    kFdWrite | kFdAdvise | kFdAllocate | kFdFilestatGet | kFdFilestatSetSize |
    kFdFilestatSetTimes | kPollFdReadwrite;
inline constexpr Rights kDevice =
    kFdRead | kFdFdstatSetFlags | kFdWrite | kFdFilestatGet | kPollFdReadwrite;
inline constexpr Rights kDirectory =
    kFdSync | kFdDatasync | kPathCreateDirectory | kPathCreateFile |
    kPathLinkSource | kPathLinkTarget | kPathOpen | kFdReaddir | kPathReadlink |
    kPathRenameSource | kPathRenameTarget | kPathFilestatGet |
    kPathFilestatSetSize | kPathFilestatSetTimes | kFdFilestatGet |
    kFdFilestatSetTimes | kPathSymlink | kPathRemoveDirectory |
    kPathUnlinkFile | kPollFdReadwrite;
inline constexpr Rights kInheriting = kDirectory | kFile;
inline constexpr Rights kStandardInput =
    kFdRead | kFdFdstatSetFlags | kFdFilestatGet | kPollFdReadwrite;
inline constexpr Rights kStandardOutput =
    kFdWrite | kFdFdstatSetFlags | kFdFilestatGet | kPollFdReadwrite;
inline constexpr Rights kListener =
    kFdFdstatSetFlags | kFdFilestatGet | kPollFdReadwrite | kSockAccept;
inline constexpr Rights kConnection = kFdRead | kFdFdstatSetFlags | kFdWrite |
                                      kFdFilestatGet | kPollFdReadwrite |
                                      kSockShutdown;
// What a read-only preopen does not give, to itself or below.
inline constexpr Rights kChanging =
    kFdWrite | kFdAllocate | kPathCreateDirectory | kPathCreateFile |
    kPathLinkSource | kPathLinkTarget | kPathRenameSource | kPathRenameTarget |
    kPathFilestatSetSize | kPathFilestatSetTimes | kFdFilestatSetSize |
    kFdFilestatSetTimes | kPathSymlink | kPathRemoveDirectory | kPathUnlinkFile;
}  // namespace rights

enum class FileType : uint8_t {
  kUnknown = 0,
  kBlockDevice = 1,
  kCharacterDevice = 2,
  kDirectory = 3,
  kRegularFile = 4,
  kSocketDgram = 5,
  kSocketStream = 6,
  kSymbolicLink = 7,
};

namespace fdflags {
inline constexpr uint32_t kAppend = 1;
inline constexpr uint32_t kDsync = 2;
inline constexpr uint32_t kNonblock = 4;
inline constexpr uint32_t kRsync = 8;
inline constexpr uint32_t kSync = 16;
inline constexpr uint32_t kAll = 31;
}  // namespace fdflags

namespace oflags {
inline constexpr uint32_t kCreat = 1;
inline constexpr uint32_t kDirectory = 2;
inline constexpr uint32_t kExcl = 4;
inline constexpr uint32_t kTrunc = 8;
inline constexpr uint32_t kAll = 15;
}  // namespace oflags

namespace fstflags {
inline constexpr uint32_t kAtim = 1;
inline constexpr uint32_t kAtimNow = 2;
inline constexpr uint32_t kMtim = 4;
inline constexpr uint32_t kMtimNow = 8;
inline constexpr uint32_t kAll = 15;
}  // namespace fstflags

namespace lookupflags {
inline constexpr uint32_t kSymlinkFollow = 1;
}  // namespace lookupflags

namespace riflags {
inline constexpr uint32_t kPeek = 1;
inline constexpr uint32_t kWaitAll = 2;
inline constexpr uint32_t kAll = 3;
}  // namespace riflags

namespace sdflags {
inline constexpr uint32_t kRead = 1;
inline constexpr uint32_t kWrite = 2;
}  // namespace sdflags

namespace whence {
inline constexpr uint32_t kSet = 0;
inline constexpr uint32_t kCurrent = 1;
inline constexpr uint32_t kEnd = 2;
}  // namespace whence

namespace clock_id {
inline constexpr uint32_t kRealtime = 0;
inline constexpr uint32_t kMonotonic = 1;
inline constexpr uint32_t kProcessCpu = 2;
inline constexpr uint32_t kThreadCpu = 3;
}  // namespace clock_id

namespace event_type {
inline constexpr uint8_t kClock = 0;
inline constexpr uint8_t kFdRead = 1;
inline constexpr uint8_t kFdWrite = 2;
}  // namespace event_type

inline constexpr uint32_t kClockIsAbsolute = 1;  // subclockflags
inline constexpr uint16_t kEventHangup = 1;      // eventrwflags
inline constexpr uint8_t kPreopenDirectory = 0;  // preopentype

namespace fdstat {
inline constexpr uint32_t kSizeBytes = 24;
inline constexpr uint32_t kFileType = 0;           // u8
inline constexpr uint32_t kFlags = 2;              // u16
inline constexpr uint32_t kRightsBase = 8;         // u64
inline constexpr uint32_t kRightsInheriting = 16;  // u64
}  // namespace fdstat

namespace filestat {
inline constexpr uint32_t kSizeBytes = 64;
inline constexpr uint32_t kDevice = 0;       // u64
inline constexpr uint32_t kInode = 8;        // u64
inline constexpr uint32_t kFileType = 16;    // u8
inline constexpr uint32_t kLinks = 24;       // u64
inline constexpr uint32_t kFileSize = 32;    // u64
inline constexpr uint32_t kAccessTime = 40;  // u64, nanoseconds
inline constexpr uint32_t kModifyTime = 48;  // u64
inline constexpr uint32_t kChangeTime = 56;  // u64
}  // namespace filestat

namespace prestat {
inline constexpr uint32_t kSizeBytes = 8;
inline constexpr uint32_t kType = 0;        // u8
inline constexpr uint32_t kNameLength = 4;  // u32
}  // namespace prestat

namespace dirent {
inline constexpr uint32_t kSizeBytes = 24;
inline constexpr uint32_t kNext = 0;         // u64 cookie
inline constexpr uint32_t kInode = 8;        // u64
inline constexpr uint32_t kNameLength = 16;  // u32
inline constexpr uint32_t kFileType = 20;    // u8
}  // namespace dirent

namespace subscription {
inline constexpr uint32_t kSizeBytes = 48;
inline constexpr uint32_t kUserData = 0;     // u64
inline constexpr uint32_t kType = 8;         // u8
inline constexpr uint32_t kClockId = 16;     // u32
inline constexpr uint32_t kTimeout = 24;     // u64, nanoseconds
inline constexpr uint32_t kClockFlags = 40;  // u16
inline constexpr uint32_t kFd = 16;          // u32
}  // namespace subscription

namespace event {
inline constexpr uint32_t kSizeBytes = 32;
inline constexpr uint32_t kUserData = 0;    // u64
inline constexpr uint32_t kError = 8;       // u16
inline constexpr uint32_t kType = 10;       // u8
inline constexpr uint32_t kByteCount = 16;  // u64
inline constexpr uint32_t kReadWrite = 24;  // u16
}  // namespace event

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_ABI_H_
