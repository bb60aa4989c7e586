// Powers of non-negative numbers from additions, multiplications and one division: the same bits on every compiler,
// instruction set and device, and simple enough for loops over pixels to be vectorised.
#pragma once

#include "vec.h"

namespace PLOT_VARIANT {

// log2(x) of a normal positive x; relative error of the result below 2e-7 away from x = 1, absolute there.
// Writes x = m 2^e with m in [sqrt(1/2), sqrt(2)) and sums the series of 2 atanh((m - 1) / (m + 1)) = ln(m).
PLOT_FN float log2_positive(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint32_t sqrt_half = 0x3f3504f3u;
  const int32_t e = (int32_t)(bits - sqrt_half) >> 23;
  bits -= (uint32_t)e << 23;
  float m;
  memcpy(&m, &bits, sizeof m);
  const float s = (m - 1.0f) / (m + 1.0f);
  const float s2 = s * s;
  float p = 0.32059889f;  // 2 / (9 ln 2); the terms below are 2 / (k ln 2) for k = 7, 5, 3, 1
  p = p * s2 + 0.41219858f;
  p = p * s2 + 0.57707802f;
  p = p * s2 + 0.96179669f;
  p = p * s2 + 2.8853901f;
  return p * s + (float)e;
}

// 2^x for x in [-126, 127], relative error below 2e-7; x beyond is clamped.
PLOT_FN float exp2_clamped(float x) {
  x = clamp_f(x, -126.0f, 127.0f);
  const int32_t n = (int32_t)(x + 1024.5f) - 1024;  // nearest integer: the bias makes truncation round down
  const float f = x - (float)n;
  float p = 1.5252734e-5f;  // (ln 2)^k / k! for k = 7 ... 0
  p = p * f + 1.5403530e-4f;
  p = p * f + 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  const uint32_t scale_bits = (uint32_t)(n + 127) << 23;
  float scale;
  memcpy(&scale, &scale_bits, sizeof scale);
  return p * scale;
}

// x^y for x >= 0; 0 for x below the smallest normal number, and for NaN.
PLOT_FN float pow_positive(float x, float y) {
  const float smallest = 1.17549435e-38f;
  const float largest = 3.40282347e+38f;
  const bool vanishes = !(x >= smallest);
  x = vanishes ? 1.0f : x;
  const float power = exp2_clamped(y * log2_positive(min_f(x, largest)));
  return vanishes ? 0.0f : power;
}

}  // namespace PLOT_VARIANT
