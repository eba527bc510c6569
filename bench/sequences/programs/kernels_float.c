// Small loops over floats: vectors, matrices, filters, integrals.

#include <math.h>
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
static double x[10000], y[10000], z[10000];
static float f[10000], g[10000], h[10000];
NOINLINE double dot(double* a, double* b, int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}
NOINLINE float dotf(float* a, float* b, int n) {
  float s = 0;
  for (int i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}
NOINLINE void axpy(double k, double* a, double* b, int n) {
  for (int i = 0; i < n; i++) b[i] += k * a[i];
}
NOINLINE void axpyf(float k, float* a, float* b, int n) {
  for (int i = 0; i < n; i++) b[i] += k * a[i];
}
NOINLINE double sum(double* a, int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s += a[i];
  return s;
}
NOINLINE double norm(double* a, int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s += a[i] * a[i];
  return sqrt(s);
}
NOINLINE double mean_var(double* a, int n) {
  double m = 0, q = 0;
  for (int i = 0; i < n; i++) {
    double d = a[i] - m;
    m += d / (i + 1);
    q += d * (a[i] - m);
  }
  return q / n;
}
NOINLINE void matf(float* c, float* a, float* b, int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      float s = 0;
      for (int k = 0; k < n; k++) s += a[i * n + k] * b[k * n + j];
      c[i * n + j] = s;
    }
}
NOINLINE void mati(double* c, double* a, double* b, int n) {
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++) {
      double t = a[i * n + k];
      for (int j = 0; j < n; j++) c[i * n + j] += t * b[k * n + j];
    }
}
NOINLINE void matvec(double* o, double* m, double* v, int n) {
  for (int i = 0; i < n; i++) {
    double s = 0;
    for (int j = 0; j < n; j++) s += m[i * n + j] * v[j];
    o[i] = s;
  }
}
NOINLINE void lu(double* a, int n) {
  for (int k = 0; k < n; k++)
    for (int i = k + 1; i < n; i++) {
      double m = a[i * n + k] / a[k * n + k];
      a[i * n + k] = m;
      for (int j = k + 1; j < n; j++) a[i * n + j] -= m * a[k * n + j];
    }
}
NOINLINE void jacobi(double* o, double* i, int n) {
  for (int r = 1; r < n - 1; r++)
    for (int c = 1; c < n - 1; c++)
      o[r * n + c] = 0.25 * (i[r * n + c - 1] + i[r * n + c + 1] +
                             i[(r - 1) * n + c] + i[(r + 1) * n + c]);
}
NOINLINE void sor(double* g_, int n, double w) {
  for (int r = 1; r < n - 1; r++)
    for (int c = 1; c < n - 1; c++)
      g_[r * n + c] = w * 0.25 *
                          (g_[(r - 1) * n + c] + g_[(r + 1) * n + c] +
                           g_[r * n + c - 1] + g_[r * n + c + 1]) +
                      (1 - w) * g_[r * n + c];
}
NOINLINE void fft(double* re, double* im, int n) {
  for (int i = 1, j = 0; i < n; i++) {
    int b = n >> 1;
    for (; j & b; b >>= 1) j ^= b;
    j ^= b;
    if (i < j) {
      double t = re[i];
      re[i] = re[j];
      re[j] = t;
      t = im[i];
      im[i] = im[j];
      im[j] = t;
    }
  }
  for (int l = 2; l <= n; l <<= 1) {
    double an = -6.283185307179586 / l, wr = cos(an), wi = sin(an);
    for (int i = 0; i < n; i += l) {
      double cr = 1, ci = 0;
      for (int k = 0; k < l / 2; k++) {
        int p = i + k, q = p + l / 2;
        double tr = re[q] * cr - im[q] * ci, ti = re[q] * ci + im[q] * cr;
        re[q] = re[p] - tr;
        im[q] = im[p] - ti;
        re[p] += tr;
        im[p] += ti;
        double nr = cr * wr - ci * wi;
        ci = cr * wi + ci * wr;
        cr = nr;
      }
    }
  }
}
NOINLINE int julia(double cr, double ci, int n) {
  int t = 0;
  for (int y_ = 0; y_ < n; y_++)
    for (int x_ = 0; x_ < n; x_++) {
      double a = 3.0 * x_ / n - 1.5, b = 3.0 * y_ / n - 1.5;
      int i = 0;
      while (i < 50 && a * a + b * b < 4) {
        double u = a * a - b * b + cr;
        b = 2 * a * b + ci;
        a = u;
        i++;
      }
      t += i;
    }
  return t;
}
NOINLINE int mandf(int n) {
  int t = 0;
  for (int y_ = 0; y_ < n; y_++)
    for (int x_ = 0; x_ < n; x_++) {
      float cr = 3.0f * x_ / n - 2, ci = 2.0f * y_ / n - 1, a = 0, b = 0;
      int i = 0;
      for (; i < 40; i++) {
        float p = a * a, q = b * b;
        if (p + q > 4) break;
        b = 2 * a * b + ci;
        a = p - q + cr;
      }
      t += i;
    }
  return t;
}
NOINLINE double mc(int n) {
  int in = 0;
  uint64_t s = 42;
  for (int i = 0; i < n; i++) {
    s = s * 6364136223846793005ull + 1442695040888963407ull;
    double a = (s >> 33) * (1.0 / 2147483648.0);
    s = s * 6364136223846793005ull + 1442695040888963407ull;
    double b = (s >> 33) * (1.0 / 2147483648.0);
    if (a * a + b * b <= 1) in++;
  }
  return 4.0 * in / n;
}
NOINLINE double poly(double v, const double* c, int n) {
  double r = 0;
  for (int i = n; i >= 0; i--) r = r * v + c[i];
  return r;
}
NOINLINE double newton(double v) {
  double g_ = v;
  for (int i = 0; i < 20; i++) g_ = 0.5 * (g_ + v / g_);
  return g_;
}
NOINLINE double simpson(int n) {
  double s = 0, d = 1.0 / n;
  for (int i = 0; i < n; i++) {
    double t = i * d;
    s += 4 / (1 + t * t) * d;
  }
  return s;
}
typedef struct {
  double x, y, z;
} V;
typedef struct {
  V c;
  double r;
} S;
static S sp[8];
NOINLINE double hit(const S* s, V o, V d) {
  V l = {s->c.x - o.x, s->c.y - o.y, s->c.z - o.z};
  double b = l.x * d.x + l.y * d.y + l.z * d.z,
         c = l.x * l.x + l.y * l.y + l.z * l.z - s->r * s->r, q = b * b - c;
  return q < 0 ? -1 : b - sqrt(q);
}
NOINLINE double ray(int n) {
  double t = 0;
  for (int y_ = 0; y_ < n; y_++)
    for (int x_ = 0; x_ < n; x_++) {
      V o = {0, 0, -5}, d = {(x_ - n / 2) * 1.0 / n, (y_ - n / 2) * 1.0 / n, 1};
      double k = 1 / sqrt(d.x * d.x + d.y * d.y + d.z * d.z);
      d.x *= k;
      d.y *= k;
      d.z *= k;
      double best = 1e9;
      for (int i = 0; i < 8; i++) {
        double v = hit(sp + i, o, d);
        if (v > 0 && v < best) best = v;
      }
      if (best < 1e9) t += best;
    }
  return t;
}
typedef struct {
  float px, py, vx, vy;
} P;
static P ps[1000];
NOINLINE void particles(float dt) {
  for (int i = 0; i < 1000; i++) {
    P* p = ps + i;
    p->vy -= 9.8f * dt;
    p->px += p->vx * dt;
    p->py += p->vy * dt;
    if (p->py < 0) {
      p->py = -p->py;
      p->vy = -p->vy * 0.9f;
    }
  }
}
NOINLINE int kmeans(float* p, float* q, int n) {
  float cx[4] = {0, 1, 2, 3}, cy[4] = {0, 3, 1, 2};
  int ch = 0;
  for (int it = 0; it < 3; it++) {
    float sx[4] = {0}, sy[4] = {0};
    int c[4] = {0};
    for (int i = 0; i < n; i++) {
      int b = 0;
      float bd = 1e9f;
      for (int k = 0; k < 4; k++) {
        float dx = p[i] - cx[k], dy = q[i] - cy[k], d = dx * dx + dy * dy;
        if (d < bd) bd = d, b = k;
      }
      sx[b] += p[i];
      sy[b] += q[i];
      c[b]++;
      ch += b;
    }
    for (int k = 0; k < 4; k++)
      if (c[k]) cx[k] = sx[k] / c[k], cy[k] = sy[k] / c[k];
  }
  return ch;
}
static int pm[512];
NOINLINE double fade(double t) { return t * t * t * (t * (t * 6 - 15) + 10); }
NOINLINE double lerp_(double t, double a, double b) { return a + t * (b - a); }
NOINLINE double grad(int hh, double a, double b) {
  int k = hh & 3;
  double u = k < 2 ? a : b, v = k < 2 ? b : a;
  return (k & 1 ? -u : u) + (k & 2 ? -2 * v : 2 * v);
}
NOINLINE double perlin(double a, double b) {
  int X = (int)a & 255, Y = (int)b & 255;
  a -= (int)a;
  b -= (int)b;
  double u = fade(a), v = fade(b);
  int A = pm[X] + Y, B = pm[X + 1] + Y;
  return lerp_(
      v, lerp_(u, grad(pm[A], a, b), grad(pm[B], a - 1, b)),
      lerp_(u, grad(pm[A + 1], a, b - 1), grad(pm[B + 1], a - 1, b - 1)));
}
NOINLINE void conv(float* o, float* i, float* k, int n, int m) {
  for (int a = 0; a < n - m; a++) {
    float s = 0;
    for (int b = 0; b < m; b++) s += i[a + b] * k[b];
    o[a] = s;
  }
}
NOINLINE void clampf(float* p, int n) {
  for (int i = 0; i < n; i++) p[i] = p[i] < 0 ? 0 : p[i] > 1 ? 1 : p[i];
}
NOINLINE int gray(unsigned char* o, const unsigned char* p, int n) {
  int t = 0;
  for (int i = 0; i < n; i++) {
    o[i] = (p[3 * i] * 77 + p[3 * i + 1] * 150 + p[3 * i + 2] * 29) >> 8;
    t += o[i];
  }
  return t;
}
NOINLINE void sig(double* p, int n) {
  for (int i = 0; i < n; i++) p[i] = 1 / (1 + exp(-p[i]));
}
NOINLINE double trig(int n) {
  double s = 0;
  for (int i = 0; i < n; i++)
    s += sin(i * .01) * cos(i * .02) + log(i + 1) + pow(i, .3);
  return s;
}
static unsigned char im[30000], og[10000];
int main(void) {
  double s = 0;
  for (int it = 0; it < 3; it++) {
    for (int i = 0; i < 10000; i++)
      x[i] = rnd() * 1e-9, y[i] = rnd() * 1e-9, f[i] = rnd() * 1e-9f,
      g[i] = rnd() * 1e-9f, im[i] = rnd();
    for (int i = 0; i < 8; i++) sp[i] = (S){{i - 4, (i & 3) - 2, i & 1}, 1};
    for (int i = 0; i < 512; i++) pm[i] = rnd() & 255;
    for (int i = 0; i < 1000; i++)
      ps[i] = (P){rnd() * 1e-9f, rnd() * 1e-9f, 1, 1};
    for (int k = 0; k < 10; k++)
      s += dot(x, y, 10000) + dotf(f, g, 10000) + sum(x, 10000) +
           norm(y, 10000) + mean_var(x, 10000),
          axpy(1.1, x, y, 10000), axpyf(.9f, f, g, 10000);
    matf(h, f, g, 50);
    mati(z, x, y, 50);
    matf(h, f, g, 50);
    mati(z, x, y, 50);
    for (int k = 0; k < 10; k++) matvec(z, x, y, 99);
    lu(x, 60);
    for (int k = 0; k < 10; k++) jacobi(z, y, 99), sor(y, 99, 1.2);
    fft(x, y, 4096);
    s += julia(-.8, .156, 60) + mandf(60) + mc(50000);
    for (int i = 0; i < 3000; i++) s += poly(i * .001, y, 12) + newton(i + 1);
    s += simpson(50000) + ray(60);
    for (int k = 0; k < 60; k++) particles(.01f);
    s += kmeans(f, g, 5000);
    for (int i = 0; i < 3000; i++) s += perlin(i * .03, i * .07);
    conv(h, f, g, 3000, 16);
    clampf(h, 10000);
    s += gray(og, im, 10000);
    sig(x, 1000);
    s += trig(800);
  }
  printf("%g\n", s);
}
