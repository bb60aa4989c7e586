// Elementary functions with the same bits on every compiler, library and instruction set, which no system's
// mathematical library guarantees. No fused multiply-add, no tables; tests/kernels checks the bounds. Powers are in
// core/pow.h.
//
// Coefficients: minimax polynomials of the Cephes library (S. Moshier), single precision.
#pragma once

#include "vec.h"

namespace PLOT_VARIANT {

PLOT_FN uint32_t float_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}
PLOT_FN float bits_float(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

// True unless x is NaN or infinite.
PLOT_FN bool is_finite(float x) { return (float_bits(x) & 0x7f800000u) != 0x7f800000u; }

// Nearest integer for |x| < 2^22, halves to even.
PLOT_FN float round_f(float x) {
  const float magic = 12582912.0f;  // 1.5 * 2^23: pushes the fraction out of the mantissa
  return (x + magic) - magic;
}

// Sine and cosine of x in [-pi/4, pi/4]. Absolute error below 1e-7.
PLOT_FN float sin_core(float x) {
  const float z = x * x;
  return ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
}
PLOT_FN float cos_core(float x) {
  const float z = x * x;
  return ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
}

struct SinCos {
  float sin, cos;
};

// x in radians, |x| <= 8192: absolute error below 2e-7. Beyond, the error is that of the argument's rounding.
PLOT_FN SinCos sincos_f(float x) {
  const float q = round_f(x * 0.63661977236758f);  // 2 / pi
  // pi / 2 in three parts; the first two products are exact.
  const float r = ((x - q * 1.5703125f) - q * 4.8351287841796875e-4f) - q * 3.13855707645416259765625e-7f;
  const float r2 = r - q * 6.07710050650619224932e-11f;
  const float s = sin_core(r2), c = cos_core(r2);
  const int32_t quadrant = (int32_t)q;
  const float a = (quadrant & 1) ? c : s;
  const float b = (quadrant & 1) ? s : c;
  return {(quadrant & 2) ? -a : a, ((quadrant + 1) & 2) ? -b : b};
}

// Absolute error below 2e-7 rad.
PLOT_FN float atan_f(float x) {
  const float a = fabsf(x);
  float base = 0.0f, t = a;
  if (a > 2.414213562373095f) {  // tan(3 pi / 8)
    base = 1.5707963267948966f;
    t = -1.0f / a;
  } else if (a > 0.4142135623730950f) {  // tan(pi / 8)
    base = 0.7853981633974483f;
    t = (a - 1.0f) / (a + 1.0f);
  }
  const float z = t * t;
  const float r =
      base + ((((8.05374449538e-2f * z - 1.38776856032e-1f) * z + 1.99777106478e-1f) * z - 3.33329491539e-1f) * z * t + t);
  return copysignf(r, x);
}

// Angle of (x, y) in [-pi, pi]; 0 for the origin. Absolute error below 5e-7 rad.
PLOT_FN float atan2_f(float y, float x) {
  if (x == 0.0f) return y == 0.0f ? 0.0f : copysignf(1.5707963267948966f, y);
  const float a = atan_f(y / x);
  if (x > 0.0f) return a;
  return a + copysignf(kPi, y);
}

// x in [-1, 1]; outside it is clamped. Absolute error below 5e-7 rad.
PLOT_FN float acos_f(float x) {
  const float c = clamp_f(x, -1.0f, 1.0f);
  return 2.0f * atan2_f(sqrt_f(1.0f - c), sqrt_f(1.0f + c));
}

}  // namespace PLOT_VARIANT
