// Grids, images and graphs: neighbours, queues, masks, tables of distances.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
#define W 128
#define H 96
static uint8_t a[H][W], b[H][W];
static int ints[H][W], other[H][W];
static float f32[H][W], g32[H][W];
static double f64[H][W];
static uint32_t seed = 1;
static uint32_t Random(void) {
  seed = seed * 1664525 + 1013904223;
  return seed >> 8;
}

NOINLINE static void LifeWrapped(void) {
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) {
      int n = 0;
      for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
          if (dx || dy) n += a[(y + dy + H) % H][(x + dx + W) % W];
      b[y][x] = n == 3 || (n == 2 && a[y][x]);
    }
  memcpy(a, b, sizeof a);
}
NOINLINE static void LifeInts(void) {
  for (int y = 1; y < H - 1; y++)
    for (int x = 1; x < W - 1; x++) {
      int n = ints[y - 1][x - 1] + ints[y - 1][x] + ints[y - 1][x + 1] +
              ints[y][x - 1] + ints[y][x + 1] + ints[y + 1][x - 1] +
              ints[y + 1][x] + ints[y + 1][x + 1];
      other[y][x] = ints[y][x] ? (n == 2 || n == 3) : n == 3;
    }
  memcpy(ints, other, sizeof ints);
}
NOINLINE static void Rule(uint32_t* row, int words, int rule) {
  uint32_t next[64];
  for (int i = 0; i < words; i++) {
    uint32_t l = row[i] >> 1 | row[(i + words - 1) % words] << 31,
             r = row[i] << 1 | row[(i + 1) % words] >> 31, o = 0;
    for (int k = 0; k < 32; k++)
      o |= (rule >> ((l >> k & 1) * 4 + (row[i] >> k & 1) * 2 + (r >> k & 1)) &
            1u)
           << k;
    next[i] = o;
  }
  memcpy(row, next, words * 4);
}
NOINLINE static void BoxBlur(void) {
  for (int y = 1; y < H - 1; y++)
    for (int x = 1; x < W - 1; x++)
      b[y][x] = (a[y - 1][x - 1] + a[y - 1][x] + a[y - 1][x + 1] + a[y][x - 1] +
                 a[y][x] + a[y][x + 1] + a[y + 1][x - 1] + a[y + 1][x] +
                 a[y + 1][x + 1]) /
                9;
}
NOINLINE static void Gauss(const int k[3][3]) {
  for (int y = 1; y < H - 1; y++)
    for (int x = 1; x < W - 1; x++) {
      int s = 0;
      for (int j = 0; j < 3; j++)
        for (int i = 0; i < 3; i++) s += k[j][i] * a[y + j - 1][x + i - 1];
      s >>= 4;
      b[y][x] = s < 0 ? 0 : s > 255 ? 255 : s;
    }
}
NOINLINE static void SobelEdges(void) {
  for (int y = 1; y < H - 1; y++)
    for (int x = 1; x < W - 1; x++) {
      int gx = a[y - 1][x + 1] - a[y - 1][x - 1] +
               2 * (a[y][x + 1] - a[y][x - 1]) + a[y + 1][x + 1] -
               a[y + 1][x - 1],
          gy = a[y + 1][x - 1] - a[y - 1][x - 1] +
               2 * (a[y + 1][x] - a[y - 1][x]) + a[y + 1][x + 1] -
               a[y - 1][x + 1];
      int m = (gx < 0 ? -gx : gx) + (gy < 0 ? -gy : gy);
      b[y][x] = m > 255 ? 255 : m;
    }
}
NOINLINE static void Median(void) {
  for (int y = 1; y < H - 1; y += 2)
    for (int x = 1; x < W - 1; x++) {
      uint8_t v[9];
      int n = 0;
      for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
          uint8_t t = a[y + j][x + i];
          int k = n++;
          while (k > 0 && v[k - 1] > t) {
            v[k] = v[k - 1];
            k--;
          }
          v[k] = t;
        }
      b[y][x] = v[4];
    }
}
NOINLINE static void Equalize(void) {
  int h[256] = {0};
  for (int i = 0; i < H * W; i++) h[a[0][i]]++;
  for (int i = 1; i < 256; i++) h[i] += h[i - 1];
  for (int i = 0; i < H * W; i++) b[0][i] = h[a[0][i]] * 255 / (H * W);
}
NOINLINE static void Integral(void) {
  for (int y = 0; y < H; y++) {
    int s = 0;
    for (int x = 0; x < W; x++) {
      s += a[y][x];
      ints[y][x] = s + (y ? ints[y - 1][x] : 0);
    }
  }
}
NOINLINE static void Luminance(const uint8_t* rgb, uint8_t* o, int n) {
  for (int i = 0; i < n; i++)
    o[i] = (rgb[3 * i] * 77 + rgb[3 * i + 1] * 150 + rgb[3 * i + 2] * 29) >> 8;
}
NOINLINE static void Blend(uint32_t* d, const uint32_t* s, int n) {
  for (int i = 0; i < n; i++) {
    uint32_t al = s[i] >> 24, rb = d[i] & 0xff00ff, g = d[i] & 0xff00;
    rb += ((s[i] & 0xff00ff) - rb) * al >> 8;
    g += ((s[i] & 0xff00) - g) * al >> 8;
    d[i] = (rb & 0xff00ff) | (g & 0xff00);
  }
}
NOINLINE static void Scale(uint8_t* o, int w, int h) {
  for (int y = 0; y < h; y++)
    for (int x = 0; x < w; x++) {
      int fx = x * (W - 1) * 256 / w, fy = y * (H - 1) * 256 / h, px = fx >> 8,
          py = fy >> 8;
      fx &= 255;
      fy &= 255;
      o[y * w + x] =
          ((a[py][px] * (256 - fx) + a[py][px + 1] * fx) * (256 - fy) +
           (a[py + 1][px] * (256 - fx) + a[py + 1][px + 1] * fx) * fy) >>
          16;
    }
}
NOINLINE static void Heat(void) {
  for (int y = 1; y < H - 1; y++)
    for (int x = 1; x < W - 1; x++)
      g32[y][x] =
          f32[y][x] + 0.1f * (f32[y - 1][x] + f32[y + 1][x] + f32[y][x - 1] +
                              f32[y][x + 1] - 4 * f32[y][x]);
  memcpy(f32, g32, sizeof f32);
}
NOINLINE static double Relax(void) {
  double e = 0;
  for (int y = 1; y < H - 1; y++)
    for (int x = 1; x < W - 1; x++) {
      double v = 0.25 * (f64[y - 1][x] + f64[y + 1][x] + f64[y][x - 1] +
                         f64[y][x + 1]),
             d = v - f64[y][x];
      e += d * d;
      f64[y][x] = v;
    }
  return e;
}
NOINLINE static int Flood(int sx, int sy) {
  static int stack[H * W];
  int n = 0, filled = 0;
  uint8_t from = a[sy][sx];
  stack[n++] = sy * W + sx;
  while (n) {
    int p = stack[--n], x = p % W, y = p / W;
    if (b[y][x] || a[y][x] != from) continue;
    b[y][x] = 1;
    filled++;
    if (x > 0) stack[n++] = p - 1;
    if (x < W - 1) stack[n++] = p + 1;
    if (y > 0) stack[n++] = p - W;
    if (y < H - 1) stack[n++] = p + W;
    if (n > H * W - 8) break;
  }
  return filled;
}
typedef struct {
  short x, y;
} Cell;
NOINLINE static int Shortest(int sx, int sy) {
  static Cell queue[H * W];
  static const int dx[] = {1, 0, -1, 0}, dy[] = {0, 1, 0, -1};
  memset(ints, -1, sizeof ints);
  int head = 0, tail = 0, far = 0;
  ints[sy][sx] = 0;
  queue[tail++] = (Cell){sx, sy};
  while (head < tail) {
    Cell c = queue[head++];
    for (int k = 0; k < 4; k++) {
      int x = c.x + dx[k], y = c.y + dy[k];
      if (x < 0 || y < 0 || x >= W || y >= H || a[y][x] > 180 ||
          ints[y][x] >= 0)
        continue;
      far = ints[y][x] = ints[c.y][c.x] + 1;
      queue[tail++] = (Cell){x, y};
    }
  }
  return far;
}

