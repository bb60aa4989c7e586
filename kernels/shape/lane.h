// The functions that shape templates need for their float type, for one float; cpu/simd.h has the same for four and
// eight.
#pragma once

#include "../core/vec.h"

namespace PLOT_VARIANT {

PLOT_FN float min_of(float a, float b) { return min_f(a, b); }
PLOT_FN float max_of(float a, float b) { return max_f(a, b); }
PLOT_FN float sqrt_of(float a) { return sqrt_f(a); }
PLOT_FN float abs_of(float a) { return abs_f(a); }
PLOT_FN float copy_sign(float magnitude, float sign) { return copysignf(magnitude, sign); }
PLOT_FN float select(bool m, float yes, float no) { return m ? yes : no; }
PLOT_FN uint32_t bits_of(bool m) { return m ? 1u : 0u; }

// A vector of which each component is one or several floats.
template <class F>
struct Vec {
  F x, y, z;
};

template <class F>
PLOT_FN F dot_of(const Vec<F>& a, const Vec<F>& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

// A ray with the values that the shapes need.
template <class F>
struct ShapeRay {
  Vec<F> origin, dir;
  F dir2, inv_dir2;  // squared length of `dir`, and its inverse

  PLOT_METHOD ShapeRay(Float3 o, Float3 d)
      : origin{F(o.x), F(o.y), F(o.z)}, dir{F(d.x), F(d.y), F(d.z)}, dir2(dot(d, d)), inv_dir2(1.0f / dot(d, d)) {}
  // Takes values that were computed before.
  PLOT_METHOD ShapeRay(Float3 o, Float3 d, float d2, float inv_d2)
      : origin{F(o.x), F(o.y), F(o.z)}, dir{F(d.x), F(d.y), F(d.z)}, dir2(d2), inv_dir2(inv_d2) {}
  PLOT_METHOD ShapeRay(const Vec<F>& o, const Vec<F>& d)
      : origin(o), dir(d), dir2(dot_of(d, d)), inv_dir2(F(1.0f) / dot_of(d, d)) {}
};

// 1 / x, and the inverse of a tiny number where x is zero or nearly so: a slab test multiplies it by zeros, and
// infinity times zero would be NaN.
template <class F>
PLOT_FN F safe_inverse(F x) {
  const F tiny = copy_sign(F(1e-30f), x);
  return F(1.0f) / select(F(1e-30f) < abs_of(x), x, tiny);
}

// An axis-aligned box. Empty (lo > hi) for primitives that cannot be hit: without an extent, or not finite.
struct Bounds {
  Float3 lo, hi;
};

PLOT_FN Float3 min3(Float3 a, Float3 b) { return {min_f(a.x, b.x), min_f(a.y, b.y), min_f(a.z, b.z)}; }
PLOT_FN Float3 max3(Float3 a, Float3 b) { return {max_f(a.x, b.x), max_f(a.y, b.y), max_f(a.z, b.z)}; }
PLOT_FN Bounds empty_bounds() { return {splat(kInfinity), splat(-kInfinity)}; }
PLOT_FN bool is_empty(const Bounds& b) { return !(b.lo.x <= b.hi.x); }
PLOT_FN bool is_finite(Float3 a) {
  // Infinity or NaN minus itself is NaN.
  return a.x - a.x == 0.0f && a.y - a.y == 0.0f && a.z - a.z == 0.0f;
}

}  // namespace PLOT_VARIANT
