// Sorting, searching, hash tables, dynamic programs, search with backtracking,
// long numbers.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
#define N 8192
static uint32_t seed = 1;
static uint32_t Random(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed;
}
typedef struct {
  uint32_t key;
  float score;
  char name[8];
} Record;
static Record records[N];
static uint32_t a[N], t[N];
static int64_t longs[N];
static double doubles[N];
static uint16_t shorts[N];

NOINLINE static void Shell(uint32_t* p, int n) {
  for (int gap = n / 2; gap; gap /= 2)
    for (int i = gap; i < n; i++) {
      uint32_t v = p[i];
      int j = i;
      while (j >= gap && p[j - gap] > v) {
        p[j] = p[j - gap];
        j -= gap;
      }
      p[j] = v;
    }
}
NOINLINE static void Sift(uint32_t* p, int i, int n) {
  uint32_t v = p[i];
  int c;
  while ((c = 2 * i + 1) < n) {
    if (c + 1 < n && p[c + 1] > p[c]) c++;
    if (p[c] <= v) break;
    p[i] = p[c];
    i = c;
  }
  p[i] = v;
}
NOINLINE static void Heap(uint32_t* p, int n) {
  for (int i = n / 2; i >= 0; i--) Sift(p, i, n);
  while (n > 1) {
    uint32_t v = p[--n];
    p[n] = p[0];
    p[0] = v;
    Sift(p, 0, n);
  }
}
NOINLINE static void Quick(double* p, int lo, int hi) {
  if (lo >= hi) return;
  double pivot = p[(lo + hi) / 2];
  int i = lo, j = hi;
  while (i <= j) {
    while (p[i] < pivot) i++;
    while (p[j] > pivot) j--;
    if (i <= j) {
      double v = p[i];
      p[i++] = p[j];
      p[j--] = v;
    }
  }
  Quick(p, lo, j);
  Quick(p, i, hi);
}
NOINLINE static void MergeUp(int64_t* p, int64_t* q, int n) {
  for (int w = 1; w < n; w *= 2) {
    for (int lo = 0; lo < n; lo += 2 * w) {
      int i = lo, m = lo + w < n ? lo + w : n, j = m,
          e = lo + 2 * w < n ? lo + 2 * w : n;
      for (int k = lo; k < e; k++)
        q[k] = i < m && (j >= e || p[i] <= p[j]) ? p[i++] : p[j++];
    }
    memcpy(p, q, n * sizeof *p);
  }
}
NOINLINE static void Radix(uint32_t* p, uint32_t* q, int n) {
  for (int s = 0; s < 32; s += 8) {
    int count[256] = {0}, at = 0;
    for (int i = 0; i < n; i++) count[p[i] >> s & 255]++;
    for (int i = 0; i < 256; i++) {
      int c = count[i];
      count[i] = at;
      at += c;
    }
    for (int i = 0; i < n; i++) q[count[p[i] >> s & 255]++] = p[i];
    memcpy(p, q, n * 4);
  }
}
NOINLINE static void Counting(uint16_t* p, int n) {
  static int count[65536];
  memset(count, 0, sizeof count);
  for (int i = 0; i < n; i++) count[p[i]]++;
  for (int v = 0, k = 0; v < 65536; v++)
    for (int c = count[v]; c; c--) p[k++] = v;
}
static int ByKey(const void* x, const void* y) {
  const Record *r = x, *s = y;
  return r->key < s->key ? -1 : r->key > s->key;
}
static int ByName(const void* x, const void* y) {
  return strcmp(((const Record*)x)->name, ((const Record*)y)->name);
}
NOINLINE static void Insertion(Record* p, int n) {
  for (int i = 1; i < n; i++) {
    Record r = p[i];
    int j = i;
    for (; j > 0 && p[j - 1].score > r.score; j--) p[j] = p[j - 1];
    p[j] = r;
  }
}
NOINLINE static uint32_t Select(uint32_t* p, int n, int k) {
  int lo = 0, hi = n - 1;
  while (lo < hi) {
    uint32_t v = p[k];
    int i = lo, j = hi;
    do {
      while (p[i] < v) i++;
      while (v < p[j]) j--;
      if (i <= j) {
        uint32_t x = p[i];
        p[i] = p[j];
        p[j] = x;
        i++;
        j--;
      }
    } while (i <= j);
    if (j < k) lo = i;
    if (k < i) hi = j;
  }
  return p[k];
}
NOINLINE static int Lower(const int64_t* p, int n, int64_t v) {
  int lo = 0;
  while (n > 0) {
    int half = n / 2;
    if (p[lo + half] < v) {
      lo += half + 1;
      n -= half + 1;
    } else
      n = half;
  }
  return lo;
}

