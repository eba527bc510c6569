#include "store/encryption_key.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// More than any form of a key has.
constexpr size_t kMaxKeyText = 256;

std::optional<uint8_t> HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return std::nullopt;
}

std::string_view WithoutSpace(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// Text that is wiped when it is let go of.
class SecretText {
 public:
  SecretText() = default;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  // Up to the end, or to one byte more than a key can have. False: an error,
  // in errno.
  bool ReadFrom(FILE* file) {
    // A buffer of the library would keep a copy.
    setvbuf(file, nullptr, _IONBF, 0);
    size_ = fread(bytes_.data(), 1, bytes_.size(), file);
    return ferror(file) == 0;
  }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kMaxKeyText + 1> bytes_ = {};
  size_t size_ = 0;
};

}  // namespace

EncryptionKey::~EncryptionKey() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

absl::StatusOr<EncryptionKey> EncryptionKey::MakeRandom() {
  EncryptionKey key({});
  // So few are given whole or not at all.
  if (getrandom(key.bytes_.data(), key.bytes_.size(), 0) !=
      static_cast<ssize_t>(key.bytes_.size())) {
    return absl::UnavailableError(
        StrCat("cannot make a random key: ", std::strerror(errno)));
  }
  return key;
}

absl::StatusOr<EncryptionKey> ParseEncryptionKey(std::string_view text,
                                                 std::string_view source) {
  EncryptionKey::Bytes bytes = {};
  if (text.size() == bytes.size()) {
    std::copy(text.begin(), text.end(), bytes.begin());
  } else {
    const std::string_view digits = WithoutSpace(text);
    bool is_key = digits.size() == 2 * bytes.size();
    for (size_t i = 0; is_key && i < bytes.size(); ++i) {
      const std::optional<uint8_t> high = HexDigit(digits[2 * i]);
      const std::optional<uint8_t> low = HexDigit(digits[2 * i + 1]);
      is_key = high.has_value() && low.has_value();
      if (is_key) bytes[i] = static_cast<uint8_t>(*high << 4 | *low);
    }
    if (!is_key) {
      OPENSSL_cleanse(bytes.data(), bytes.size());
      return absl::InvalidArgumentError(
          StrCat(source,
                 " has no key: it must be 64 hexadecimal digits, or 32 bytes"));
    }
  }
  EncryptionKey key(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

absl::StatusOr<EncryptionKey> ReadKeyFile(const std::string& path) {
  FILE* const file = fopen(path.c_str(), "rbe");
  if (file == nullptr) {
    const std::string message =
        StrCat("cannot read the key file ", path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(message)
                           : absl::UnavailableError(message);
  }
  SecretText secret;
  const bool is_read = secret.ReadFrom(file);
  const int error = errno;
  fclose(file);
  if (!is_read) {
    return absl::UnavailableError(
        StrCat("cannot read the key file ", path, ": ", std::strerror(error)));
  }
  return ParseEncryptionKey(secret.text(), StrCat("the key file ", path));
}

absl::StatusOr<EncryptionKey> RunKeyCommand(const std::string& command) {
  FILE* const output = popen(command.c_str(), "re");
  if (output == nullptr) {
    return absl::UnavailableError(
        StrCat("cannot run the key command: ", std::strerror(errno)));
  }
  SecretText secret;
  const bool is_read = secret.ReadFrom(output);
  const int ended = pclose(output);
  if (!is_read || ended == -1) {
    return absl::UnavailableError("cannot read what the key command prints");
  }
  if (!WIFEXITED(ended) || WEXITSTATUS(ended) != 0) {
    return absl::FailedPreconditionError(
        StrCat("the key command failed (",
               WIFEXITED(ended) ? StrCat("exit code ", WEXITSTATUS(ended))
                                : StrCat("signal ", WTERMSIG(ended)),
               "): ", command));
  }
  return ParseEncryptionKey(secret.text(), "what the key command prints");
}

}  // namespace wasmd