#define V 600
#define E 4000
typedef struct {
  int from, to, weight;
} Edge;
static Edge edges[E];
static int first[V], next[E], dist[V], parent[V], matrix[80][80];
NOINLINE static int BellmanFord(int s) {
  for (int i = 0; i < V; i++) dist[i] = 1 << 29;
  dist[s] = 0;
  int rounds = 0;
  for (int changed = 1; changed && rounds < 20; rounds++) {
    changed = 0;
    for (int i = 0; i < E; i++) {
      const Edge* e = &edges[i];
      if (dist[e->from] + e->weight < dist[e->to]) {
        dist[e->to] = dist[e->from] + e->weight;
        changed = 1;
      }
    }
  }
  return rounds;
}
NOINLINE static int DijkstraArray(int s) {
  static uint8_t done[V];
  memset(done, 0, V);
  for (int i = 0; i < V; i++) dist[i] = 1 << 29;
  dist[s] = 0;
  for (;;) {
    int best = -1;
    for (int i = 0; i < V; i++)
      if (!done[i] && (best < 0 || dist[i] < dist[best])) best = i;
    if (best < 0 || dist[best] == 1 << 29) break;
    done[best] = 1;
    for (int e = first[best]; e >= 0; e = next[e]) {
      int d = dist[best] + edges[e].weight;
      if (d < dist[edges[e].to]) dist[edges[e].to] = d;
    }
  }
  return dist[V - 1];
}
NOINLINE static int Root(int i) {
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}
static int ByWeight(const void* x, const void* y) {
  return ((const Edge*)x)->weight - ((const Edge*)y)->weight;
}
NOINLINE static int Kruskal(void) {
  static Edge sorted[E];
  memcpy(sorted, edges, sizeof edges);
  qsort(sorted, E, sizeof *sorted, ByWeight);
  for (int i = 0; i < V; i++) parent[i] = i;
  int sum = 0;
  for (int i = 0; i < E; i++) {
    int x = Root(sorted[i].from), y = Root(sorted[i].to);
    if (x != y) {
      parent[x] = y;
      sum += sorted[i].weight;
    }
  }
  return sum;
}
NOINLINE static int Prim(void) {
  int best[80], used[80] = {0}, sum = 0;
  for (int i = 0; i < 80; i++) best[i] = matrix[0][i];
  used[0] = 1;
  for (int k = 1; k < 80; k++) {
    int m = -1;
    for (int i = 0; i < 80; i++)
      if (!used[i] && (m < 0 || best[i] < best[m])) m = i;
    used[m] = 1;
    sum += best[m];
    for (int i = 0; i < 80; i++)
      if (!used[i] && matrix[m][i] < best[i]) best[i] = matrix[m][i];
  }
  return sum;
}
NOINLINE static void Warshall(void) {
  for (int k = 0; k < 80; k++)
    for (int i = 0; i < 80; i++) {
      int ik = matrix[i][k];
      for (int j = 0; j < 80; j++) {
        int d = ik + matrix[k][j];
        if (d < matrix[i][j]) matrix[i][j] = d;
      }
    }
}
static int order[V], marks[V], filled;
NOINLINE static void Visit(int v) {
  if (marks[v]) return;
  marks[v] = 1;
  for (int e = first[v]; e >= 0; e = next[e]) Visit(edges[e].to);
  order[filled++] = v;
}
typedef struct {
  int d, v;
} Item;
static Item heap[2 * E];
static int heap_size;
static void Push(Item it) {
  int i = heap_size++;
  heap[i] = it;
  while (i > 0 && heap[(i - 1) / 2].d > heap[i].d) {
    Item t = heap[i];
    heap[i] = heap[(i - 1) / 2];
    heap[(i - 1) / 2] = t;
    i = (i - 1) / 2;
  }
}
static Item Pop(void) {
  Item top = heap[0];
  heap[0] = heap[--heap_size];
  int i = 0;
  while (1) {
    int l = 2 * i + 1, r = l + 1, m = i;
    if (l < heap_size && heap[l].d < heap[m].d) m = l;
    if (r < heap_size && heap[r].d < heap[m].d) m = r;
    if (m == i) break;
    Item t = heap[i];
    heap[i] = heap[m];
    heap[m] = t;
    i = m;
  }
  return top;
}
NOINLINE static int AStar(int sx, int sy, int gx, int gy) {
  memset(ints, 63, sizeof ints);
  heap_size = 0;
  ints[sy][sx] = 0;
  Push((Item){0, sy * W + sx});
  int seen = 0;
  while (heap_size) {
    Item it = Pop();
    int x = it.v % W, y = it.v / W;
    seen++;
    if (x == gx && y == gy) break;
    for (int k = 0; k < 4; k++) {
      int nx = x + (k == 0) - (k == 1), ny = y + (k == 2) - (k == 3);
      if (nx < 0 || ny < 0 || nx >= W || ny >= H || a[ny][nx] > 200) continue;
      int d = ints[y][x] + 1 + a[ny][nx] / 64;
      if (d < ints[ny][nx] && heap_size < 2 * E - 4) {
        ints[ny][nx] = d;
        Push((Item){d + abs(gx - nx) + abs(gy - ny), ny * W + nx});
      }
    }
  }
  return seen;
}