typedef struct {
  uint64_t key;
  int value;
  int used;
} Entry;
static Entry entries[4096];
NOINLINE static Entry* Probe(uint64_t key) {
  uint64_t h = key * 0x9E3779B97F4A7C15ull;
  h ^= h >> 29;
  for (uint32_t i = h & 4095;; i = (i + 1) & 4095) {
    Entry* e = &entries[i];
    if (!e->used || e->key == key) return e;
  }
}
typedef struct Node {
  struct Node* next;
  uint32_t hash;
  int count;
  char text[12];
} Node;
static Node *buckets[512], nodes[3000];
static int node_count;
NOINLINE static Node* Intern(const char* s) {
  uint32_t h = 5381;
  for (const char* p = s; *p; p++) h = h * 33 ^ (uint8_t)*p;
  for (Node* n = buckets[h & 511]; n; n = n->next)
    if (n->hash == h && strcmp(n->text, s) == 0) {
      n->count++;
      return n;
    }
  if (node_count == 3000) return nodes;
  Node* n = &nodes[node_count++];
  strcpy(n->text, s);
  n->hash = h;
  n->next = buckets[h & 511];
  buckets[h & 511] = n;
  return n;
}
static uint32_t bloom[2048];
NOINLINE static int Bloom(uint32_t k, int set) {
  int hits = 0;
  for (int i = 0; i < 4; i++) {
    k = k * 0x85ebca6b + 0x1234567;
    uint32_t bit = k >> 16;
    if (bloom[bit >> 5] >> (bit & 31) & 1) hits++;
    if (set) bloom[bit >> 5] |= 1u << (bit & 31);
  }
  return hits == 4;
}

static int best[5001], weight[64], value[64], longest[N], chain[64][64],
    row[128], row2[128];
static uint8_t text1[128], text2[128];
NOINLINE static int Knapsack(int n, int w) {
  memset(best, 0, sizeof best);
  for (int i = 0; i < n; i++)
    for (int j = w; j >= weight[i]; j--)
      if (best[j - weight[i]] + value[i] > best[j])
        best[j] = best[j - weight[i]] + value[i];
  return best[w];
}
NOINLINE static int Coins(int w) {
  best[0] = 0;
  for (int j = 1; j <= w; j++) {
    best[j] = 1 << 28;
    for (int i = 0; i < 8; i++)
      if (j >= weight[i] && best[j - weight[i]] + 1 < best[j])
        best[j] = best[j - weight[i]] + 1;
  }
  return best[w];
}
NOINLINE static int Increasing(const uint32_t* p, int n) {
  int m = 0;
  for (int i = 0; i < n; i++) {
    longest[i] = 1;
    for (int j = 0; j < i; j++)
      if (p[j] < p[i] && longest[j] >= longest[i]) longest[i] = longest[j] + 1;
    if (longest[i] > m) m = longest[i];
  }
  return m;
}
NOINLINE static int Chain(int n) {
  for (int i = 0; i < n; i++) chain[i][i] = 0;
  for (int len = 2; len <= n; len++)
    for (int i = 0; i + len <= n; i++) {
      int j = i + len - 1, m = 1 << 30;
      for (int k = i; k < j; k++) {
        int c =
            chain[i][k] + chain[k + 1][j] + weight[i] * weight[k] * weight[j];
        if (c < m) m = c;
      }
      chain[i][j] = m;
    }
  return chain[0][n - 1];
}
NOINLINE static int Edit(int n, int m) {
  int *p = row, *q = row2;
  for (int j = 0; j <= m; j++) p[j] = j;
  for (int i = 1; i <= n; i++) {
    q[0] = i;
    for (int j = 1; j <= m; j++) {
      int x = p[j] + 1, y = q[j - 1] + 1,
          z = p[j - 1] + (text1[i - 1] != text2[j - 1]);
      q[j] = x < y ? (x < z ? x : z) : (y < z ? y : z);
    }
    int* s = p;
    p = q;
    q = s;
  }
  return p[m];
}
NOINLINE static int Common(int n, int m) {
  memset(row, 0, sizeof row);
  for (int i = 0; i < n; i++) {
    int diagonal = 0;
    for (int j = 0; j < m; j++) {
      int up = row[j + 1];
      if (text1[i] == text2[j])
        row[j + 1] = diagonal + 1;
      else if (row[j] > up)
        row[j + 1] = row[j];
      diagonal = up;
    }
  }
  return row[m];
}

