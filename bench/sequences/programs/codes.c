// Ciphers, hashes, checksums, compression: arithmetic on bits and bytes.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
#define N 20000
static uint8_t in[N], out[2 * N], back[N + 64];
static uint32_t Rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }
static uint64_t Rotl64(uint64_t x, int n) { return x << n | x >> (64 - n); }

#define QUARTER(a, b, c, d)                                         \
  a += b, d = Rotl(d ^ a, 16), c += d, b = Rotl(b ^ c, 12), a += b, \
          d = Rotl(d ^ a, 8), c += d, b = Rotl(b ^ c, 7)
NOINLINE static void ChaCha(uint32_t* o, const uint32_t* i) {
  uint32_t x[16];
  memcpy(x, i, 64);
  for (int r = 0; r < 10; r++) {
    QUARTER(x[0], x[4], x[8], x[12]);
    QUARTER(x[1], x[5], x[9], x[13]);
    QUARTER(x[2], x[6], x[10], x[14]);
    QUARTER(x[3], x[7], x[11], x[15]);
    QUARTER(x[0], x[5], x[10], x[15]);
    QUARTER(x[1], x[6], x[11], x[12]);
    QUARTER(x[2], x[7], x[8], x[13]);
    QUARTER(x[3], x[4], x[9], x[14]);
  }
  for (int k = 0; k < 16; k++) o[k] = x[k] + i[k];
}
NOINLINE static void Md5Block(uint32_t* h, const uint8_t* p,
                              const uint32_t* k) {
  static const uint8_t shifts[16] = {7, 12, 17, 22, 5, 9,  14, 20,
                                     4, 11, 16, 23, 6, 10, 15, 21};
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], m[16];
  memcpy(m, p, 64);
  for (int i = 0; i < 64; i++) {
    uint32_t f;
    int g;
    if (i < 16)
      f = (b & c) | (~b & d), g = i;
    else if (i < 32)
      f = (d & b) | (~d & c), g = (5 * i + 1) & 15;
    else if (i < 48)
      f = b ^ c ^ d, g = (3 * i + 5) & 15;
    else
      f = c ^ (b | ~d), g = 7 * i & 15;
    f += a + k[i] + m[g];
    a = d;
    d = c;
    c = b;
    b += Rotl(f, shifts[i / 16 * 4 + (i & 3)]);
  }
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
}
NOINLINE static void Sha1Block(uint32_t* h, const uint8_t* p) {
  uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 |
           p[4 * i + 3];
  for (int i = 16; i < 80; i++)
    w[i] = Rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? (b & c) | (~b & d)
                 : i < 40 ? b ^ c ^ d
                 : i < 60 ? (b & c) | (b & d) | (c & d)
                          : b ^ c ^ d,
             k = i < 20   ? 0x5A827999
                 : i < 40 ? 0x6ED9EBA1
                 : i < 60 ? 0x8F1BBCDC
                          : 0xCA62C1D6,
             t = Rotl(a, 5) + f + e + k + w[i];
    e = d;
    d = c;
    c = Rotl(b, 30);
    b = a;
    a = t;
  }
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
  h[4] += e;
}
NOINLINE static void Keccak(uint64_t* s) {
  static const uint8_t rot[25] = {0,  1, 62, 28, 27, 36, 44, 6,  55,
                                  20, 3, 10, 43, 25, 39, 41, 45, 15,
                                  21, 8, 18, 2,  61, 56, 14};
  for (int r = 0; r < 24; r++) {
    uint64_t c[5], b[25];
    for (int x = 0; x < 5; x++)
      c[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
    for (int x = 0; x < 5; x++) {
      uint64_t d = c[(x + 4) % 5] ^ Rotl64(c[(x + 1) % 5], 1);
      for (int y = 0; y < 25; y += 5) s[x + y] ^= d;
    }
    for (int x = 0; x < 5; x++)
      for (int y = 0; y < 5; y++)
        b[y + 5 * ((2 * x + 3 * y) % 5)] =
            rot[x + 5 * y] ? Rotl64(s[x + 5 * y], rot[x + 5 * y])
                           : s[x + 5 * y];
    for (int y = 0; y < 25; y += 5)
      for (int x = 0; x < 5; x++)
        s[y + x] = b[y + x] ^ (~b[y + (x + 1) % 5] & b[y + (x + 2) % 5]);
    s[0] ^= (uint64_t)r * 0x8000000080008001ull + 1;
  }
}
NOINLINE static void Tea(uint32_t* v, const uint32_t* k) {
  uint32_t y = v[0], z = v[1], sum = 0;
  for (int i = 0; i < 32; i++) {
    y += ((z << 4 ^ z >> 5) + z) ^ (sum + k[sum & 3]);
    sum += 0x9e3779b9;
    z += ((y << 4 ^ y >> 5) + y) ^ (sum + k[sum >> 11 & 3]);
  }
  v[0] = y;
  v[1] = z;
}
NOINLINE static void Rc4(const uint8_t* key, int length, uint8_t* p, int n) {
  uint8_t s[256], t;
  int j = 0;
  for (int i = 0; i < 256; i++) s[i] = i;
  for (int i = 0; i < 256; i++) {
    j = (j + s[i] + key[i % length]) & 255;
    t = s[i];
    s[i] = s[j];
    s[j] = t;
  }
  int a = 0, b = 0;
  for (int i = 0; i < n; i++) {
    a = (a + 1) & 255;
    b = (b + s[a]) & 255;
    t = s[a];
    s[a] = s[b];
    s[b] = t;
    p[i] ^= s[(s[a] + s[b]) & 255];
  }
}
NOINLINE static void Substitute(uint8_t* s, const uint8_t* box,
                                const uint8_t* key, int rounds) {
  uint8_t t[16];
  for (int r = 0; r < rounds; r++) {
    for (int i = 0; i < 16; i++) t[i] = box[s[i] ^ key[(r * 16 + i) & 255]];
    for (int i = 0; i < 16; i++) {
      uint8_t x = t[(i * 5) & 15];
      s[i] = (uint8_t)(x << 1 ^ (x >> 7) * 27) ^ t[(i * 5 + 1) & 15];
    }
  }
}
NOINLINE static uint32_t Adler(const uint8_t* p, int n) {
  uint32_t a = 1, b = 0;
  for (int i = 0; i < n; i++) {
    a = (a + p[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}
NOINLINE static uint16_t Crc16(const uint8_t* p, int n) {
  uint16_t c = 0xffff;
  while (n--) {
    c ^= *p++ << 8;
    for (int i = 0; i < 8; i++) c = c & 0x8000 ? c << 1 ^ 0x1021 : c << 1;
  }
  return c;
}
NOINLINE static uint64_t Fnv(const uint8_t* p, int n) {
  uint64_t h = 14695981039346656037ull;
  for (int i = 0; i < n; i++) {
    h ^= p[i];
    h *= 1099511628211ull;
  }
  return h;
}
NOINLINE static uint32_t Murmur(const uint8_t* p, int n) {
  uint32_t h = 7;
  for (int i = 0; i + 4 <= n; i += 4) {
    uint32_t k;
    memcpy(&k, p + i, 4);
    k *= 0xcc9e2d51;
    k = Rotl(k, 15) * 0x1b873593;
    h = Rotl(h ^ k, 13) * 5 + 0xe6546b64;
  }
  h ^= h >> 16;
  h *= 0x85ebca6b;
  return h ^ h >> 13;
}
NOINLINE static uint64_t XxHash(const uint8_t* p, int n) {
  uint64_t a = 1, b = 2, v;
  for (int i = 0; i + 16 <= n; i += 16) {
    memcpy(&v, p + i, 8);
    a = Rotl64(a + v * 0xC2B2AE3D27D4EB4Full, 31) * 0x9E3779B185EBCA87ull;
    memcpy(&v, p + i + 8, 8);
    b = Rotl64(b + v * 0xC2B2AE3D27D4EB4Full, 31) * 0x9E3779B185EBCA87ull;
  }
  return a ^ b >> 3;
}
NOINLINE static int RunLength(const uint8_t* p, int n, uint8_t* o) {
  int k = 0;
  for (int i = 0; i < n;) {
    int j = i + 1;
    while (j < n && p[j] == p[i] && j - i < 255) j++;
    o[k++] = j - i;
    o[k++] = p[i];
    i = j;
  }
  return k;
}
NOINLINE static int Lzw(const uint8_t* p, int n, uint16_t* o) {
  static int prefix[4096], letter[4096], first[4096], sibling[4096];
  int codes = 256, k = 0;
  memset(first, -1, sizeof first);
  int code = p[0];
  for (int i = 1; i < n; i++) {
    int c = first[code];
    while (c >= 0 && letter[c] != p[i]) c = sibling[c];
    if (c >= 0) {
      code = c;
      continue;
    }
    o[k++] = code;
    if (codes < 4096) {
      letter[codes] = p[i];
      prefix[codes] = code;
      sibling[codes] = first[code];
      first[code] = codes++;
    }
    code = p[i];
  }
  o[k++] = code;
  return k + prefix[300];
}
NOINLINE static void MoveToFront(uint8_t* p, int n) {
  uint8_t t[256];
  for (int i = 0; i < 256; i++) t[i] = i;
  for (int i = 0; i < n; i++) {
    uint8_t c = p[i];
    int j = 0;
    while (t[j] != c) j++;
    p[i] = j;
    for (; j > 0; j--) t[j] = t[j - 1];
    t[0] = c;
  }
}
NOINLINE static int Hex(const uint8_t* p, int n, char* o) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 0; i < n; i++) {
    *o++ = digits[p[i] >> 4];
    *o++ = digits[p[i] & 15];
  }
  return 2 * n;
}
NOINLINE static int Unhex(const char* p, int n, uint8_t* o) {
  for (int i = 0; i < n; i += 2) {
    int v = 0;
    for (int j = 0; j < 2; j++) {
      char c = p[i + j];
      v = v * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    *o++ = v;
  }
  return n / 2;
}
NOINLINE static int Base32(const uint8_t* p, int n, char* o) {
  uint64_t v = 0;
  int bits = 0, k = 0;
  for (int i = 0; i < n; i++) {
    v = v << 8 | p[i];
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      o[k++] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[v >> bits & 31];
    }
  }
  return k;
}
NOINLINE static int PutBits(const uint8_t* p, int n, uint8_t* o) {
  uint32_t hold = 0;
  int bits = 0, k = 0;
  for (int i = 0; i < n; i++) {
    int len = 2 + (p[i] & 7);
    hold |= (uint32_t)(p[i] & ((1 << len) - 1)) << bits;
    bits += len;
    while (bits >= 8) {
      o[k++] = hold;
      hold >>= 8;
      bits -= 8;
    }
  }
  o[k++] = hold;
  return k;
}
NOINLINE static uint32_t GetBits(const uint8_t* p, int n) {
  uint32_t sum = 0, hold = 0;
  int bits = 0;
  for (int i = 0; i < n;) {
    while (bits < 11 && i < n) {
      hold |= (uint32_t)p[i++] << bits;
      bits += 8;
    }
    int len = 3 + (hold & 7);
    sum = sum * 3 + (hold & ((1 << len) - 1));
    hold >>= len;
    bits -= len;
    if (bits < 0) bits = 0;
  }
  return sum;
}
NOINLINE static uint64_t XorShift(int n) {
  uint64_t x = 88172645463325252ull, sum = 0;
  while (n--) {
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    sum += x * 2685821657736338717ull >> 32;
  }
  return sum;
}
static uint32_t mt[624];
static int mti = 624;
NOINLINE static uint32_t Twister(void) {
  if (mti == 624) {
    for (int i = 0; i < 624; i++) {
      uint32_t y = (mt[i] & 0x80000000) | (mt[(i + 1) % 624] & 0x7fffffff);
      mt[i] = mt[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908b0df : 0);
    }
    mti = 0;
  }
  uint32_t y = mt[mti++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680;
  y ^= y << 15 & 0xefc60000;
  return y ^ y >> 18;
}

int main(void) {
  uint32_t s = 1, sum = 0, key[64];
  static uint16_t codes[N];
  for (int i = 0; i < N; i++) {
    s = s * 1664525 + 1013904223;
    in[i] = s >> 30 ? (i >> 5) * 3 : s >> 24;
  }
  for (int i = 0; i < 64; i++) key[i] = i * 0x9e3779b9 + 7;
  uint32_t block[16], h[5] = {1, 2, 3, 4, 5};
  uint64_t k[25] = {1};
  for (int i = 0; i < 400; i++) {
    key[12]++;
    ChaCha(block, key);
    sum += block[3];
    Md5Block(h, in + i * 16, key);
    Sha1Block(h, in + i * 16);
    Tea(h, key);
  }
  for (int i = 0; i < 60; i++) Keccak(k);
  Rc4(in + 7, 16, back, N);
  for (int i = 0; i < 200; i++) Substitute(back + i, in, back, 10);
  for (int i = 0; i < 3; i++) {
    sum += Adler(in, N) + Fnv(in, N) + Murmur(in, N) + XxHash(in, N) +
           RunLength(in, N, out) + PutBits(in, N, out) + GetBits(in, N);
    sum += Hex(in, N, (char*)out) + Unhex((char*)out, 2 * N, back) +
           Base32(in, N, (char*)out);
  }
  sum += Crc16(in, N) + Lzw(in, N, codes) + XorShift(60000);
  MoveToFront(in, 4000);
  for (int i = 0; i < 624; i++) mt[i] = i * 1812433253u;
  for (int i = 0; i < 60000; i++) sum += Twister();
  printf("%u %u %llu\n", sum, h[0], (unsigned long long)k[3]);
}
