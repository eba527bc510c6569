// The key of an encrypted store (docs/decisions/0010-encryption.md).

#ifndef WASMD_STORE_ENCRYPTION_KEY_H_
#define WASMD_STORE_ENCRYPTION_KEY_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace wasmd {

// 256 bits, wiped when they are let go of. Confined to one thread.
class EncryptionKey {
 public:
  using Bytes = std::array<uint8_t, 32>;

  explicit EncryptionKey(const Bytes& bytes) : bytes_(bytes) {}
  EncryptionKey(const EncryptionKey&) = default;
  EncryptionKey& operator=(const EncryptionKey&) = default;
  ~EncryptionKey();

  // From the operating system. Unavailable if it has none to give.
  static absl::StatusOr<EncryptionKey> MakeRandom();

  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

// A key as people keep it: 64 hexadecimal digits, with white space around them
// or not, or 32 bytes as they are. It is used as it is, not stretched: a
// password is no key. InvalidArgument, without what was found, for all else;
// `source` says where the text is from.
absl::StatusOr<EncryptionKey> ParseEncryptionKey(std::string_view text,
                                                 std::string_view source);

// The key in a file. NotFound or Unavailable with the path.
absl::StatusOr<EncryptionKey> ReadKeyFile(const std::string& path);

// The key that a command prints; the shell runs it, its errors go to stderr.
// FailedPrecondition if it fails. A command that does not end is waited for.
absl::StatusOr<EncryptionKey> RunKeyCommand(const std::string& command);

}  // namespace wasmd

#endif  // WASMD_STORE_ENCRYPTION_KEY_H_