static int column[16], up[32], down[32], board[81], used[10], tour[8][8];
NOINLINE static int Queens(int r, int n) {
  if (r == n) return 1;
  int c = 0;
  for (int i = 0; i < n; i++)
    if (!column[i] && !up[r + i] && !down[r - i + n]) {
      column[i] = up[r + i] = down[r - i + n] = 1;
      c += Queens(r + 1, n);
      column[i] = up[r + i] = down[r - i + n] = 0;
    }
  return c;
}
static int Safe(const int* q, int r) {
  for (int i = 0; i < r; i++)
    if (q[i] == q[r] || q[i] - q[r] == r - i || q[r] - q[i] == r - i) return 0;
  return 1;
}
NOINLINE static int QueensCheck(int* q, int r, int n) {
  if (r == n) return 1;
  int c = 0;
  for (q[r] = 0; q[r] < n; q[r]++)
    if (Safe(q, r)) c += QueensCheck(q, r + 1, n);
  return c;
}
NOINLINE static int QueensBits(uint32_t all, uint32_t c, uint32_t l,
                               uint32_t r) {
  int n = 0;
  for (uint32_t free = all & ~(c | l | r); free; free &= free - 1) {
    uint32_t bit = free & -free;
    n += c + bit == all
             ? 1
             : QueensBits(all, c | bit, (l | bit) << 1, (r | bit) >> 1);
  }
  return n;
}
static int sudoku_steps;
static uint16_t rows_[9], columns_[9], boxes_[9];
NOINLINE static int Sudoku(int at) {
  while (at < 81 && board[at]) at++;
  if (at == 81 || ++sudoku_steps > 4000) return 1;
  int r = at / 9, c = at % 9, b = r / 3 * 3 + c / 3;
  uint16_t free = ~(rows_[r] | columns_[c] | boxes_[b]) & 0x3fe;
  for (int v = 1; v <= 9; v++)
    if (free >> v & 1) {
      board[at] = v;
      rows_[r] |= 1 << v;
      columns_[c] |= 1 << v;
      boxes_[b] |= 1 << v;
      if (Sudoku(at + 1)) return 1;
      board[at] = 0;
      rows_[r] &= ~(1 << v);
      columns_[c] &= ~(1 << v);
      boxes_[b] &= ~(1 << v);
    }
  return 0;
}
NOINLINE static int Tour(int x, int y, int n) {
  static const int dx[] = {1, 2, 2, 1, -1, -2, -2, -1},
                   dy[] = {-2, -1, 1, 2, 2, 1, -1, -2};
  static int tries;
  if (n == 26 || ++tries > 30000) return 1;
  tour[y][x] = n;
  for (int k = 0; k < 8; k++) {
    int u = x + dx[k], v = y + dy[k];
    if (u >= 0 && v >= 0 && u < 5 && v < 5 && !tour[v][u] && Tour(u, v, n + 1))
      return 1;
  }
  tour[y][x] = 0;
  return 0;
}
NOINLINE static long Permute(int* p, int n) {
  if (n == 1) return p[0] * 3 + p[2];
  long s = 0;
  for (int i = 0; i < n; i++) {
    s += Permute(p, n - 1);
    int j = n % 2 ? 0 : i;
    int v = p[j];
    p[j] = p[n - 1];
    p[n - 1] = v;
  }
  return s;
}
NOINLINE static int NextPermutation(uint8_t* p, int n) {
  int i = n - 2;
  while (i >= 0 && p[i] >= p[i + 1]) i--;
  if (i < 0) return 0;
  int j = n - 1;
  while (p[j] <= p[i]) j--;
  uint8_t v = p[i];
  p[i] = p[j];
  p[j] = v;
  for (int l = i + 1, r = n - 1; l < r; l++, r--) {
    v = p[l];
    p[l] = p[r];
    p[r] = v;
  }
  return 1;
}
NOINLINE static int Subsets(const int* w, int n, int left) {
  if (left == 0) return 1;
  if (n == 0 || left < 0) return 0;
  return Subsets(w, n - 1, left - w[n - 1]) + Subsets(w, n - 1, left);
}
NOINLINE static int Tak(int x, int y, int z) {
  return y < x ? Tak(Tak(x - 1, y, z), Tak(y - 1, z, x), Tak(z - 1, x, y)) : z;
}
NOINLINE static int Collatz(uint64_t n) {
  int steps = 0;
  while (n > 1) {
    n = n % 2 ? 3 * n + 1 : n / 2;
    steps++;
  }
  return steps;
}
NOINLINE static int Divisors(int n) {
  int s = 0;
  for (int d = 1; d * d <= n; d++)
    if (n % d == 0) {
      s += d;
      if (d != n / d) s += n / d;
    }
  return s;
}
NOINLINE static int Factors(uint32_t n) {
  int c = 0;
  while (n % 2 == 0) {
    n /= 2;
    c++;
  }
  for (uint32_t d = 3; d * d <= n; d += 2)
    while (n % d == 0) {
      n /= d;
      c++;
    }
  return c + (n > 1);
}
NOINLINE static uint64_t PowMod(uint64_t b, uint64_t e, uint64_t m) {
  uint64_t r = 1;
  for (b %= m; e; e >>= 1) {
    if (e & 1) r = r * b % m;
    b = b * b % m;
  }
  return r;
}

