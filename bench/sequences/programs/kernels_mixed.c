// Ciphers, hashes, long numbers, trees, graphs, recursion.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
#define R(x, n) ((x) << (n) | (x) >> (32 - (n)))
#define R64(x, n) ((x) << (n) | (x) >> (64 - (n)))
static uint32_t out_[16];
NOINLINE void chacha(uint32_t* o, const uint32_t* in) {
  uint32_t x[16];
  memcpy(x, in, 64);
#define Q(a, b, c, d)        \
  x[a] += x[b];              \
  x[d] = R(x[d] ^ x[a], 16); \
  x[c] += x[d];              \
  x[b] = R(x[b] ^ x[c], 12); \
  x[a] += x[b];              \
  x[d] = R(x[d] ^ x[a], 8);  \
  x[c] += x[d];              \
  x[b] = R(x[b] ^ x[c], 7);
  for (int i = 0; i < 10; i++) {
    Q(0, 4, 8, 12)
    Q(1, 5, 9, 13)
    Q(2, 6, 10, 14)
    Q(3, 7, 11, 15)
    Q(0, 5, 10, 15) Q(1, 6, 11, 12) Q(2, 7, 8, 13) Q(3, 4, 9, 14)
  }
  for (int i = 0; i < 16; i++) o[i] = x[i] + in[i];
}
NOINLINE void sha1(uint32_t* h, const uint32_t* b) {
  uint32_t w[80], a = h[0], c = h[1], d = h[2], e = h[3], f = h[4];
  for (int i = 0; i < 16; i++) w[i] = b[i];
  for (int i = 16; i < 80; i++)
    w[i] = R(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t k, g;
    if (i < 20)
      g = (c & d) | (~c & e), k = 0x5A827999;
    else if (i < 40)
      g = c ^ d ^ e, k = 0x6ED9EBA1;
    else if (i < 60)
      g = (c & d) | (c & e) | (d & e), k = 0x8F1BBCDC;
    else
      g = c ^ d ^ e, k = 0xCA62C1D6;
    uint32_t t = R(a, 5) + g + f + k + w[i];
    f = e;
    e = d;
    d = R(c, 30);
    c = a;
    a = t;
  }
  h[0] += a;
  h[1] += c;
  h[2] += d;
  h[3] += e;
  h[4] += f;
}
static uint32_t K[64];
static int S[64];
NOINLINE void md5(uint32_t* h, const uint32_t* m) {
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3];
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
    f += a + K[i] + m[g];
    a = d;
    d = c;
    c = b;
    b += f << S[i] | f >> (32 - S[i]);
  }
  h[0] += a;
  h[1] += b;
  h[2] += c;
  h[3] += d;
}
NOINLINE void keccak(uint64_t* s) {
  for (int r = 0; r < 24; r++) {
    uint64_t c[5];
    for (int x = 0; x < 5; x++)
      c[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
    for (int x = 0; x < 5; x++) {
      uint64_t d = c[(x + 4) % 5] ^ R64(c[(x + 1) % 5], 1);
      for (int y = 0; y < 25; y += 5) s[x + y] ^= d;
    }
    for (int y = 0; y < 25; y += 5) {
      uint64_t t[5];
      for (int x = 0; x < 5; x++) t[x] = s[y + x];
      for (int x = 0; x < 5; x++)
        s[y + x] = t[x] ^ (~t[(x + 1) % 5] & t[(x + 2) % 5]);
    }
    s[0] ^= r * 0x8000000080008081ull;
  }
}
NOINLINE uint64_t sip(uint64_t* v, const uint64_t* m, int n) {
  for (int i = 0; i < n; i++) {
    v[3] ^= m[i];
    for (int k = 0; k < 2; k++) {
      v[0] += v[1];
      v[1] = R64(v[1], 13);
      v[1] ^= v[0];
      v[0] = R64(v[0], 32);
      v[2] += v[3];
      v[3] = R64(v[3], 16);
      v[3] ^= v[2];
      v[0] += v[3];
      v[3] = R64(v[3], 21);
      v[3] ^= v[0];
      v[2] += v[1];
      v[1] = R64(v[1], 17);
      v[1] ^= v[2];
      v[2] = R64(v[2], 32);
    }
    v[0] ^= m[i];
  }
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}
NOINLINE void bigmul(uint32_t* r, const uint32_t* a, int n, const uint32_t* b,
                     int m) {
  memset(r, 0, (n + m) * 4);
  for (int i = 0; i < n; i++) {
    uint64_t c = 0;
    for (int j = 0; j < m; j++) {
      c += (uint64_t)a[i] * b[j] + r[i + j];
      r[i + j] = c;
      c >>= 32;
    }
    r[i + m] = c;
  }
}
NOINLINE uint32_t bigdiv(uint32_t* a, int n, uint32_t d) {
  uint64_t r = 0;
  for (int i = n - 1; i >= 0; i--) {
    r = r << 32 | a[i];
    a[i] = r / d;
    r %= d;
  }
  return r;
}
NOINLINE void bigadd(uint32_t* a, const uint32_t* b, int n) {
  uint64_t c = 0;
  for (int i = 0; i < n; i++) {
    c += (uint64_t)a[i] + b[i];
    a[i] = c;
    c >>= 32;
  }
}
static uint32_t mt[624];
static int mi = 624;
NOINLINE uint32_t twist(void) {
  if (mi >= 624) {
    for (int i = 0; i < 624; i++) {
      uint32_t y = (mt[i] & 0x80000000u) | (mt[(i + 1) % 624] & 0x7fffffff);
      mt[i] = mt[(i + 397) % 624] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
    }
    mi = 0;
  }
  uint32_t y = mt[mi++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680u;
  y ^= y << 15 & 0xefc60000u;
  return y ^ y >> 18;
}
NOINLINE uint64_t xoro(uint64_t* s, int n) {
  uint64_t t = 0;
  for (int i = 0; i < n; i++) {
    uint64_t a = s[0], b = s[1];
    t += a + b;
    b ^= a;
    s[0] = R64(a, 24) ^ b ^ b << 16;
    s[1] = R64(b, 37);
  }
  return t;
}
NOINLINE uint64_t split(uint64_t x, int n) {
  uint64_t t = 0;
  for (int i = 0; i < n; i++) {
    x += 0x9e3779b97f4a7c15ull;
    uint64_t z = x;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    t ^= z ^ z >> 31;
  }
  return t;
}
NOINLINE uint32_t lcg(uint32_t s, int n) {
  uint32_t t = 0;
  for (int i = 0; i < n; i++) {
    s = s * 1664525u + 1013904223u;
    t ^= s >> 16;
  }
  return t;
}
NOINLINE void tea(uint32_t* v, const uint32_t* k) {
  uint32_t a = v[0], b = v[1], s = 0;
  for (int i = 0; i < 32; i++) {
    s += 0x9e3779b9;
    a += ((b << 4) + k[0]) ^ (b + s) ^ ((b >> 5) + k[1]);
    b += ((a << 4) + k[2]) ^ (a + s) ^ ((a >> 5) + k[3]);
  }
  v[0] = a;
  v[1] = b;
}
static unsigned char rs[256];
NOINLINE void rc4(unsigned char* o, int n) {
  int i = 0, j = 0;
  for (int k = 0; k < n; k++) {
    i = (i + 1) & 255;
    j = (j + rs[i]) & 255;
    unsigned char t = rs[i];
    rs[i] = rs[j];
    rs[j] = t;
    o[k] ^= rs[(rs[i] + rs[j]) & 255];
  }
}
typedef struct Node {
  struct Node *l, *r;
  int k, p;
} Node;
static Node pool[6000];
static int pn;
NOINLINE Node* bst(Node* t, int k) {
  Node** p = &t;
  while (*p) {
    if ((*p)->k == k) return t;
    p = k < (*p)->k ? &(*p)->l : &(*p)->r;
  }
  Node* n = &pool[pn++];
  n->l = n->r = 0;
  n->k = k;
  *p = n;
  return t;
}
NOINLINE int height(Node* t) {
  if (!t) return 0;
  int a = height(t->l), b = height(t->r);
  return 1 + (a > b ? a : b);
}
NOINLINE int find(Node* t, int k) {
  while (t) {
    if (t->k == k) return 1;
    t = k < t->k ? t->l : t->r;
  }
  return 0;
}
static int uf[5000];
NOINLINE int root(int i) {
  while (uf[i] != i) {
    uf[i] = uf[uf[i]];
    i = uf[i];
  }
  return i;
}
static int adj[3000][4], q[3000], ds[3000];
NOINLINE int bfs(int s) {
  memset(ds, -1, sizeof ds);
  int h = 0, t = 0;
  q[t++] = s;
  ds[s] = 0;
  while (h < t) {
    int u = q[h++];
    for (int i = 0; i < 4; i++) {
      int v = adj[u][i];
      if (ds[v] < 0) ds[v] = ds[u] + 1, q[t++] = v;
    }
  }
  return t;
}
static unsigned char vis[3000];
NOINLINE int dfs(int u) {
  vis[u] = 1;
  int n = 1;
  for (int i = 0; i < 4; i++)
    if (!vis[adj[u][i]]) n += dfs(adj[u][i]);
  return n;
}
NOINLINE int ack(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1));
}
NOINLINE int tak(int x, int y, int z) {
  return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}
