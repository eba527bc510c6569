// A guest that traps three calls deep, built with debugging information in two
// versions of DWARF (build).

namespace shapes {

class Circle {
 public:
  explicit Circle(int radius) : radius_(radius) {}
  int Ratio(int divisor) const;

 private:
  int radius_;
};

[[gnu::noinline]] int Circle::Ratio(int divisor) const {
  return radius_ / divisor;  // traps: line 16
}

template <typename T>
[[gnu::noinline]] int RatioOf(const T& shape, int divisor) {
  const int ratio = shape.Ratio(divisor);  // line 21
  return ratio + 1;
}

}  // namespace shapes

extern "C" [[clang::export_name("_start")]] void Start() {
  volatile int zero = 0;
  const shapes::Circle circle(7);
  zero = shapes::RatioOf(circle, zero);  // line 30
}
