// Small loops over integers: sorting, counting, searching, tables of sums.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
static uint32_t seed = 1;
static uint32_t rnd(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed;
}
static int a[20000], b[20000], cnt[65536];
static unsigned char by[65536], bz[65536];
NOINLINE int isum(int* p, int n) {
  int s = 0;
  for (int i = 0; i < n; i++) s += p[i];
  return s;
}
NOINLINE int imax(int* p, int n) {
  int m = p[0];
  for (int i = 1; i < n; i++)
    if (p[i] > m) m = p[i];
  return m;
}
NOINLINE void prefix(int* p, int n) {
  for (int i = 1; i < n; i++) p[i] += p[i - 1];
}
NOINLINE void addv(int* c, int* x, int* y, int n) {
  for (int i = 0; i < n; i++) c[i] = x[i] + y[i];
}
NOINLINE void hist(unsigned char* p, int n, int* h) {
  for (int i = 0; i < n; i++) h[p[i]]++;
}
NOINLINE void rev(int* p, int n) {
  for (int i = 0, j = n - 1; i < j; i++, j--) {
    int t = p[i];
    p[i] = p[j];
    p[j] = t;
  }
}
NOINLINE void bubble(int* p, int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j + 1 < n - i; j++)
      if (p[j] > p[j + 1]) {
        int t = p[j];
        p[j] = p[j + 1];
        p[j + 1] = t;
      }
}
NOINLINE void insertion(int* p, int n) {
  for (int i = 1; i < n; i++) {
    int v = p[i], j = i - 1;
    while (j >= 0 && p[j] > v) {
      p[j + 1] = p[j];
      j--;
    }
    p[j + 1] = v;
  }
}
NOINLINE void sift(int* h, int i, int n) {
  int v = h[i];
  for (;;) {
    int c = 2 * i + 1;
    if (c >= n) break;
    if (c + 1 < n && h[c + 1] > h[c]) c++;
    if (h[c] <= v) break;
    h[i] = h[c];
    i = c;
  }
  h[i] = v;
}
NOINLINE void heapsort_(int* h, int n) {
  for (int i = n / 2 - 1; i >= 0; i--) sift(h, i, n);
  for (int i = n - 1; i > 0; i--) {
    int t = h[0];
    h[0] = h[i];
    h[i] = t;
    sift(h, 0, i);
  }
}
NOINLINE void quick(int* p, int lo, int hi) {
  while (lo < hi) {
    int v = p[(lo + hi) / 2], i = lo, j = hi;
    while (i <= j) {
      while (p[i] < v) i++;
      while (p[j] > v) j--;
      if (i <= j) {
        int t = p[i];
        p[i] = p[j];
        p[j] = t;
        i++;
        j--;
      }
    }
    if (j - lo < hi - i) {
      quick(p, lo, j);
      lo = i;
    } else {
      quick(p, i, hi);
      hi = j;
    }
  }
}
NOINLINE void merge(int* p, int* t, int n) {
  if (n < 2) return;
  int m = n / 2;
  merge(p, t, m);
  merge(p + m, t, n - m);
  int i = 0, j = m, k = 0;
  while (i < m && j < n) t[k++] = p[i] <= p[j] ? p[i++] : p[j++];
  while (i < m) t[k++] = p[i++];
  while (j < n) t[k++] = p[j++];
  memcpy(p, t, n * sizeof *p);
}
NOINLINE void radix(unsigned* p, unsigned* t, int n) {
  for (int s = 0; s < 32; s += 8) {
    int c[257] = {0};
    for (int i = 0; i < n; i++) c[(p[i] >> s & 255) + 1]++;
    for (int i = 0; i < 256; i++) c[i + 1] += c[i];
    for (int i = 0; i < n; i++) t[c[p[i] >> s & 255]++] = p[i];
    memcpy(p, t, n * 4);
  }
}
NOINLINE int bsearch_(int* p, int n, int v) {
  int lo = 0, hi = n;
  while (lo < hi) {
    int m = (lo + hi) >> 1;
    if (p[m] < v)
      lo = m + 1;
    else
      hi = m;
  }
  return lo;
}
NOINLINE int gcd(int x, int y) {
  while (y) {
    int t = x % y;
    x = y;
    y = t;
  }
  return x;
}
NOINLINE int collatz(uint64_t n) {
  int c = 0;
  while (n != 1) {
    n = n & 1 ? 3 * n + 1 : n >> 1;
    c++;
  }
  return c;
}
NOINLINE int pop(uint32_t* p, int n) {
  int c = 0;
  for (int i = 0; i < n; i++) {
    uint32_t x = p[i];
    while (x) {
      x &= x - 1;
      c++;
    }
  }
  return c;
}
NOINLINE int queens(int n, uint32_t c, uint32_t l, uint32_t r) {
  uint32_t all = (1u << n) - 1;
  if (c == all) return 1;
  int k = 0;
  uint32_t m = all & ~(c | l | r);
  while (m) {
    uint32_t x = m & -m;
    m ^= x;
    k += queens(n, c | x, (l | x) << 1, (r | x) >> 1);
  }
  return k;
}
NOINLINE uint32_t modpow(uint32_t b_, uint32_t e, uint32_t m) {
  uint64_t r = 1, x = b_;
  while (e) {
    if (e & 1) r = r * x % m;
    x = x * x % m;
    e >>= 1;
  }
  return r;
}
NOINLINE int isprime(int n) {
  if (n < 2) return 0;
  for (int d = 2; d * d <= n; d++)
    if (n % d == 0) return 0;
  return 1;
}
NOINLINE int fibit(int n) {
  int x = 0, y = 1;
  while (n--) {
    int t = x + y;
    x = y;
    y = t;
  }
  return x;
}
static unsigned grid[2][66 * 66];
NOINLINE void life(unsigned* g, unsigned* h) {
  for (int y = 1; y < 65; y++)
    for (int x = 1; x < 65; x++) {
      unsigned* p = g + y * 66 + x;
      int n = p[-1] + p[1] + p[-66] + p[66] + p[-67] + p[-65] + p[65] + p[67];
      h[y * 66 + x] = n == 3 || (n == 2 && *p);
    }
}
static int dist[100][100];
NOINLINE void floyd(int n) {
  for (int k = 0; k < n; k++)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        int d = dist[i][k] + dist[k][j];
        if (d < dist[i][j]) dist[i][j] = d;
      }
}
static int dp[1001];
NOINLINE int knap(int* w, int* v, int n, int W) {
  memset(dp, 0, sizeof dp);
  for (int i = 0; i < n; i++)
    for (int j = W; j >= w[i]; j--) {
      int t = dp[j - w[i]] + v[i];
      if (t > dp[j]) dp[j] = t;
    }
  return dp[W];
}
static int lv[2][300];
NOINLINE int lev(const unsigned char* s, int n, const unsigned char* t, int m) {
  int *p = lv[0], *q = lv[1];
  for (int j = 0; j <= m; j++) p[j] = j;
  for (int i = 1; i <= n; i++) {
    q[0] = i;
    for (int j = 1; j <= m; j++) {
      int c = p[j - 1] + (s[i - 1] != t[j - 1]);
      if (p[j] + 1 < c) c = p[j] + 1;
      if (q[j - 1] + 1 < c) c = q[j - 1] + 1;
      q[j] = c;
    }
    int* x = p;
    p = q;
    q = x;
  }
  return p[m];
}
static int lc[300][300];
NOINLINE int lcs(const unsigned char* s, int n, const unsigned char* t, int m) {
  for (int i = 1; i <= n; i++)
    for (int j = 1; j <= m; j++)
      lc[i][j] = s[i - 1] == t[j - 1]          ? lc[i - 1][j - 1] + 1
                 : lc[i - 1][j] > lc[i][j - 1] ? lc[i - 1][j]
                                               : lc[i][j - 1];
  return lc[n][m];
}
static unsigned hk[8192], hv[8192];
NOINLINE void hput(unsigned k, unsigned v) {
  unsigned i = k * 2654435761u >> 19;
  while (hk[i] && hk[i] != k) i = (i + 1) & 8191;
  hk[i] = k;
  hv[i] += v;
}
NOINLINE unsigned hget(unsigned k) {
  unsigned i = k * 2654435761u >> 19;
  while (hk[i] && hk[i] != k) i = (i + 1) & 8191;
  return hv[i];
}
struct N {
  struct N* next;
  int v;
};
static struct N nodes[5000];
NOINLINE int lsum(struct N* n) {
  int s = 0;
  while (n) {
    s += n->v;
    n = n->next;
  }
  return s;
}
NOINLINE struct N* lrev(struct N* n) {
  struct N* p = 0;
  while (n) {
    struct N* t = n->next;
    n->next = p;
    p = n;
    n = t;
  }
  return p;
}
NOINLINE void transpose(int* o, int* i, int n) {
  for (int y = 0; y < n; y++)
    for (int x = 0; x < n; x++) o[x * n + y] = i[y * n + x];
}
static char board[9][9];
NOINLINE int ok(int r, int c, int v) {
  for (int i = 0; i < 9; i++)
    if (board[r][i] == v || board[i][c] == v ||
        board[r / 3 * 3 + i / 3][c / 3 * 3 + i % 3] == v)
      return 0;
  return 1;
}
static int steps;
NOINLINE int sudoku(int p) {
  if (p == 81 || steps++ > 20000) return 1;
  int r = p / 9, c = p % 9;
  if (board[r][c]) return sudoku(p + 1);
  for (int v = 1; v <= 9; v++)
    if (ok(r, c, v)) {
      board[r][c] = v;
      if (sudoku(p + 1)) return 1;
      board[r][c] = 0;
    }
  return 0;
}
int perm[9], used_[9];
NOINLINE int permute(int k, int n) {
  if (k == n) return 1;
  int c = 0;
  for (int i = 0; i < n; i++)
    if (!used_[i]) {
      used_[i] = 1;
      perm[k] = i;
      c += permute(k + 1, n);
      used_[i] = 0;
    }
  return c;
}
static int hp[4096], hn;
NOINLINE void push(int v) {
  int i = hn++;
  while (i && hp[(i - 1) / 2] > v) {
    hp[i] = hp[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  hp[i] = v;
}
NOINLINE int popm(void) {
  int r = hp[0], v = hp[--hn], i = 0;
  for (;;) {
    int c = 2 * i + 1;
    if (c >= hn) break;
    if (c + 1 < hn && hp[c + 1] < hp[c]) c++;
    if (hp[c] >= v) break;
    hp[i] = hp[c];
    i = c;
  }
  hp[i] = v;
  return r;
}
int main(void) {
  unsigned s = 0;
  for (int i = 0; i < 65536; i++) by[i] = rnd() >> 7, bz[i] = by[i] & 15;
  for (int it = 0; it < 3; it++) {
    for (int i = 0; i < 20000; i++) a[i] = rnd() >> 8;
    for (int k = 0; k < 30; k++) s += isum(a, 20000), s += imax(a, 20000);
    for (int k = 0; k < 20; k++)
      prefix(a, 20000), addv(b, a, b, 20000), rev(a, 20000);
    for (int k = 0; k < 10; k++) hist(by, 65536, cnt);
    for (int i = 0; i < 600; i++) b[i] = rnd();
    bubble(b, 600);
    for (int i = 0; i < 1200; i++) b[i] = rnd();
    insertion(b, 1200);
    for (int i = 0; i < 20000; i++) b[i] = rnd();
    heapsort_(b, 20000);
    for (int i = 0; i < 20000; i++) b[i] = rnd();
    quick(b, 0, 19999);
    for (int i = 0; i < 20000; i++) b[i] = rnd();
    merge(b, a, 20000);
    for (int i = 0; i < 20000; i++) b[i] = rnd();
    radix((unsigned*)b, (unsigned*)a, 20000);
    for (int i = 0; i < 20000; i++) s += bsearch_(b, 20000, rnd());
    for (int i = 0; i < 20000; i++) s += gcd(rnd() >> 1, rnd() >> 1 | 1);
    for (int i = 1; i < 4000; i++) s += collatz(i);
    s += pop((unsigned*)b, 20000);
    s += queens(8, 0, 0, 0);
    for (int i = 0; i < 4000; i++) s += modpow(rnd(), 65537, 1000003);
    for (int i = 0; i < 8000; i++) s += isprime(i);
    for (int i = 0; i < 10000; i++) s += fibit(40);
    for (int i = 0; i < 66 * 66; i++) grid[0][i] = rnd() & 1;
    for (int k = 0; k < 20; k++) life(grid[k & 1], grid[~k & 1]);
    for (int i = 0; i < 60; i++)
      for (int j = 0; j < 60; j++) dist[i][j] = rnd() % 1000;
    floyd(60);
    s += dist[3][4];
    for (int i = 0; i < 200; i++)
      cnt[i] = 1 + rnd() % 50, cnt[i + 200] = rnd() % 100;
    s += knap(cnt, cnt + 200, 200, 1000);
    s += lev(bz, 290, bz + 1000, 290) + lcs(bz + 50, 290, bz + 2000, 290);
    s += lev(bz, 290, bz + 3000, 290) + lcs(bz + 50, 290, bz + 5000, 290);
    memset(hk, 0, sizeof hk);
    memset(hv, 0, sizeof hv);
    for (int i = 0; i < 20000; i++) hput(1 + rnd() % 4000, i);
    for (int i = 0; i < 20000; i++) s += hget(1 + rnd() % 4000);
    for (int i = 0; i < 5000; i++)
      nodes[i].next = i < 4999 ? nodes + (i * 7 + 1) % 5000 : 0, nodes[i].v = i;
    for (int i = 0; i < 5000; i++) nodes[i].next = i < 4999 ? nodes + i + 1 : 0;
    struct N* l = nodes;
    for (int k = 0; k < 20; k++) s += lsum(l), l = lrev(l);
    for (int k = 0; k < 10; k++) transpose(a, b, 140);
    memset(board, 0, 81);
    steps = 0;
    board[0][3] = 5;
    board[4][4] = 7;
    sudoku(0);
    memset(used_, 0, sizeof used_);
    s += permute(0, 8);
    hn = 0;
    for (int i = 0; i < 4000; i++) push(rnd());
    while (hn) s += popm();
  }
  printf("%u\n", s);
}
