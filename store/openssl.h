// OpenSsl: the functions of OpenSSL that encrypt, loaded when they are needed
// first. Linked in, their tables would be a third of what every start of wasmd
// has to relocate, and few stores are encrypted.

#ifndef WASMD_STORE_OPENSSL_H_
#define WASMD_STORE_OPENSSL_H_

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "absl/status/statusor.h"

namespace wasmd {

struct OpenSsl {
  // Each named as in OpenSSL, less "EVP_".
  decltype(&::HMAC) HMAC;
  decltype(&::EVP_sha256) sha256;
  decltype(&::EVP_aes_256_gcm) aes_256_gcm;
  decltype(&::EVP_CIPHER_CTX_new) CIPHER_CTX_new;
  decltype(&::EVP_CIPHER_CTX_free) CIPHER_CTX_free;
  decltype(&::EVP_CIPHER_CTX_ctrl) CIPHER_CTX_ctrl;
  decltype(&::EVP_CipherInit_ex) CipherInit_ex;
  decltype(&::EVP_CipherUpdate) CipherUpdate;
  decltype(&::EVP_CipherFinal_ex) CipherFinal_ex;

  // Stays for as long as the program does. FailedPrecondition if the library is
  // not there. Thread-safe.
  static absl::StatusOr<const OpenSsl*> Get();
};

}  // namespace wasmd

#endif  // WASMD_STORE_OPENSSL_H_
