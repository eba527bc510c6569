// Interpreters of all kinds: register and stack machines, tokenizers, state
// machines, dispatch through tables of functions.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define NOINLINE __attribute__((noinline))

// A register machine with 32-bit instructions.
enum { MOVI, ADD, SUB, MUL, AND, XOR, SHL, SHR, LDB, STB, JNZ, JLT, JMP, HALT };
#define OP(op, a, b, c) \
  ((uint32_t)(op) << 24 | (a) << 16 | (b) << 8 | (uint8_t)(c))
static uint8_t memory[4096];
NOINLINE static uint32_t RunRegisters(const uint32_t* code, uint32_t limit) {
  uint32_t r[16] = {0};
  uint32_t pc = 0;
  r[1] = limit;
  for (;;) {
    uint32_t i = code[pc++], a = i >> 16 & 15, b = i >> 8 & 15, c = i & 15;
    switch (i >> 24) {
      case MOVI:
        r[a] = i & 0xffff;
        break;
      case ADD:
        r[a] = r[b] + r[c];
        break;
      case SUB:
        r[a] = r[b] - r[c];
        break;
      case MUL:
        r[a] = r[b] * r[c];
        break;
      case AND:
        r[a] = r[b] & r[c];
        break;
      case XOR:
        r[a] = r[b] ^ r[c];
        break;
      case SHL:
        r[a] = r[b] << (r[c] & 31);
        break;
      case SHR:
        r[a] = r[b] >> (r[c] & 31);
        break;
      case LDB:
        r[a] = memory[(r[b] + r[c]) & 4095];
        break;
      case STB:
        memory[(r[b] + r[c]) & 4095] = r[a];
        break;
      case JNZ:
        if (r[a]) pc += (int8_t)i;
        break;
      case JLT:
        if (r[a] < r[b]) pc += (int8_t)i;
        break;
      case JMP:
        pc += (int8_t)i;
        break;
      default:
        return r[2];
    }
  }
}

// A stack machine of bytes, with calls.
NOINLINE static int64_t RunStack(const uint8_t* code, int64_t argument) {
  int64_t stack[256], *sp = stack, locals[64];
  int frame = 0;
  int returns[64], depth = 0;
  int pc = 0;
  *++sp = argument;
  while (1) {
    switch (code[pc++]) {
      case 0:
        *++sp = (int8_t)code[pc++];
        break;
      case 1:
        sp--;
        *sp += sp[1];
        break;
      case 2:
        sp--;
        *sp -= sp[1];
        break;
      case 3:
        sp--;
        *sp *= sp[1];
        break;
      case 4:
        sp--;
        *sp = *sp < sp[1];
        break;
      case 5:
        sp[1] = *sp;
        sp++;
        break;
      case 6:
        sp--;
        break;
      case 7:
        locals[frame + code[pc++]] = *sp--;
        break;
      case 8:
        *++sp = locals[frame + code[pc++]];
        break;
      case 9:
        if (!*sp--)
          pc = code[pc];
        else
          pc++;
        break;
      case 10:
        pc = code[pc];
        break;
      case 11:
        returns[depth++] = pc + 1;
        pc = code[pc];
        frame += 1;
        break;
      case 12:
        pc = returns[--depth];
        frame -= 1;
        break;
      default:
        return *sp;
    }
  }
}

// A machine whose instructions are structures with pointers to functions.
typedef struct Machine {
  int acc, x, y, pc;
  int data[256];
} Machine;
typedef struct Code {
  void (*run)(Machine*, int);
  int operand;
} Code;
static void Load(Machine* m, int v) { m->acc = m->data[v]; }
static void Store(Machine* m, int v) { m->data[v] = m->acc; }
static void AddTo(Machine* m, int v) { m->acc += m->data[v]; }
static void AddConstant(Machine* m, int v) { m->acc += v; }
static void Index(Machine* m, int v) {
  m->acc = m->data[(m->data[v] + m->x) & 255];
  m->x++;
}
static void Less(Machine* m, int v) {
  if (m->acc < m->data[v]) m->pc++;
}
static void Jump(Machine* m, int v) { m->pc = v; }
NOINLINE static int RunPointers(Machine* m, const Code* code) {
  while (m->pc >= 0) {
    const Code* c = &code[m->pc++];
    c->run(m, c->operand);
  }
  return m->acc;
}