int main(void) {
  static const int kernel[3][3] = {{1, 2, 1}, {2, 4, 2}, {1, 2, 1}};
  static uint32_t row[64], pixels[4096], layer[4096];
  uint32_t sum = 0;
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++)
      a[y][x] = Random() % 3 == 0, ints[y][x] = Random() & 1,
      f32[y][x] = (Random() & 255) / 256.0f, f64[y][x] = f32[y][x];
  for (int i = 0; i < 6; i++) {
    LifeWrapped();
    LifeInts();
    Heat();
    sum += Relax() * 100;
  }
  row[3] = 1;
  for (int i = 0; i < 60; i++) Rule(row, 64, 110 + i % 3);
  for (int y = 0; y < H; y++)
    for (int x = 0; x < W; x++) a[y][x] = Random();
  for (int i = 0; i < 4; i++) {
    BoxBlur();
    Gauss(kernel);
    SobelEdges();
    Equalize();
    Integral();
    Luminance(a[0], b[0], H * W / 3);
    Scale(b[0], 100, 100);
  }
  Median();
  for (int i = 0; i < 4096; i++)
    pixels[i] = Random() << 8, layer[i] = Random() << 9;
  for (int i = 0; i < 8; i++) Blend(pixels, layer, 4096);
  memset(b, 0, sizeof b);
  for (int i = 0; i < 60; i++)
    sum +=
        Shortest(i, 5) + (i < 8 ? Flood(i, 7) + AStar(i, 0, W - 1, H - 1) : 0);
  for (int i = 0; i < V; i++) first[i] = -1;
  for (int i = 0; i < E; i++) {
    edges[i] = (Edge){Random() % V, Random() % V, Random() % 1000};
    next[i] = first[edges[i].from];
    first[edges[i].from] = i;
  }
  for (int i = 0; i < 80; i++)
    for (int j = 0; j < 80; j++) matrix[i][j] = Random() % 1000 + 1;
  for (int i = 0; i < 3; i++)
    sum += BellmanFord(i) + DijkstraArray(i) + Kruskal();
  sum += Prim();
  Warshall();
  for (int i = 0; i < V; i++) Visit(i);
  for (int i = 0; i < V; i++) sum = sum * 31 + order[i];
  printf("%u %u %d %u\n", sum, row[7], matrix[3][4], pixels[9]);
}