static uint32_t x32[200], y32[200], z32[400];
static uint16_t digits[2000];
NOINLINE static void LongMultiply(int n) {
  memset(z32, 0, sizeof z32);
  for (int i = 0; i < n; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < n; j++) {
      carry += (uint64_t)x32[i] * y32[j] + z32[i + j];
      z32[i + j] = (uint32_t)carry;
      carry >>= 32;
    }
    z32[i + n] = carry;
  }
}
NOINLINE static uint32_t LongDivide(uint32_t* p, int n, uint32_t d) {
  uint64_t r = 0;
  while (n--) {
    r = r << 32 | p[n];
    p[n] = r / d;
    r %= d;
  }
  return r;
}
NOINLINE static void LongAdd(uint32_t* p, const uint32_t* q, int n) {
  uint32_t carry = 0;
  for (int i = 0; i < n; i++) {
    uint32_t s = p[i] + q[i] + carry;
    carry = s >= 1000000000;
    p[i] = carry ? s - 1000000000 : s;
  }
}
NOINLINE static int Factorial(int n) {
  int used_digits = 1;
  memset(digits, 0, sizeof digits);
  digits[0] = 1;
  for (int k = 2; k <= n; k++) {
    int carry = 0;
    for (int i = 0; i < used_digits; i++) {
      int v = digits[i] * k + carry;
      digits[i] = v % 10000;
      carry = v / 10000;
    }
    while (carry) {
      digits[used_digits++] = carry % 10000;
      carry /= 10000;
    }
  }
  return used_digits;
}
NOINLINE static int Pi(int n) {
  static int r[3000];
  int c = 0, out = 0;
  for (int i = 0; i < n; i++) r[i] = 2000;
  for (int k = n; k > 0; k -= 14) {
    int d = 0;
    for (int i = k;;) {
      d += r[i % n] * 10000;
      r[i % n] = d % (2 * i - 1);
      d /= 2 * i - 1;
      if (--i == 0) break;
      d *= i;
    }
    out = out * 31 + c + d / 10000;
    c = d % 10000;
  }
  return out;
}

