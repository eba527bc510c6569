// Strings and bytes: scanning, encoding, hashing, parsing, matching.

#include <ctype.h>
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
static char text[40000], out[90000], out2[90000];
NOINLINE int slen(const char* s) {
  int n = 0;
  while (s[n]) n++;
  return n;
}
NOINLINE int scmp(const char* a, const char* b) {
  while (*a && *a == *b) a++, b++;
  return *(unsigned char*)a - *(unsigned char*)b;
}
NOINLINE void scpy(char* d, const char* s) {
  while ((*d++ = *s++))
    ;
}
NOINLINE int words(const char* s) {
  int n = 0, in = 0;
  for (; *s; s++) {
    int w = *s == ' ' || *s == '\n' || *s == '\t';
    if (!w && !in) n++;
    in = !w;
  }
  return n;
}
NOINLINE void upper(char* s) {
  for (; *s; s++)
    if (*s >= 'a' && *s <= 'z') *s -= 32;
}
NOINLINE void lower(char* s) {
  for (; *s; s++) *s = tolower(*s);
}
NOINLINE int count(const char* s, char c) {
  int n = 0;
  for (; *s; s++) n += *s == c;
  return n;
}
NOINLINE int naive(const char* t, int n, const char* p, int m) {
  int c = 0;
  for (int i = 0; i + m <= n; i++) {
    int j = 0;
    while (j < m && t[i + j] == p[j]) j++;
    c += j == m;
  }
  return c;
}
static int fail[64];
NOINLINE int kmp(const char* t, const char* p, int m) {
  fail[0] = -1;
  int j = -1;
  for (int i = 1; i < m; i++) {
    while (j >= 0 && p[j + 1] != p[i]) j = fail[j];
    if (p[j + 1] == p[i]) j++;
    fail[i] = j;
  }
  j = -1;
  int c = 0;
  for (; *t; t++) {
    while (j >= 0 && p[j + 1] != *t) j = fail[j];
    if (p[j + 1] == *t) j++;
    if (j == m - 1) {
      c++;
      j = fail[j];
    }
  }
  return c;
}
static const char b64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
NOINLINE int enc64(const unsigned char* s, int n, char* o) {
  char* q = o;
  for (int i = 0; i + 2 < n; i += 3) {
    unsigned v = s[i] << 16 | s[i + 1] << 8 | s[i + 2];
    *o++ = b64[v >> 18];
    *o++ = b64[v >> 12 & 63];
    *o++ = b64[v >> 6 & 63];
    *o++ = b64[v & 63];
  }
  return o - q;
}
static unsigned char d64[256];
NOINLINE int dec64(const unsigned char* s, int n, char* o) {
  char* q = o;
  for (int i = 0; i + 3 < n; i += 4) {
    unsigned v = d64[s[i]] << 18 | d64[s[i + 1]] << 12 | d64[s[i + 2]] << 6 |
                 d64[s[i + 3]];
    *o++ = v >> 16;
    *o++ = v >> 8;
    *o++ = v;
  }
  return o - q;
}
NOINLINE int hexs(const unsigned char* s, int n, char* o) {
  static const char h[] = "0123456789abcdef";
  for (int i = 0; i < n; i++) {
    *o++ = h[s[i] >> 4];
    *o++ = h[s[i] & 15];
  }
  return n * 2;
}
NOINLINE int rle(const char* s, int n, char* o) {
  char* q = o;
  for (int i = 0; i < n;) {
    int j = i;
    while (j < n && s[j] == s[i] && j - i < 255) j++;
    *o++ = s[i];
    *o++ = j - i;
    i = j;
  }
  return o - q;
}
NOINLINE uint32_t fnv(const char* s, int n) {
  uint32_t h = 2166136261u;
  for (int i = 0; i < n; i++) {
    h ^= (unsigned char)s[i];
    h *= 16777619u;
  }
  return h;
}
NOINLINE uint32_t djb(const char* s) {
  uint32_t h = 5381;
  while (*s) h = h * 33 + (unsigned char)*s++;
  return h;
}
NOINLINE uint32_t adler(const unsigned char* s, int n) {
  uint32_t a = 1, b = 0;
  for (int i = 0; i < n; i++) {
    a = (a + s[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}
NOINLINE uint32_t murmur(const unsigned char* k, int len) {
  uint32_t h = 7;
  for (int i = 0; i + 3 < len; i += 4) {
    uint32_t x;
    memcpy(&x, k + i, 4);
    x *= 0xcc9e2d51;
    x = x << 15 | x >> 17;
    x *= 0x1b873593;
    h ^= x;
    h = h << 13 | h >> 19;
    h = h * 5 + 0xe6546b64;
  }
  h ^= len;
  h ^= h >> 16;
  h *= 0x85ebca6b;
  h ^= h >> 13;
  h *= 0xc2b2ae35;
  h ^= h >> 16;
  return h;
}
NOINLINE uint64_t fnv64(const unsigned char* s, int n) {
  uint64_t h = 14695981039346656037ull;
  for (int i = 0; i < n; i++) {
    h ^= s[i];
    h *= 1099511628211ull;
  }
  return h;
}
static uint64_t t64[256];
NOINLINE uint64_t crc64(const unsigned char* s, int n) {
  uint64_t c = ~0ull;
  for (int i = 0; i < n; i++) c = t64[(c ^ s[i]) & 255] ^ c >> 8;
  return ~c;
}
NOINLINE int utf8(const unsigned char* s, int n) {
  int i = 0, c = 0;
  while (i < n) {
    unsigned x = s[i];
    if (x < 0x80)
      i++;
    else if (x < 0xe0)
      i += 2;
    else if (x < 0xf0)
      i += 3;
    else
      i += 4;
    c++;
  }
  return c;
}
NOINLINE int parse(const char* s) {
  int t = 0;
  while (*s) {
    if (*s >= '0' && *s <= '9') {
      int v = 0;
      while (*s >= '0' && *s <= '9') v = v * 10 + *s++ - '0';
      t += v;
    } else
      s++;
  }
  return t;
}
NOINLINE int itoa_(unsigned v, char* o) {
  char t[12];
  int k = 0, n = 0;
  do {
    t[k++] = '0' + v % 10;
    v /= 10;
  } while (v);
  while (k) o[n++] = t[--k];
  o[n] = 0;
  return n;
}
enum { T_ID, T_NUM, T_STR, T_P };
NOINLINE int lex(const char* s) {
  int c[4] = {0};
  while (*s) {
    if (isspace(*s)) {
      s++;
    } else if (isalpha(*s) || *s == '_') {
      while (isalnum(*s) || *s == '_') s++;
      c[T_ID]++;
    } else if (isdigit(*s)) {
      while (isdigit(*s)) s++;
      c[T_NUM]++;
    } else if (*s == '"') {
      s++;
      while (*s && *s != '"') s++;
      if (*s) s++;
      c[T_STR]++;
    } else {
      s++;
      c[T_P]++;
    }
  }
  return c[0] + 3 * c[1] + 5 * c[2] + 7 * c[3];
}
static const char* js;
NOINLINE int jval(void) {
  while (*js == ' ') js++;
  int n = 1;
  switch (*js) {
    case '{':
    case '[': {
      char e = *js == '{' ? '}' : ']';
      js++;
      while (*js && *js != e) {
        n += jval();
        while (*js == ',' || *js == ':' || *js == ' ') js++;
      }
      if (*js) js++;
      return n;
    }
    case '"':
      js++;
      while (*js && *js != '"') {
        if (*js == '\\') js++;
        js++;
      }
      if (*js) js++;
      return n;
    default:
      js++;
      while (*js && *js != ',' && *js != '}' && *js != ']' && *js != ' ' &&
             *js != ':')
        js++;
      return n;
  }
}
NOINLINE int match(const char* r, const char* t);
NOINLINE int mstar(int c, const char* r, const char* t) {
  do {
    if (match(r, t)) return 1;
  } while (*t && (*t++ == c || c == '.'));
  return 0;
}
NOINLINE int match(const char* r, const char* t) {
  if (!*r) return 1;
  if (r[1] == '*') return mstar(*r, r + 2, t);
  if (*t && (*r == '.' || *r == *t)) return match(r + 1, t + 1);
  return 0;
}
struct T {
  int kid[26], n;
};
static struct T trie[20000];
static int tn = 1;
NOINLINE void tins(const char* w, int n) {
  int k = 0;
  for (int i = 0; i < n; i++) {
    int c = (w[i] & 31) % 26;
    if (!trie[k].kid[c] && tn < 19999) trie[k].kid[c] = tn++;
    k = trie[k].kid[c];
  }
  trie[k].n++;
}
NOINLINE int bf(const char* p, char* o) {
  static unsigned char m[3000];
  memset(m, 0, 3000);
  int d = 0, n = 0, st = 0;
  for (int i = 0; p[i] && st < 300000; i++, st++) switch (p[i]) {
      case '>':
        d++;
        break;
      case '<':
        d--;
        break;
      case '+':
        m[d]++;
        break;
      case '-':
        m[d]--;
        break;
      case '.':
        o[n++ & 1023] = m[d];
        break;
      case '[':
        if (!m[d]) {
          int k = 1;
          while (k) {
            i++;
            if (p[i] == '[') k++;
            if (p[i] == ']') k--;
          }
        }
        break;
      case ']':
        if (m[d]) {
          int k = 1;
          while (k) {
            i--;
            if (p[i] == ']') k++;
            if (p[i] == '[') k--;
          }
        }
        break;
    }
  return n;
}
enum { PUSH, ADD, SUB, MUL, DUP, SWP, JNZ, POP, LDL, STL, LT, HALT };
NOINLINE int svm(const int* c) {
  int st[64], sp = 0, l[8] = {0}, pc = 0;
  for (;;) switch (c[pc++]) {
      case PUSH:
        st[sp++] = c[pc++];
        break;
      case ADD:
        sp--;
        st[sp - 1] += st[sp];
        break;
      case SUB:
        sp--;
        st[sp - 1] -= st[sp];
        break;
      case MUL:
        sp--;
        st[sp - 1] *= st[sp];
        break;
      case DUP:
        st[sp] = st[sp - 1];
        sp++;
        break;
      case SWP: {
        int t = st[sp - 1];
        st[sp - 1] = st[sp - 2];
        st[sp - 2] = t;
        break;
      }
      case JNZ:
        if (st[--sp])
          pc = c[pc];
        else
          pc++;
        break;
      case POP:
        sp--;
        break;
      case LDL:
        st[sp++] = l[c[pc++]];
        break;
      case STL:
        l[c[pc++]] = st[--sp];
        break;
      case LT:
        sp--;
        st[sp - 1] = st[sp - 1] < st[sp];
        break;
      default:
        return l[0];
    }
}
static const int prog[] = {PUSH, 20000, STL, 1,   LDL, 0,   LDL, 1,    MUL,
                           PUSH, 7,     ADD, STL, 0,   LDL, 1,   PUSH, 1,
                           SUB,  DUP,   STL, 1,   JNZ, 4,   HALT};
int main(void) {
  unsigned s = 0;
  static const char al[] =
      "etaoin shrdlu  cmfwyp vbgkqj 0123456789 \"{}[]:,_ \n";
  for (int i = 0; i < 39999; i++) text[i] = al[rnd() % (sizeof al - 1)];
  for (int i = 0; i < 256; i++)
    t64[i] = rnd() * (uint64_t)rnd(), d64[i] = i & 63;
  for (int it = 0; it < 4; it++) {
    s += slen(text) + words(text) + count(text, 'e');
    scpy(out, text);
    s += scmp(text, out);
    upper(out);
    lower(out);
    s += naive(text, 39999, "the e", 5) + kmp(text, "eteo", 4);
    s += enc64((unsigned char*)text, 39999, out);
    s += dec64((unsigned char*)out, 50000, out2);
    s += hexs((unsigned char*)text, 39999, out);
    s += rle(text, 39999, out);
    s += fnv(text, 39999) + djb(text) + adler((unsigned char*)text, 39999) +
         murmur((unsigned char*)text, 39999) +
         (unsigned)fnv64((unsigned char*)text, 39999) +
         (unsigned)crc64((unsigned char*)text, 39999);
    s += utf8((unsigned char*)text, 39999) + parse(text);
    for (int i = 0; i < 5000; i++) s += itoa_(rnd(), out);
    s += lex(text);
    js = text;
    while (*js) {
      s += jval();
      if (*js) js++;
    }
    for (int i = 0; i < 2000; i++) s += match("e.*t.*a.o", text + i * 4);
    for (int i = 0; i < 39000; i += 7) tins(text + i, 7);
    s +=
        bf("++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+"
           "++.>>.<-.<.+++.------.--------.>>+.>++.>+++++[>+++++++[>+++++[>++++"
           "<-]<-]<-]",
           out);
    s += svm(prog);
    s += snprintf(out, 100, "%d %s %x", s, "abc", it) + atoi(out) +
         (int)strtol(out, 0, 10);
    qsort(out, 2000, 1, (int (*)(const void*, const void*))scmp);
  }
  printf("%u\n", s);
}