NOINLINE void hanoi(int n, int a, int b, int c, int* m) {
  if (n) {
    hanoi(n - 1, a, c, b, m);
    ++*m;
    hanoi(n - 1, c, b, a, m);
  }
}
typedef struct {
  int (*op)(int, int);
} Ops;
static int fa(int a, int b) { return a + b; }
static int fb(int a, int b) { return a ^ b; }
static int fc(int a, int b) { return a * b + 1; }
static Ops ops[3] = {{fa}, {fb}, {fc}};
NOINLINE int disp(int n) {
  int s = 1;
  for (int i = 0; i < n; i++) s = ops[i % 3].op(s, i);
  return s;
}
static uint64_t bits[512];
NOINLINE int sieveb(int n) {
  memset(bits, 255, sizeof bits);
  int c = 0;
  for (int i = 2; i < n; i++)
    if (bits[i >> 6] >> (i & 63) & 1) {
      c++;
      for (int j = i * 2; j < n; j += i) bits[j >> 6] &= ~(1ull << (j & 63));
    }
  return c;
}
NOINLINE uint64_t perftlike(uint64_t b, int d) {
  if (!d) return 1;
  uint64_t n = 0, m = b;
  while (m) {
    int s = __builtin_ctzll(m);
    m &= m - 1;
    n += perftlike(b ^ (1ull << s) ^ (1ull << ((s * 7 + 3) & 63)), d - 1);
  }
  return n;
}
int main(void) {
  uint32_t s = 0, blk[16], h[5] = {1, 2, 3, 4, 5};
  uint64_t st[25], sv[4] = {1, 2, 3, 4};
  static uint64_t ms[1000];
  static uint32_t A[64], B[64], C[128];
  static unsigned char buf[20000];
  for (int i = 0; i < 16; i++) blk[i] = i * 0x9e3779b9;
  for (int i = 0; i < 64; i++)
    K[i] = i * 0x5bd1e995, S[i] = 1 + i % 29, A[i] = i * 77777,
    B[i] = ~i * 99991;
  for (int i = 0; i < 25; i++) st[i] = i * 0x123456789ull;
  for (int i = 0; i < 624; i++) mt[i] = i * 1812433253u;
  for (int i = 0; i < 256; i++) rs[i] = i;
  for (int i = 0; i < 1000; i++) ms[i] = i * 0x1234567ull;
  for (int it = 0; it < 3; it++) {
    for (int i = 0; i < 200; i++) chacha(out_, blk), blk[12]++, s += out_[3];
    for (int i = 0; i < 300; i++) sha1(h, blk), md5(h, blk);
    for (int i = 0; i < 50; i++) keccak(st);
    s += (uint32_t)sip(sv, ms, 1000);
    for (int i = 0; i < 30; i++)
      bigmul(C, A, 64, B, 64), s += bigdiv(C, 128, 1000000007),
          bigadd(C, C, 128);
    for (int i = 0; i < 40000; i++) s += twist();
    s += xoro(sv, 30000) + split(7, 30000) + lcg(7, 60000);
    for (int i = 0; i < 800; i++) tea(blk, A);
    rc4(buf, 20000);
    pn = 0;
    Node* t = 0;
    for (int i = 0; i < 5000; i++) t = bst(t, twist());
    s += height(t);
    for (int i = 0; i < 10000; i++) s += find(t, twist());
    for (int i = 0; i < 5000; i++) uf[i] = i;
    for (int i = 0; i < 5000; i++)
      uf[root(twist() % 5000)] = root(twist() % 5000);
    for (int i = 0; i < 3000; i++)
      for (int j = 0; j < 4; j++) adj[i][j] = twist() % 3000;
    for (int k = 0; k < 6; k++) s += bfs(k);
    memset(vis, 0, 3000);
    s += dfs(0);
    s += ack(2, 60) + tak(10, 6, 3);
    int m = 0;
    hanoi(13, 0, 1, 2, &m);
    s += m + disp(40000) + sieveb(30000) +
         (uint32_t)perftlike(0x81422418c3a5ull, 3);
  }
  printf("%u\n", s);
}