int main(void) {
  uint64_t sum = 0;
  for (int k = 0; k < 2; k++) {
    for (int i = 0; i < N; i++) {
      a[i] = Random();
      longs[i] = a[i];
      doubles[i] = a[i] / 7.0;
      shorts[i] = a[i];
      records[i].key = a[i] & 0xfff;
      records[i].score = a[i] >> 9;
      snprintf(records[i].name, 8, "%x", (unsigned)(a[i] >> 12));
    }
    Shell(a, N);
    for (int i = 0; i < N; i++) a[i] = Random();
    Heap(a, N);
    for (int i = 0; i < N; i++) a[i] = Random();
    Radix(a, t, N);
    for (int i = 0; i < N; i++) a[i] = Random();
    sum += Select(a, N, N / 3);
    static int64_t scratch[N];
    Quick(doubles, 0, N - 1);
    MergeUp(longs, scratch, N);
    Counting(shorts, N);
    qsort(records, N, sizeof *records, ByKey);
    qsort(records, N / 2, sizeof *records, ByName);
    Insertion(records, 300);
    for (int i = 0; i < N; i++) sum += Lower(longs, N, Random());
    for (int i = 0; i < 3 * N; i++) {
      uint64_t key = Random() % 3000;
      Entry* e = Probe(key);
      e->used = 1;
      e->key = key;
      e->value += i;
      sum += e->value;
    }
    memset(entries, 0, sizeof entries);
    for (int i = 0; i < 2 * N; i++) {
      char s[12];
      int n = 1 + Random() % 4;
      for (int j = 0; j < n; j++) s[j] = 'a' + Random() % 6;
      s[n] = 0;
      sum += Intern(s)->count;
      sum += Bloom(Random() % 9000, i & 1);
    }
  }
  for (int i = 0; i < 64; i++)
    weight[i] = 1 + Random() % 90, value[i] = Random() % 100;
  for (int i = 0; i < 128; i++)
    text1[i] = Random() & 3, text2[i] = Random() & 3;
  sum += Knapsack(64, 3000) + Coins(3000) + Increasing(a, 700) + Chain(50) +
         Edit(120, 120) + Edit(90, 127) + Common(120, 120) + Common(127, 90);
  int q[8];
  sum += Queens(0, 7) + QueensCheck(q, 0, 6) + QueensBits(255, 0, 0, 0);
  sum += Sudoku(0) + Tour(0, 0, 1);
  int p[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  uint8_t permutation[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  sum += Permute(p, 7);
  while (NextPermutation(permutation, 7)) sum += permutation[3];
  sum += Subsets(weight, 16, 300) + Tak(12, 8, 4);
  for (int i = 1; i < 1500; i++)
    sum +=
        Collatz(i) + Divisors(i) + Factors(i * 7) + PowMod(i, 65537, 1000003);
  for (int i = 0; i < 200; i++) x32[i] = Random(), y32[i] = Random();
  LongMultiply(200);
  for (int i = 0; i < 60; i++) {
    sum += LongDivide(x32, 200, 1000000007);
    LongAdd(y32, z32, 200);
  }
  sum += Factorial(250) + Pi(1400);
  printf("%llu %u %f\n", (unsigned long long)sum, z32[7], doubles[9]);
}
