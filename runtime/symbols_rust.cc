// A recursive descent through the grammar of RFC 2603; each function stands
// for the production that it is named after.

#include "runtime/symbols_rust.h"

#include <cstdint>

#include "base/str_cat.h"

namespace wasmd {
namespace {

constexpr std::string_view kPrefix = "_R";
constexpr int kMaxDepth = 200;
constexpr size_t kMaxBytes = 4000;
// A name can refer back to itself many times over.
constexpr int kMaxSteps = 20000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

std::string_view BasicType(char tag) {
  constexpr std::string_view kNames[] = {
      "i8",    "bool", "char", "f64", "str",  "f32",  "",    "u8", "isize",
      "usize", "",     "i32",  "u32", "i128", "u128", "_",   "",   "",
      "i16",   "u16",  "()",   "...", "",     "i64",  "u64", "!"};
  return IsLower(tag) ? kNames[tag - 'a'] : std::string_view();
}

class Demangler {
 public:
  explicit Demangler(std::string_view text) : text_(text) {}

  std::optional<std::string> Run() {
    Path(/*in_value=*/true);
    // The crate that a generic function was made for is not shown.
    if (!failed_ && IsUpper(Peek())) Hidden([this] { Path(false); });
    const bool is_whole = at_ == text_.size() || Peek() == '.' || Peek() == '$';
    if (failed_ || !is_whole) return std::nullopt;
    return std::move(out_);
  }

