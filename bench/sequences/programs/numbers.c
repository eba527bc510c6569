// Floating point: linear algebra, integration, transforms, rays, particles; in
// both precisions, in arrays and in structures.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))
#define N 48
static uint32_t seed = 1;
static double Random(void) {
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) / 16777216.0;
}
static double m[N][N], o[N][N], v[N], w[N];
static float mf[N][N], of[N][N], vf[N];
typedef struct {
  double x, y, z;
} V3;
typedef struct {
  float x, y, z;
} F3;
static V3 Add(V3 a, V3 b) { return (V3){a.x + b.x, a.y + b.y, a.z + b.z}; }
static V3 Sub(V3 a, V3 b) { return (V3){a.x - b.x, a.y - b.y, a.z - b.z}; }
static V3 Mul(V3 a, double k) { return (V3){a.x * k, a.y * k, a.z * k}; }
static double Dot(V3 a, V3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static V3 Cross(V3 a, V3 b) {
  return (V3){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z,
              a.x * b.y - a.y * b.x};
}

NOINLINE static void Multiply(int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double s = 0;
      for (int k = 0; k < n; k++) s += m[i][k] * m[k][j];
      o[i][j] = s;
    }
}
NOINLINE static void MultiplyRows(int n) {
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++) {
      float f = mf[i][k];
      for (int j = 0; j < n; j++) of[i][j] += f * mf[k][j];
    }
}
NOINLINE static double Eliminate(int n) {
  double det = 1;
  memcpy(o, m, sizeof m);
  for (int k = 0; k < n; k++) {
    int p = k;
    for (int i = k + 1; i < n; i++)
      if (fabs(o[i][k]) > fabs(o[p][k])) p = i;
    if (p != k) {
      for (int j = 0; j < n; j++) {
        double t = o[k][j];
        o[k][j] = o[p][j];
        o[p][j] = t;
      }
      det = -det;
    }
    det *= o[k][k];
    for (int i = k + 1; i < n; i++) {
      double f = o[i][k] / o[k][k];
      for (int j = k; j < n; j++) o[i][j] -= f * o[k][j];
    }
  }
  return det;
}
NOINLINE static void Substitute(int n) {
  for (int i = n - 1; i >= 0; i--) {
    double s = v[i];
    for (int j = i + 1; j < n; j++) s -= o[i][j] * w[j];
    w[i] = s / o[i][i];
  }
}
NOINLINE static void Cholesky(int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) {
      double s = m[i][j] + (i == j ? n : 0);
      for (int k = 0; k < j; k++) s -= o[i][k] * o[j][k];
      o[i][j] = i == j ? sqrt(fabs(s)) : s / o[j][j];
    }
}
NOINLINE static void Seidel(int n, int rounds) {
  while (rounds--)
    for (int i = 0; i < n; i++) {
      double s = v[i];
      for (int j = 0; j < n; j++)
        if (j != i) s -= m[i][j] * w[j];
      w[i] = s / (m[i][i] + n);
    }
}
NOINLINE static double Power(int n, int rounds) {
  double l = 0;
  while (rounds--) {
    double s = 0;
    for (int i = 0; i < n; i++) {
      v[i] = 0;
      for (int j = 0; j < n; j++) v[i] += m[i][j] * w[j];
      s += v[i] * v[i];
    }
    l = sqrt(s);
    for (int i = 0; i < n; i++) w[i] = v[i] / l;
  }
  return l;
}
static int starts[N + 1], columns[N * 8];
static double cells[N * 8];
NOINLINE static void Sparse(void) {
  for (int i = 0; i < N; i++) {
    double s = 0;
    for (int k = starts[i]; k < starts[i + 1]; k++)
      s += cells[k] * v[columns[k]];
    w[i] = s;
  }
}
static double re[1024], im[1024];
NOINLINE static void Transform(double* a, double* b, int n, int sign) {
  for (int i = 1, j = 0; i < n; i++) {
    int bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j |= bit;
    if (i < j) {
      double t = a[i];
      a[i] = a[j];
      a[j] = t;
      t = b[i];
      b[i] = b[j];
      b[j] = t;
    }
  }
  for (int len = 2; len <= n; len *= 2) {
    double angle = sign * 2 * M_PI / len, cr = cos(angle), ci = sin(angle);
    for (int i = 0; i < n; i += len) {
      double ur = 1, ui = 0;
      for (int k = i; k < i + len / 2; k++) {
        double xr = a[k + len / 2] * ur - b[k + len / 2] * ui,
               xi = a[k + len / 2] * ui + b[k + len / 2] * ur;
        a[k + len / 2] = a[k] - xr;
        b[k + len / 2] = b[k] - xi;
        a[k] += xr;
        b[k] += xi;
        double t = ur * cr - ui * ci;
        ui = ur * ci + ui * cr;
        ur = t;
      }
    }
  }
}
typedef struct {
  double r, i;
} Complex;
static Complex z[512], roots[256];
NOINLINE static void TransformComplex(int n) {
  for (int half = 1, step = n / 2; half < n; half *= 2, step /= 2)
    for (int i = 0; i < n; i += 2 * half)
      for (int k = 0; k < half; k++) {
        Complex *p = &z[i + k], *q = p + half, u = roots[k * step],
                t = {q->r * u.r - q->i * u.i, q->r * u.i + q->i * u.r};
        q->r = p->r - t.r;
        q->i = p->i - t.i;
        p->r += t.r;
        p->i += t.i;
      }
}
NOINLINE static void Cosines(const float* in, float* out, const float* c) {
  for (int k = 0; k < 8; k++) {
    float s = 0;
    for (int i = 0; i < 8; i++) s += in[i] * c[k * 8 + i];
    out[k] = s * 0.5f;
  }
}
NOINLINE static void Filter(const float* in, float* out, int n,
                            const float* taps, int t) {
  for (int i = 0; i + t <= n; i++) {
    float s = 0;
    for (int j = 0; j < t; j++) s += in[i + j] * taps[j];
    out[i] = s;
  }
}
NOINLINE static float Biquad(float* p, int n) {
  float x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (int i = 0; i < n; i++) {
    float y = 0.2f * p[i] + 0.3f * x1 + 0.2f * x2 - 0.4f * y1 + 0.1f * y2;
    x2 = x1;
    x1 = p[i];
    y2 = y1;
    y1 = y;
    p[i] = y;
  }
  return y1;
}
NOINLINE static double RungeKutta(int n) {
  double x = 1, y = 0, h = 0.001;
  while (n--) {
    double k1 = y, l1 = -x, k2 = y + h / 2 * l1, l2 = -(x + h / 2 * k1),
           k3 = y + h / 2 * l2, l3 = -(x + h / 2 * k2), k4 = y + h * l3,
           l4 = -(x + h * k3);
    x += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
    y += h / 6 * (l1 + 2 * l2 + 2 * l3 + l4);
  }
  return x;
}
NOINLINE static double Lorenz(int n) {
  double x = 1, y = 1, s = 1;
  while (n--) {
    double dx = 10 * (y - x), dy = x * (28 - s) - y, ds = x * y - 8.0 / 3 * s;
    x += dx * 0.002;
    y += dy * 0.002;
    s += ds * 0.002;
  }
  return x + s;
}
NOINLINE static double Simpson(double (*f)(double), int n) {
  double h = 1.0 / n, s = f(0) + f(1);
  for (int i = 1; i < n; i++) s += (i & 1 ? 4 : 2) * f(i * h);
  return s * h / 3;
}
static double Curve(double x) { return x * x / (1 + sqrt(x)); }
NOINLINE static double Leibniz(int n) {
  double s = 0;
  for (int i = 0; i < n; i++) s += (i & 1 ? -1.0 : 1.0) / (2 * i + 1);
  return 4 * s;
}
NOINLINE static int MonteCarlo(int n) {
  int hits = 0;
  while (n--) {
    double x = Random(), y = Random();
    if (x * x + y * y < 1) hits++;
  }
  return hits;
}
NOINLINE static int Mandelbrot(int n) {
  int t = 0;
  for (int y = 0; y < n; y++)
    for (int x = 0; x < n; x++) {
      double cr = 2.5 * x / n - 2, ci = 2.0 * y / n - 1, a = 0, b = 0;
      int i = 0;
      while (i < 60 && a * a + b * b <= 4) {
        double u = a * a - b * b + cr;
        b = 2 * a * b + ci;
        a = u;
        i++;
      }
      t += i;
    }
  return t;
}
NOINLINE static int MandelbrotSingle(int n) {
  int t = 0;
  for (int y = 0; y < n; y++)
    for (int x = 0; x < n; x++) {
      float cr = 2.5f * x / n - 2, ci = 2.0f * y / n - 1, a = 0, b = 0, aa = 0,
            bb = 0;
      int i;
      for (i = 0; i < 60 && aa + bb < 4; i++) {
        b = 2 * a * b + ci;
        a = aa - bb + cr;
        aa = a * a;
        bb = b * b;
      }
      t += i;
    }
  return t;
}
NOINLINE static int Julia(int n) {
  int t = 0;
  for (int y = 0; y < n; y++)
    for (int x = 0; x < n; x++) {
      float a = 3.0f * x / n - 1.5f, b = 3.0f * y / n - 1.5f;
      int i = 0;
      for (; i < 40; i++) {
        float u = a * a, w2 = b * b;
        if (u + w2 > 4) break;
        b = 2 * a * b + 0.27f;
        a = u - w2 - 0.7f;
      }
      t += i;
    }
  return t;
}
typedef struct {
  V3 p, v;
  double mass;
} Body;
static Body bodies[24];
typedef struct {
  F3 p, v;
  float mass;
} Dot3;
static Dot3 dots[48];
NOINLINE static void Gravity(int n, double dt) {
  for (int i = 0; i < n; i++) {
    for (int j = i + 1; j < n; j++) {
      V3 d = Sub(bodies[i].p, bodies[j].p);
      double r2 = Dot(d, d) + 0.01, f = dt / (r2 * sqrt(r2));
      bodies[i].v = Sub(bodies[i].v, Mul(d, bodies[j].mass * f));
      bodies[j].v = Add(bodies[j].v, Mul(d, bodies[i].mass * f));
    }
  }
  for (int i = 0; i < n; i++)
    bodies[i].p = Add(bodies[i].p, Mul(bodies[i].v, dt));
}
NOINLINE static void GravitySingle(int n, float dt) {
  for (int i = 0; i < n; i++) {
    float ax = 0, ay = 0, az = 0;
    for (int j = 0; j < n; j++)
      if (i != j) {
        float dx = dots[j].p.x - dots[i].p.x, dy = dots[j].p.y - dots[i].p.y,
              dz = dots[j].p.z - dots[i].p.z,
              r2 = dx * dx + dy * dy + dz * dz + 0.1f,
              f = dots[j].mass / (r2 * sqrtf(r2));
        ax += f * dx;
        ay += f * dy;
        az += f * dz;
      }
    dots[i].v.x += ax * dt;
    dots[i].v.y += ay * dt;
    dots[i].v.z += az * dt;
  }
  for (int i = 0; i < n; i++) {
    dots[i].p.x += dots[i].v.x * dt;
    dots[i].p.y += dots[i].v.y * dt;
    dots[i].p.z += dots[i].v.z * dt;
  }
}
typedef struct {
  V3 center;
  double radius, color;
} Ball;
static Ball balls[6];
NOINLINE static double HitBall(const Ball* b, V3 from, V3 d) {
  V3 c = Sub(from, b->center);
  double p = Dot(c, d), q = Dot(c, c) - b->radius * b->radius, s = p * p - q;
  if (s <= 0) return -1;
  s = sqrt(s);
  return -p - s > 1e-6 ? -p - s : -p + s;
}
NOINLINE static double Ray(V3 from, V3 d, int depth) {
  double near = 1e30;
  const Ball* hit = 0;
  for (int i = 0; i < 6; i++) {
    double t = HitBall(&balls[i], from, d);
    if (t > 1e-6 && t < near) near = t, hit = &balls[i];
  }
  if (!hit) return 0.3 + 0.2 * d.y;
  V3 p = Add(from, Mul(d, near)), n = Mul(Sub(p, hit->center), 1 / hit->radius);
  double light = Dot(n, (V3){0.6, 0.7, -0.39}),
         c = hit->color * (light > 0 ? light : 0.1);
  return depth < 2 ? c + 0.3 * Ray(p, Sub(d, Mul(n, 2 * Dot(n, d))), depth + 1)
                   : c;
}
typedef struct {
  V3 a, b, c;
} Triangle;
static Triangle triangles[32];
NOINLINE static double HitTriangle(const Triangle* t, V3 from, V3 d) {
  V3 e = Sub(t->b, t->a), f = Sub(t->c, t->a), p = Cross(d, f);
  double det = Dot(e, p);
  if (det > -1e-9 && det < 1e-9) return -1;
  V3 s = Sub(from, t->a);
  double u = Dot(s, p) / det;
  if (u < 0 || u > 1) return -1;
  V3 q = Cross(s, e);
  double k = Dot(d, q) / det;
  if (k < 0 || u + k > 1) return -1;
  return Dot(f, q) / det;
}
static float px[600], py[600], cx[8], cy[8];
static int owner[600];
NOINLINE static void Cluster(int n, int k) {
  float sx[8] = {0}, sy[8] = {0};
  int count[8] = {0};
  for (int i = 0; i < n; i++) {
    float best = 1e30f;
    for (int j = 0; j < k; j++) {
      float dx = px[i] - cx[j], dy = py[i] - cy[j], d = dx * dx + dy * dy;
      if (d < best) {
        best = d;
        owner[i] = j;
      }
    }
    sx[owner[i]] += px[i];
    sy[owner[i]] += py[i];
    count[owner[i]]++;
  }
  for (int j = 0; j < k; j++)
    if (count[j]) {
      cx[j] = sx[j] / count[j];
      cy[j] = sy[j] / count[j];
    }
}
static float weights1[16][8], weights2[16], hidden[16];
NOINLINE static float Learn(const float* in, float want) {
  float out = 0;
  for (int i = 0; i < 16; i++) {
    float s = 0;
    for (int j = 0; j < 8; j++) s += weights1[i][j] * in[j];
    hidden[i] = s > 0 ? s : 0.01f * s;
    out += weights2[i] * hidden[i];
  }
  float e = out - want;
  for (int i = 0; i < 16; i++) {
    float g = e * weights2[i] * (hidden[i] > 0 ? 1 : 0.01f);
    weights2[i] -= 0.01f * e * hidden[i];
    for (int j = 0; j < 8; j++) weights1[i][j] -= 0.01f * g * in[j];
  }
  return e;
}
NOINLINE static double Statistics(const double* p, int n) {
  double s = 0, q = 0, lo = p[0], hi = p[0];
  for (int i = 0; i < n; i++) {
    s += p[i];
    q += p[i] * p[i];
    if (p[i] < lo) lo = p[i];
    if (p[i] > hi) hi = p[i];
  }
  return sqrt(q / n - s * s / n / n) + hi - lo;
}
NOINLINE static int Hull(const V3* p, int n, int* out) {
  int k = 0, at = 0;
  for (int i = 1; i < n; i++)
    if (p[i].x < p[at].x) at = i;
  int begin = at;
  do {
    out[k++] = at;
    int next = (at + 1) % n;
    for (int i = 0; i < n; i++)
      if ((p[i].x - p[at].x) * (p[next].y - p[at].y) -
              (p[i].y - p[at].y) * (p[next].x - p[at].x) >
          0)
        next = i;
    at = next;
  } while (at != begin && k < n);
  return k;
}
NOINLINE static int Inside(const V3* p, int n, double x, double y) {
  int in = 0;
  for (int i = 0, j = n - 1; i < n; j = i++)
    if ((p[i].y > y) != (p[j].y > y) &&
        x < (p[j].x - p[i].x) * (y - p[i].y) / (p[j].y - p[i].y) + p[i].x)
      in = !in;
  return in;
}
NOINLINE static double Noise(double x, double y) {
  int i = (int)floor(x), j = (int)floor(y);
  double u = x - i, t = y - j;
  u = u * u * (3 - 2 * u);
  t = t * t * (3 - 2 * t);
  double c[4];
  for (int k = 0; k < 4; k++) {
    uint32_t h = (i + (k & 1)) * 374761393u + (j + (k >> 1)) * 668265263u;
    h = (h ^ h >> 13) * 1274126177;
    c[k] = (h ^ h >> 16) / 4294967296.0;
  }
  return (c[0] * (1 - u) + c[1] * u) * (1 - t) +
         (c[2] * (1 - u) + c[3] * u) * t;
}
NOINLINE static double Horner(const double* c, int n, double x) {
  double s = c[n - 1];
  for (int i = n - 2; i >= 0; i--) s = s * x + c[i];
  return s;
}
NOINLINE static void Smooth(double* p, int n) {
  for (int i = 1; i + 1 < n; i++)
    p[i] = 0.25 * p[i - 1] + 0.5 * p[i] + 0.25 * p[i + 1];
}
NOINLINE static void Saxpy(float* y, const float* x, float k, int n) {
  for (int i = 0; i < n; i++) y[i] += k * x[i];
}
NOINLINE static float DotSingle(const float* x, const float* y, int n) {
  float s = 0;
  for (int i = 0; i < n; i++) s += x[i] * y[i];
  return s;
}

