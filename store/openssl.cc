#include "store/openssl.h"

#include <dlfcn.h>
#include <openssl/opensslv.h>

#include <string>
#include <type_traits>

#include "base/str_cat.h"

namespace wasmd {
namespace {

struct Loaded {
  OpenSsl functions = {};
  std::string error;  // empty: all are there
};

Loaded Load() {
  Loaded loaded;
  const std::string name = StrCat("libcrypto.so.", OPENSSL_SHLIB_VERSION);
  void* const library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    loaded.error = dlerror();
    return loaded;
  }
  const auto find = [&](auto& function, const char* symbol) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
        dlsym(library, symbol));
    if (function == nullptr) loaded.error = StrCat(name, " has no ", symbol);
  };
  OpenSsl& functions = loaded.functions;
  find(functions.HMAC, "HMAC");
  find(functions.sha256, "EVP_sha256");
  find(functions.aes_256_gcm, "EVP_aes_256_gcm");
  find(functions.CIPHER_CTX_new, "EVP_CIPHER_CTX_new");
  find(functions.CIPHER_CTX_free, "EVP_CIPHER_CTX_free");
  find(functions.CIPHER_CTX_ctrl, "EVP_CIPHER_CTX_ctrl");
  find(functions.CipherInit_ex, "EVP_CipherInit_ex");
  find(functions.CipherUpdate, "EVP_CipherUpdate");
  find(functions.CipherFinal_ex, "EVP_CipherFinal_ex");
  return loaded;
}

}  // namespace

absl::StatusOr<const OpenSsl*> OpenSsl::Get() {
  static const Loaded loaded = Load();
  if (loaded.error.empty()) return &loaded.functions;
  return absl::FailedPreconditionError(
      StrCat("encryption needs OpenSSL, which cannot be loaded (", loaded.error,
             "): install it (Debian's libssl3)"));
}

}  // namespace wasmd