// Tokens of a language like C.
static int IsLetter(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static const char* const kWords[] = {"if",     "else", "while", "for",
                                     "return", "int",  "char",  "void"};
NOINLINE static uint32_t Tokenize(const char* p) {
  uint32_t hash = 0;
  while (*p) {
    if (*p == ' ' || *p == '\n' || *p == '\t') {
      p++;
      continue;
    }
    if (IsLetter(*p)) {
      const char* begin = p;
      while (IsLetter(*p) || (*p >= '0' && *p <= '9')) p++;
      int word = -1;
      for (int i = 0; i < 8; i++)
        if (strlen(kWords[i]) == (size_t)(p - begin) &&
            !memcmp(kWords[i], begin, p - begin))
          word = i;
      hash = hash * 31 + word + 1;
    } else if (*p >= '0' && *p <= '9') {
      int v = 0;
      while (*p >= '0' && *p <= '9') v = v * 10 + *p++ - '0';
      hash = hash * 31 + v;
    } else if (*p == '"') {
      p++;
      while (*p && *p != '"') {
        if (*p == '\\' && p[1]) p++;
        hash += *p++;
      }
      p++;
    } else if (p[0] == '/' && p[1] == '/') {
      while (*p && *p != '\n') p++;
    } else {
      hash = hash * 31 + *p++;
      if (*p == '=') p++;
    }
  }
  return hash;
}

// A parser that evaluates while it reads, and a machine of states by table.
static const char* at;
NOINLINE static int Sum(void);
NOINLINE static int Factor(void) {
  int v = 0;
  if (*at == '(') {
    at++;
    v = Sum();
    at++;
  } else if (*at == '-') {
    at++;
    v = -Factor();
  } else
    while (*at >= '0' && *at <= '9') v = v * 10 + (*at++ - '0');
  return v;
}
NOINLINE static int Product(void) {
  int v = Factor();
  for (;;) {
    if (*at == '*') {
      at++;
      v *= Factor();
    } else if (*at == '%') {
      at++;
      int d = Factor();
      v = d ? v % d : 0;
    } else
      return v;
  }
}
NOINLINE static int Sum(void) {
  int v = Product();
  for (;;) {
    if (*at == '+') {
      at++;
      v += Product();
    } else if (*at == '-') {
      at++;
      v -= Product();
    } else
      return v;
  }
}
static uint8_t states[8][256];
NOINLINE static int RunStates(const uint8_t* p, int n) {
  int state = 0, hits = 0;
  for (int i = 0; i < n; i++) {
    state = states[state][p[i]];
    if (state == 7) {
      hits++;
      state = 0;
    }
  }
  return hits;
}
NOINLINE static int Utf8(const uint8_t* p, int n) {
  int points = 0;
  uint32_t sum = 0;
  for (int i = 0; i < n;) {
    uint32_t c = p[i];
    if (c < 0x80)
      i++;
    else if (c < 0xe0 && i + 1 < n) {
      c = (c & 31) << 6 | (p[i + 1] & 63);
      i += 2;
    } else if (c < 0xf0 && i + 2 < n) {
      c = (c & 15) << 12 | (p[i + 1] & 63) << 6 | (p[i + 2] & 63);
      i += 3;
    } else
      i++;
    sum += c;
    points++;
  }
  return points + sum;
}
// A simple processor with flags and a program counter in a structure.
typedef struct {
  uint8_t a, x, y, p;
  uint16_t pc;
  uint8_t ram[1024];
  long cycles;
} Cpu;
NOINLINE static void Step(Cpu* c) {
  uint8_t op = c->ram[c->pc++ & 1023], v = c->ram[c->pc & 1023];
  switch (op & 15) {
    case 0:
      c->a = v;
      c->pc++;
      c->p = c->a == 0;
      break;
    case 1:
      c->a += v + (c->p & 1);
      c->pc++;
      c->p = c->a == 0;
      break;
    case 2:
      c->x++;
      c->p = c->x == 0;
      break;
    case 3:
      c->ram[512 + c->x] = c->a;
      break;
    case 4:
      c->a ^= c->ram[512 + c->y];
      c->y++;
      break;
    case 5:
      if (c->p)
        c->pc = v;
      else
        c->pc++;
      break;
    case 6:
      c->a = c->a << 1 | c->a >> 7;
      break;
    default:
      c->y += c->a;
      c->cycles++;
  }
  c->cycles += 2;
}

int main(void) {
  static const uint32_t program[] = {
      OP(MOVI, 3, 0, 1), OP(MOVI, 4, 0, 7), OP(MOVI, 9, 0, 13),
      OP(MUL, 2, 2, 9),  OP(ADD, 2, 2, 3),  OP(SHR, 5, 2, 4),
      OP(XOR, 2, 2, 5),  OP(STB, 2, 1, 4),  OP(LDB, 6, 1, 3),
      OP(ADD, 2, 2, 6),  OP(SUB, 1, 1, 3),  OP(JNZ, 1, 0, -9),
      OP(HALT, 0, 0, 0)};
  static const uint8_t loop[] = {7, 0, 0, 0,  7,  1, 8, 1, 8, 0, 5,
                                 3, 1, 7, 1,  8,  0, 0, 1, 2, 7, 0,
                                 8, 0, 9, 28, 10, 6, 8, 1, 13};
  static const uint8_t nested[] = {7,  0, 8, 0,  0,  1, 2,  5, 9, 20,
                                   5,  7, 0, 11, 21, 6, 10, 2, 0, 0,
                                   13, 0, 9, 0,  3,  1, 6,  12};
  uint32_t sum = RunRegisters(program, 150000) + RunStack(loop, 60000) +
                 RunStack(nested, 60000);
  static Machine m;
  m.data[1] = 60000;
  m.data[3] = 17;
  static const Code code[] = {
      {Load, 0},  {AddConstant, 1}, {Store, 0}, {Index, 3}, {AddTo, 2},
      {Store, 2}, {Load, 0},        {Less, 1},  {Jump, -1}, {Jump, 0}};
  sum += RunPointers(&m, code);
  static char text[20000];
  static const char* const piece[] = {"int x1 = 42;\n",
                                      "while (count <= 100) ",
                                      "return \"a \\\" string\"; ",
                                      "// a comment\n",
                                      "if (a == b) { f(c, d); } ",
                                      "else { total += value * 3; }\n"};
  size_t n = 0;
  uint32_t s = 1;
  while (n < sizeof text - 64) {
    s = s * 1664525 + 1013904223;
    const char* q = piece[(s >> 24) % 6];
    strcpy(text + n, q);
    n += strlen(q);
  }
  for (int i = 0; i < 8; i++) sum += Tokenize(text);
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 256; j++) states[i][j] = (i * 7 + j * (i + 3) / 2) & 7;
  for (int i = 0; i < 10; i++)
    sum += RunStates((uint8_t*)text, n) + Utf8((uint8_t*)text, n);
  for (int i = 0; i < 4000; i++) {
    at = "3*(4+5%7)-12*(8-(2+1))+-7*100%9+(((1)))";
    sum += Sum();
  }
  static Cpu cpu;
  for (int i = 0; i < 1024; i++) {
    s = s * 1664525 + 1013904223;
    cpu.ram[i] = s >> 24;
  }
  for (int i = 0; i < 150000; i++) Step(&cpu);
  printf("%u %d\n", sum + (uint32_t)cpu.cycles, cpu.a);
}
