#include "store/value_cipher.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/status_matchers.h"
#include "store/encryption_key.h"

namespace wasmd::testing {
namespace {

constexpr size_t kNonceEnd = 16 + 8;

EncryptionKey KeyOf(uint8_t byte) {
  EncryptionKey::Bytes bytes;
  bytes.fill(byte);
  return EncryptionKey(bytes);
}

std::unique_ptr<ValueCipher> CipherOf(uint8_t byte) {
  return ValueCipher::Create(KeyOf(byte)).value();
}

TEST(ValueCipherTest, WhatWasEncryptedIsDecryptedByAnyCipherOfTheKey) {
  const auto writer = CipherOf(1);
  const auto reader = CipherOf(1);
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(5000, 't')}) {
    std::string sealed;
    writer->Encrypt(1, "key", text, &sealed);
    EXPECT_EQ(sealed.size(), text.size() + ValueCipher::kOverheadBytes);
    // A single byte may well be in there by chance.
    if (text.size() > 1) EXPECT_EQ(sealed.find(text), std::string::npos);
    std::string found = "before";
    EXPECT_TRUE(reader->Decrypt(1, "key", sealed, &found));
    EXPECT_EQ(found, text);
    EXPECT_TRUE(writer->Decrypt(1, "key", sealed, &found));
  }
}

TEST(ValueCipherTest, NothingElseIsDecrypted) {
  const auto cipher = CipherOf(1);
  std::string sealed;
  cipher->Encrypt(1, "key", "some text", &sealed);
  std::string text;
  EXPECT_FALSE(cipher->Decrypt(2, "key", sealed, &text));
  EXPECT_FALSE(cipher->Decrypt(1, "kez", sealed, &text));
  EXPECT_FALSE(CipherOf(2)->Decrypt(1, "key", sealed, &text));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(cipher->Decrypt(1, "key", changed, &text)) << bit;
    EXPECT_EQ(text, "");
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(cipher->Decrypt(1, "key", sealed.substr(0, size), &text));
  }
  EXPECT_TRUE(cipher->Decrypt(1, "key", sealed, &text));
}

// The epoch chooses the key, the number the nonce.
TEST(ValueCipherTest, NoNonceIsUsedTwiceByThreadsOrByCopies) {
  std::set<std::string> nonces;
  size_t count = 0;
  for (int copy = 0; copy < 8; ++copy) {
    const auto cipher = CipherOf(1);
    std::vector<std::vector<std::string>> made(4);
    std::vector<std::thread> threads;
    for (std::vector<std::string>& of_thread : made) {
      threads.emplace_back([&cipher, &of_thread] {
        for (int i = 0; i < 500; ++i) {
          cipher->Encrypt(0, "k", "t", &of_thread.emplace_back());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& of_thread : made) {
      for (const std::string& sealed : of_thread) {
        nonces.insert(sealed.substr(0, kNonceEnd));
        ++count;
      }
    }
  }
  EXPECT_EQ(nonces.size(), count);
}

TEST(ValueCipherTest, ManyEpochsAreRead) {
  const auto reader = CipherOf(1);
  for (int epoch = 0; epoch < 600; ++epoch) {
    std::string sealed;
    CipherOf(1)->Encrypt(0, "k", "text", &sealed);
    std::string text;
    ASSERT_TRUE(reader->Decrypt(0, "k", sealed, &text));
    EXPECT_EQ(text, "text");
  }
}

}  // namespace
}  // namespace wasmd::testing