 private:
  // One level of the grammar.
  class Level {
   public:
    explicit Level(Demangler& demangler) : demangler_(demangler) {
      ++demangler_.depth_;
      ++demangler_.steps_;
      if (demangler_.depth_ > kMaxDepth || demangler_.steps_ > kMaxSteps) {
        demangler_.failed_ = true;
      }
    }
    ~Level() { --demangler_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Demangler& demangler_;
  };

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char Next() {
    if (at_ >= text_.size()) return Fail();
    return text_[at_++];
  }
  bool Eat(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  char Fail() {
    failed_ = true;
    return '\0';
  }
  void Print(std::string_view text) {
    if (out_.size() + text.size() > kMaxBytes) Fail();
    if (!failed_) out_ += text;
  }
  // Reads without printing.
  template <typename Read>
  void Hidden(Read read) {
    const size_t size = out_.size();
    read();
    out_.resize(size);
  }
  // Up to 'E'.
  template <typename Read>
  size_t List(std::string_view joint, Read read) {
    size_t count = 0;
    for (; !failed_ && !Eat('E'); ++count) {
      if (count > 0) Print(joint);
      read();
    }
    return count;
  }
  template <typename Read>
  void BackReference(Read read) {
    const size_t self = at_ - 1;
    const uint64_t target = Base62();
    if (target >= self) Fail();
    if (failed_) return;
    const size_t after = at_;
    at_ = target;
    read();
    at_ = after;
  }

  // "_" is 0, "0_" 1, and so on.
  uint64_t Base62() {
    if (Eat('_')) return 0;
    uint64_t value = 0;
    while (!failed_ && !Eat('_')) {
      const char c = Next();
      const int digit = IsDigit(c)   ? c - '0'
                        : IsLower(c) ? c - 'a' + 10
                        : IsUpper(c) ? c - 'A' + 36
                                     : -1;
      if (digit < 0 || value > (UINT64_MAX - 62) / 62) Fail();
      value = value * 62 + static_cast<uint64_t>(digit);
    }
    return value + 1;
  }
  uint64_t Optional62(char tag) { return Eat(tag) ? Base62() + 1 : 0; }

  struct Identifier {
    std::string_view text;
    bool is_punycode = false;
  };
  Identifier Undisambiguated() {
    Identifier result;
    result.is_punycode = Eat('u');
    if (!IsDigit(Peek())) Fail();
    // No number but 0 begins with 0.
    size_t size = 0;
    if (!Eat('0')) {
      while (IsDigit(Peek()) && size <= text_.size()) {
        size = size * 10 + static_cast<size_t>(Next() - '0');
      }
    }
    Eat('_');
    if (size > text_.size() - at_) Fail();
    if (failed_) return result;
    result.text = text_.substr(at_, size);
    at_ += size;
    return result;
  }
  void Print(const Identifier& identifier) {
    if (identifier.is_punycode) Print("punycode{");
    Print(identifier.text);
    if (identifier.is_punycode) Print("}");
  }

  void Path(bool in_value) {
    const Level level(*this);
    if (failed_) return;
    const char tag = Next();
    switch (tag) {
      case 'C':
        Optional62('s');
        return Print(Undisambiguated());
      case 'N':
        return NestedPath(in_value);
      case 'M':
      case 'X':
      case 'Y':
        // Where the implementation is.
        if (tag != 'Y') {
          Optional62('s');
          Hidden([this] { Path(false); });
        }
        Print("<");
        Type();
        if (tag != 'M') {
          Print(" as ");
          Path(false);
        }
        return Print(">");
      case 'I':
        Path(in_value);
        Print(in_value ? "::<" : "<");
        List(", ", [this] { GenericArgument(); });
        return Print(">");
      case 'B':
        return BackReference([this, in_value] { Path(in_value); });
      default:
        Fail();
    }
  }

  void NestedPath(bool in_value) {
    const char space = Next();
    if (!IsLower(space) && !IsUpper(space)) Fail();
    Path(in_value);
    const uint64_t number = Optional62('s');
    const Identifier name = Undisambiguated();
    if (IsLower(space)) {
      if (!name.text.empty()) Print("::");
      return Print(name);
    }
    Print("::{");
    Print(space == 'C'   ? "closure"
          : space == 'S' ? "shim"
                         : std::string_view(&space, 1));
    if (!name.text.empty()) Print(":");
    Print(name);
    Print(StrCat("#", number, "}"));
  }

  void GenericArgument() {
    if (Eat('L')) return Lifetime(Base62());
    if (Eat('K')) return Constant();
    Type();
  }

  // 1 is the innermost that is bound.
  void Lifetime(uint64_t index) {
    if (index == 0) return Print("'_");
    if (index > bound_) {
      Fail();
      return;
    }
    const uint64_t depth = bound_ - index;
    if (depth < 26) {
      const char name[] = {'\'', static_cast<char>('a' + depth)};
      return Print(std::string_view(name, 2));
    }
    Print(StrCat("'_", depth));
  }
  // Binds lifetimes for what `read` reads.
  template <typename Read>
  void Binder(Read read) {
    const uint64_t count = Optional62('G');
    if (count > kMaxBytes) Fail();
    if (failed_) return;
    if (count > 0) Print("for<");
    for (uint64_t i = 0; i < count; ++i) {
      if (i > 0) Print(", ");
      ++bound_;
      Lifetime(1);
    }
    if (count > 0) Print("> ");
    read();
    bound_ -= count;
  }

  void Type() {
    const Level level(*this);
    if (failed_) return;
    const char tag = Next();
    const std::string_view basic = BasicType(tag);
    if (!basic.empty()) return Print(basic);
    switch (tag) {
      case 'A':
      case 'S':
        Print("[");
        Type();
        if (tag == 'A') {
          Print("; ");
          Constant();
        }
        return Print("]");
      case 'T': {
        Print("(");
        const size_t count = List(", ", [this] { Type(); });
        return Print(count == 1 ? ",)" : ")");
      }
      case 'R':
      case 'Q':
        Print("&");
        if (Eat('L')) {
          const uint64_t lifetime = Base62();
          if (lifetime != 0) {
            Lifetime(lifetime);
            Print(" ");
          }
        }
        if (tag == 'Q') Print("mut ");
        return Type();
      case 'P':
        Print("*const ");
        return Type();
      case 'O':
        Print("*mut ");
        return Type();
      case 'F':
        return Binder([this] { FunctionSignature(); });
      case 'D':
        return DynamicType();
      case 'B':
        return BackReference([this] { Type(); });
      default:
        --at_;
        Path(false);
    }
  }

  void FunctionSignature() {
    if (Eat('U')) Print("unsafe ");
    if (Eat('K')) {
      Print("extern \"");
      if (Eat('C')) {
        Print("C");
      } else {
        for (const char c : Undisambiguated().text) {
          Print(c == '_' ? "-" : std::string_view(&c, 1));
        }
      }
      Print("\" ");
    }
    Print("fn(");
    List(", ", [this] { Type(); });
    Print(")");
    if (Eat('u')) return;
    Print(" -> ");
    Type();
  }

  void DynamicType() {
    Print("dyn ");
    Binder([this] { List(" + ", [this] { DynamicTrait(); }); });
    if (!Eat('L')) Fail();
    const uint64_t lifetime = Base62();
    if (lifetime == 0) return;
    Print(" + ");
    Lifetime(lifetime);
  }
  void DynamicTrait() {
    bool is_open = OpenPath();
    while (!failed_ && Eat('p')) {
      Print(is_open ? ", " : "<");
      is_open = true;
      Print(Undisambiguated());
      Print(" = ");
      Type();
    }
    if (is_open) Print(">");
  }
  // A path whose generic arguments may go on; true if they have begun.
  bool OpenPath() {
    const Level level(*this);
    if (failed_) return false;
    bool is_open = false;
    if (Eat('B')) {
      BackReference([&] { is_open = OpenPath(); });
    } else if (Eat('I')) {
      Path(false);
      Print("<");
      List(", ", [this] { GenericArgument(); });
      is_open = true;
    } else {
      Path(false);
    }
    return is_open;
  }

  void Constant() {
    const Level level(*this);
    if (failed_) return;
    const char tag = Next();
    switch (tag) {
      case 'p':
        return Print("_");
      case 'B':
        return BackReference([this] { Constant(); });
      case 'b': {
        const std::string_view digits = HexDigits();
        if (digits != "0" && digits != "1") Fail();
        return Print(digits == "1" ? "true" : "false");
      }
      case 'c':
        return Character(HexDigits());
      default:
        break;
    }
    const std::string_view type = BasicType(tag);
    const bool is_signed = type.starts_with("i");
    if (!is_signed && !type.starts_with("u")) Fail();
    if (is_signed && Eat('n')) Print("-");
    const std::string_view digits = HexDigits();
    if (digits.size() > 16) Print("0x");
    Print(digits.size() > 16 ? std::string(digits) : StrCat(ValueOf(digits)));
  }
  void Character(std::string_view digits) {
    const uint64_t value = ValueOf(digits);
    if (digits.size() > 6) Fail();
    if (value < 0x20 || value > 0x7E) {
      return Print(StrCat("'\\u{", digits, "}'"));
    }
    const char text[] = {'\'', static_cast<char>(value), '\''};
    Print(std::string_view(text, 3));
  }
  // Up to "_".
  std::string_view HexDigits() {
    const size_t begin = at_;
    while (IsDigit(Peek()) || (Peek() >= 'a' && Peek() <= 'f')) ++at_;
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (!Eat('_')) Fail();
    return digits.empty() ? "0" : digits;
  }
  // Of at most 16 digits.
  static uint64_t ValueOf(std::string_view digits) {
    uint64_t value = 0;
    for (const char c : digits) {
      value = value << 4 |
              static_cast<uint64_t>(IsDigit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
  }

  const std::string_view text_;  // without the prefix
  size_t at_ = 0;
  std::string out_;
  uint64_t bound_ = 0;  // lifetimes
  int depth_ = 0;
  int steps_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<std::string> RustDemangled(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  return Demangler(name.substr(kPrefix.size())).Run();
}

}  // namespace wasmd