int main(void) {
  double sum = 0;
  static float wave[2000], out[2000], taps[16], basis[64];
  static double coefficients[64];
  static V3 points[200];
  static int hull[200];
  for (int i = 0; i < N; i++) {
    v[i] = Random();
    w[i] = 1;
    vf[i] = v[i];
    starts[i + 1] = starts[i] + 8;
    for (int j = 0; j < 8; j++)
      columns[i * 8 + j] = (i * 5 + j * 7) % N, cells[i * 8 + j] = Random();
    for (int j = 0; j < N; j++) mf[i][j] = m[i][j] = Random();
  }
  Multiply(N);
  MultiplyRows(N);
  for (int i = 0; i < 3; i++) {
    sum += Eliminate(N);
    Substitute(N);
    Cholesky(N);
  }
  Seidel(N, 20);
  sum += Power(N, 20);
  for (int i = 0; i < 60; i++) Sparse();
  for (int i = 0; i < 1024; i++) re[i] = Random();
  for (int i = 0; i < 256; i++)
    roots[i] = (Complex){cos(i * M_PI / 256), -sin(i * M_PI / 256)},
    z[i] = z[i + 256] = roots[i];
  for (int i = 0; i < 2; i++)
    Transform(re, im, 1024, i ? -1 : 1), TransformComplex(512);
  for (int i = 0; i < 2000; i++) wave[i] = Random();
  for (int i = 0; i < 64; i++)
    basis[i] = Random(), taps[i & 15] = Random(), coefficients[i] = Random();
  for (int i = 0; i < 240; i++) Cosines(wave + i * 8, out + i * 8, basis);
  Filter(wave, out, 2000, taps, 16);
  for (int i = 0; i < 10; i++) {
    sum += Biquad(wave, 2000);
    Smooth(re, 1024);
    Saxpy(wave, out, 0.1f, 2000);
    sum += DotSingle(wave, out, 2000);
  }
  sum += RungeKutta(8000) + Lorenz(12000) + Simpson(Curve, 8000) +
         Leibniz(30000) + MonteCarlo(20000) + Mandelbrot(48) +
         MandelbrotSingle(48) + Julia(48);
  for (int i = 0; i < 24; i++)
    bodies[i] = (Body){{Random(), Random(), Random()}, {0, 0, 0}, Random()};
  for (int i = 0; i < 48; i++)
    dots[i] = (Dot3){{Random(), Random(), Random()}, {0, 0, 0}, Random()};
  for (int i = 0; i < 40; i++) Gravity(24, 0.001), GravitySingle(48, 0.001f);
  for (int i = 0; i < 6; i++)
    balls[i] = (Ball){{i - 3, i % 3 - 1, 5 + i % 2}, 0.8, 0.5 + i * 0.1};
  for (int i = 0; i < 32; i++)
    triangles[i] = (Triangle){{Random(), Random(), 3},
                              {Random() + 1, Random(), 3},
                              {Random(), Random() + 1, 4}};
  for (int y = 0; y < 40; y++)
    for (int x = 0; x < 40; x++) {
      V3 d = {x / 20.0 - 1, 1 - y / 20.0, 1.5};
      d = Mul(d, 1 / sqrt(Dot(d, d)));
      sum += Ray((V3){0, 0, 0}, d, 0);
      for (int i = 0; i < 8; i++)
        sum += HitTriangle(&triangles[i], (V3){0, 0, 0}, d);
    }
  for (int i = 0; i < 600; i++) px[i] = Random(), py[i] = Random();
  for (int i = 0; i < 8; i++) cx[i] = px[i], cy[i] = py[i];
  for (int i = 0; i < 12; i++) Cluster(600, 8);
  for (int i = 0; i < 128; i++)
    weights1[i / 8][i % 8] = Random() - 0.5, weights2[i / 8] = Random() - 0.5;
  for (int i = 0; i < 400; i++) sum += Learn(wave + i, 0.5f);
  for (int i = 0; i < 200; i++) points[i] = (V3){Random(), Random(), 0};
  for (int i = 0; i < 30; i++) sum += Hull(points, 200, hull);
  for (int i = 0; i < 300; i++)
    sum += Inside(points, 200, Random(), Random()) +
           Horner(coefficients, 64, Random());
  for (int i = 0; i < 8000; i++) sum += Noise(i * 0.37, i * 0.11);
  for (int i = 0; i < 10; i++) sum += Statistics(re, 1024);
  printf("%.5f %.5f %.5f\n", sum, w[3], of[2][3]);
}
