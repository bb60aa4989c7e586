// Three-component arithmetic on Float3, and a few scalar helpers.
#pragma once

#include "../compat.h"
#include "../layout.h"

namespace PLOT_VARIANT {


constexpr float kPi = 3.14159265358979f;
constexpr float kInvPi = 0.31830988618379f;

// Written out, because the library's versions handle NaN and signed zeros at the cost of instructions: these are one
// instruction each, and return the second argument when one of the two is NaN.
PLOT_FN float min_f(float a, float b) { return a < b ? a : b; }
PLOT_FN float max_f(float a, float b) { return a > b ? a : b; }
PLOT_FN float clamp_f(float x, float low, float high) { return min_f(max_f(x, low), high); }
PLOT_FN float abs_f(float x) { return fabsf(x); }
PLOT_FN float sqr(float x) { return x * x; }
// Correctly rounded on every target, unlike all other functions of the mathematical library.
PLOT_FN float sqrt_f(float x) { return sqrtf(x); }
// Square root of a number that may be negative only by rounding.
PLOT_FN float safe_sqrt(float x) { return sqrtf(max_f(x, 0.0f)); }

PLOT_FN Float3 make_float3(float x, float y, float z) { return Float3{x, y, z}; }
PLOT_FN Float3 splat(float s) { return Float3{s, s, s}; }
PLOT_FN Float3 load3(const float* p) { return Float3{p[0], p[1], p[2]}; }

PLOT_FN Float3 operator+(Float3 a, Float3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
PLOT_FN Float3 operator-(Float3 a, Float3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
PLOT_FN Float3 operator*(Float3 a, Float3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
PLOT_FN Float3 operator*(Float3 a, float s) { return {a.x * s, a.y * s, a.z * s}; }
PLOT_FN Float3 operator*(float s, Float3 a) { return {a.x * s, a.y * s, a.z * s}; }
PLOT_FN Float3 operator-(Float3 a) { return {-a.x, -a.y, -a.z}; }

PLOT_FN float dot(Float3 a, Float3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
PLOT_FN Float3 cross(Float3 a, Float3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
PLOT_FN float length(Float3 a) { return sqrt_f(dot(a, a)); }
PLOT_FN Float3 normalize(Float3 a) { return a * (1.0f / sqrt_f(dot(a, a))); }
PLOT_FN float max_component(Float3 a) { return max_f(a.x, max_f(a.y, a.z)); }
PLOT_FN bool is_black(Float3 a) { return a.x == 0.0f && a.y == 0.0f && a.z == 0.0f; }
// Luminance with Rec. 709 weights.
PLOT_FN float luminance(Float3 c) { return 0.2126f * c.x + 0.7152f * c.y + 0.0722f * c.z; }

// Row-major 3x4 matrix times a point, and times a direction.
PLOT_FN Float3 transform_point(const float* m, Float3 p) {
  return {m[0] * p.x + m[1] * p.y + m[2] * p.z + m[3], m[4] * p.x + m[5] * p.y + m[6] * p.z + m[7],
          m[8] * p.x + m[9] * p.y + m[10] * p.z + m[11]};
}
PLOT_FN Float3 transform_vector(const float* m, Float3 v) {
  return {m[0] * v.x + m[1] * v.y + m[2] * v.z, m[4] * v.x + m[5] * v.y + m[6] * v.z,
          m[8] * v.x + m[9] * v.y + m[10] * v.z};
}
// Transposed linear part times a vector: takes normals to the world, given the matrix that takes points from it.
PLOT_FN Float3 transform_normal(const float* inverse, Float3 n) {
  return {inverse[0] * n.x + inverse[4] * n.y + inverse[8] * n.z,
          inverse[1] * n.x + inverse[5] * n.y + inverse[9] * n.z,
          inverse[2] * n.x + inverse[6] * n.y + inverse[10] * n.z};
}

// Two unit vectors that complete `n` (unit) to a right-handed orthonormal basis.
// Duff et al., "Building an Orthonormal Basis, Revisited", JCGT 6(1), 2017.
struct Frame {
  Float3 s, t, n;
};
PLOT_FN Frame make_frame(Float3 n) {
  const float sign = copysignf(1.0f, n.z);
  const float a = -1.0f / (sign + n.z);
  const float b = n.x * n.y * a;
  return {{1.0f + sign * n.x * n.x * a, sign * b, -sign * n.x}, {b, sign + n.y * n.y * a, -n.y}, n};
}
PLOT_FN Float3 to_world(const Frame& f, Float3 v) { return f.s * v.x + f.t * v.y + f.n * v.z; }
PLOT_FN Float3 to_local(const Frame& f, Float3 v) { return {dot(v, f.s), dot(v, f.t), dot(v, f.n)}; }

}  // namespace PLOT_VARIANT
