// The descriptors of a guest: numbers to what they stand for. Host descriptors
// and the kernel's offsets never show: a descriptor has its own offset, rights
// and flags, all of which are saved with the process.

#ifndef WASMD_WASI_DESCRIPTOR_TABLE_H_
#define WASMD_WASI_DESCRIPTOR_TABLE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/owned_fd.h"
#include "wasi/abi.h"
#include "wasi/directory_listing.h"
#include "wasi/errno.h"
#include "wasi/file_status.h"

namespace wasmd::wasi {

struct Descriptor {
  enum class Kind : uint8_t {
    kStdin,
    kStdout,
    kStderr,
    kFile,
    kDirectory,
    kDevice,  // a character device: a stream without offset
    kListener,
    kConnection,
  } kind = Kind::kFile;
  Rights base = 0;
  Rights inheriting = 0;
  uint32_t flags = 0;  // fdflags

  // Of all but the standard streams. Not open: it could not be reopened after a
  // resume, and every use is kIo; of a connection kConnReset.
  OwnedFd fd;

  // kListener: where it listens, "127.0.0.1:8080".
  std::string address;
  // kConnection: taken from the host, for a call that waits for more or only
  // looked. Not kept, as the connection is not.
  std::string received;

  // The rest is of kFile, kDirectory and kDevice only.

  // Where to find it again: below which preopened directory, and its path
  // there, without symbolic links if that could be found out.
  uint32_t root = 0;
  std::string path;
  // How the host file is open; the guest's rights may have become less.
  bool host_reads = false;
  bool host_writes = false;
  uint64_t offset = 0;
  bool is_preopen = false;  // fd_prestat_get knows it
  // Of a lost one: which file it was, and that nothing leads to it any more.
  std::optional<FileIdentity> lost_identity;
  bool is_deleted = false;
  // Of a file that is open, once it was asked for.
  std::optional<FileIdentity> known_identity;
  // What fd_readdir goes on in; read again when there is none.
  std::optional<DirectoryListing> listing;

  bool is_standard_stream() const {
    return kind == Kind::kStdin || kind == Kind::kStdout ||
           kind == Kind::kStderr;
  }
  bool is_socket() const {
    return kind == Kind::kListener || kind == Kind::kConnection;
  }
  // Is it a file of some kind, below a preopened directory?
  bool has_path() const { return !is_standard_stream() && !is_socket(); }
  bool is_lost() const {
    return !is_standard_stream() && kind != Kind::kConnection && !fd.is_open();
  }
  bool has(Rights rights) const { return (base & rights) == rights; }
};

// Confined to one thread at a time.
class DescriptorTable {
 public:
  static constexpr uint32_t kMaxDescriptors = 1024;

  // Null if there is none of this number. Valid until the table changes.
  Descriptor* Find(uint32_t number) {
    return number < slots_.size() ? slots_[number].get() : nullptr;
  }
  const Descriptor* Find(uint32_t number) const {
    return number < slots_.size() ? slots_[number].get() : nullptr;
  }

  // Puts it at the lowest free number above those of the standard streams;
  // kMfile if all are taken.
  ErrnoOr<uint32_t> Add(Descriptor descriptor);
  // At this number, which is below kMaxDescriptors and free.
  void Put(uint32_t number, Descriptor descriptor);
  // kBadf if there is none.
  Errno Close(uint32_t number);
  // Closes `to`, which is open, and makes `from` it.
  Errno Renumber(uint32_t from, uint32_t to);

  // Add would answer kMfile.
  bool is_full() const { return FirstFree() >= kMaxDescriptors; }
  // Numbers are below this.
  uint32_t end() const { return static_cast<uint32_t>(slots_.size()); }

 private:
  uint32_t FirstFree() const;
  std::vector<std::unique_ptr<Descriptor>> slots_;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_DESCRIPTOR_TABLE_H_
