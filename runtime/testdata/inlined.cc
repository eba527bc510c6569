// A guest that traps in a function that was inlined into one that was inlined,
// built with debugging information in two versions of DWARF (build).

namespace shapes {

[[gnu::always_inline]] inline int Half(int divisor) {
  return 7 / divisor;  // traps: line 7
}

[[gnu::always_inline]] inline int RatioOf(int divisor) {
  return Half(divisor) + 1;  // line 11
}

[[gnu::noinline]] int Ratio(int divisor) {
  return RatioOf(divisor) + 2;  // line 15
}

}  // namespace shapes

extern "C" [[clang::export_name("_start")]] void Start() {
  volatile int zero = 0;
  zero = shapes::Ratio(zero);  // line 22
}
