// Eight floats at once, and the same operations on one float, so that shapes are written once as templates.
//
// Every operation is a single correctly rounded one and nothing is contracted, so all instruction sets give the
// same bits. `min_of` and `max_of` return the second argument when one of the two is NaN, as x86 does.
#pragma once

#include "../core/vec.h"

#include <stdint.h>

#if defined(PLOT_SIMD_AVX2)
#include <immintrin.h>
#elif defined(PLOT_SIMD_SSE2)
#include <emmintrin.h>
#elif defined(PLOT_SIMD_NEON)
#include <arm_neon.h>
#endif

namespace PLOT_VARIANT {

constexpr int kLanes = 8;

#if defined(PLOT_SIMD_AVX2)

struct Mask8 {
  __m256 v;
};
struct Float8 {
  __m256 v;
  Float8() = default;
  Float8(__m256 x) : v(x) {}
  Float8(float x) : v(_mm256_set1_ps(x)) {}
};

PLOT_FN Float8 load8(const float* p) { return _mm256_load_ps(p); }  // 32-byte aligned
PLOT_FN Float8 load8_anywhere(const float* p) { return _mm256_loadu_ps(p); }
PLOT_FN void store8(float* p, Float8 a) { _mm256_store_ps(p, a.v); }
PLOT_FN Float8 operator+(Float8 a, Float8 b) { return _mm256_add_ps(a.v, b.v); }
PLOT_FN Float8 operator-(Float8 a, Float8 b) { return _mm256_sub_ps(a.v, b.v); }
PLOT_FN Float8 operator*(Float8 a, Float8 b) { return _mm256_mul_ps(a.v, b.v); }
PLOT_FN Float8 operator/(Float8 a, Float8 b) { return _mm256_div_ps(a.v, b.v); }
PLOT_FN Float8 min_of(Float8 a, Float8 b) { return _mm256_min_ps(a.v, b.v); }
PLOT_FN Float8 max_of(Float8 a, Float8 b) { return _mm256_max_ps(a.v, b.v); }
PLOT_FN Float8 sqrt_of(Float8 a) { return _mm256_sqrt_ps(a.v); }
PLOT_FN Float8 abs_of(Float8 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v); }
PLOT_FN Float8 copy_sign(Float8 magnitude, Float8 sign) {
  const __m256 bit = _mm256_set1_ps(-0.0f);
  return _mm256_or_ps(_mm256_andnot_ps(bit, magnitude.v), _mm256_and_ps(bit, sign.v));
}
PLOT_FN Mask8 operator<(Float8 a, Float8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ)}; }
PLOT_FN Mask8 operator<=(Float8 a, Float8 b) { return {_mm256_cmp_ps(a.v, b.v, _CMP_LE_OQ)}; }
PLOT_FN Mask8 operator&(Mask8 a, Mask8 b) { return {_mm256_and_ps(a.v, b.v)}; }
PLOT_FN Float8 select(Mask8 m, Float8 yes, Float8 no) { return _mm256_blendv_ps(no.v, yes.v, m.v); }
PLOT_FN uint32_t bits_of(Mask8 m) { return (uint32_t)_mm256_movemask_ps(m.v); }

#elif defined(PLOT_SIMD_SSE2) || defined(PLOT_SIMD_NEON)

// Two halves of four; only these primitives differ between the two instruction sets.
#if defined(PLOT_SIMD_SSE2)
typedef __m128 Half;
typedef __m128 HalfMask;
PLOT_FN Half half_set(float x) { return _mm_set1_ps(x); }
PLOT_FN Half half_load(const float* p) { return _mm_load_ps(p); }
PLOT_FN Half half_load_anywhere(const float* p) { return _mm_loadu_ps(p); }
PLOT_FN void half_store(float* p, Half a) { _mm_store_ps(p, a); }
PLOT_FN Half half_add(Half a, Half b) { return _mm_add_ps(a, b); }
PLOT_FN Half half_sub(Half a, Half b) { return _mm_sub_ps(a, b); }
PLOT_FN Half half_mul(Half a, Half b) { return _mm_mul_ps(a, b); }
PLOT_FN Half half_div(Half a, Half b) { return _mm_div_ps(a, b); }
PLOT_FN Half half_min(Half a, Half b) { return _mm_min_ps(a, b); }
PLOT_FN Half half_max(Half a, Half b) { return _mm_max_ps(a, b); }
PLOT_FN Half half_sqrt(Half a) { return _mm_sqrt_ps(a); }
PLOT_FN HalfMask half_lt(Half a, Half b) { return _mm_cmplt_ps(a, b); }
PLOT_FN HalfMask half_le(Half a, Half b) { return _mm_cmple_ps(a, b); }
PLOT_FN HalfMask half_and(HalfMask a, HalfMask b) { return _mm_and_ps(a, b); }
PLOT_FN Half half_select(HalfMask m, Half yes, Half no) {
  return _mm_or_ps(_mm_and_ps(m, yes), _mm_andnot_ps(m, no));
}
PLOT_FN uint32_t half_bits(HalfMask m) { return (uint32_t)_mm_movemask_ps(m); }
PLOT_FN HalfMask half_sign_bit() { return _mm_set1_ps(-0.0f); }
#else
typedef float32x4_t Half;
typedef uint32x4_t HalfMask;
PLOT_FN Half half_set(float x) { return vdupq_n_f32(x); }
PLOT_FN Half half_load(const float* p) { return vld1q_f32(p); }
PLOT_FN Half half_load_anywhere(const float* p) { return vld1q_f32(p); }
PLOT_FN void half_store(float* p, Half a) { vst1q_f32(p, a); }
PLOT_FN Half half_add(Half a, Half b) { return vaddq_f32(a, b); }
PLOT_FN Half half_sub(Half a, Half b) { return vsubq_f32(a, b); }
PLOT_FN Half half_mul(Half a, Half b) { return vmulq_f32(a, b); }
PLOT_FN Half half_div(Half a, Half b) { return vdivq_f32(a, b); }
// Comparisons and not vminq/vmaxq, which treat NaN and signed zeros differently from x86.
PLOT_FN Half half_min(Half a, Half b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
PLOT_FN Half half_max(Half a, Half b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
PLOT_FN Half half_sqrt(Half a) { return vsqrtq_f32(a); }
PLOT_FN HalfMask half_lt(Half a, Half b) { return vcltq_f32(a, b); }
PLOT_FN HalfMask half_le(Half a, Half b) { return vcleq_f32(a, b); }
PLOT_FN HalfMask half_and(HalfMask a, HalfMask b) { return vandq_u32(a, b); }
PLOT_FN Half half_select(HalfMask m, Half yes, Half no) { return vbslq_f32(m, yes, no); }
PLOT_FN uint32_t half_bits(HalfMask m) {
  const int32_t shifts[4] = {0, 1, 2, 3};
  return vaddvq_u32(vshlq_u32(vshrq_n_u32(m, 31), vld1q_s32(shifts)));
}
PLOT_FN HalfMask half_sign_bit() { return vdupq_n_u32(0x80000000u); }
#endif

struct Mask8 {
  HalfMask lo, hi;
};
struct Float8 {
  Half lo, hi;
  Float8() = default;
  Float8(Half l, Half h) : lo(l), hi(h) {}
  Float8(float x) : lo(half_set(x)), hi(lo) {}
};

PLOT_FN Float8 load8(const float* p) { return {half_load(p), half_load(p + 4)}; }
PLOT_FN Float8 load8_anywhere(const float* p) { return {half_load_anywhere(p), half_load_anywhere(p + 4)}; }
PLOT_FN void store8(float* p, Float8 a) {
  half_store(p, a.lo);
  half_store(p + 4, a.hi);
}
PLOT_FN Float8 operator+(Float8 a, Float8 b) { return {half_add(a.lo, b.lo), half_add(a.hi, b.hi)}; }
PLOT_FN Float8 operator-(Float8 a, Float8 b) { return {half_sub(a.lo, b.lo), half_sub(a.hi, b.hi)}; }
PLOT_FN Float8 operator*(Float8 a, Float8 b) { return {half_mul(a.lo, b.lo), half_mul(a.hi, b.hi)}; }
PLOT_FN Float8 operator/(Float8 a, Float8 b) { return {half_div(a.lo, b.lo), half_div(a.hi, b.hi)}; }
PLOT_FN Float8 min_of(Float8 a, Float8 b) { return {half_min(a.lo, b.lo), half_min(a.hi, b.hi)}; }
PLOT_FN Float8 max_of(Float8 a, Float8 b) { return {half_max(a.lo, b.lo), half_max(a.hi, b.hi)}; }
PLOT_FN Float8 sqrt_of(Float8 a) { return {half_sqrt(a.lo), half_sqrt(a.hi)}; }
PLOT_FN Mask8 operator<(Float8 a, Float8 b) { return {half_lt(a.lo, b.lo), half_lt(a.hi, b.hi)}; }
PLOT_FN Mask8 operator<=(Float8 a, Float8 b) { return {half_le(a.lo, b.lo), half_le(a.hi, b.hi)}; }
PLOT_FN Mask8 operator&(Mask8 a, Mask8 b) { return {half_and(a.lo, b.lo), half_and(a.hi, b.hi)}; }
PLOT_FN Float8 select(Mask8 m, Float8 yes, Float8 no) {
  return {half_select(m.lo, yes.lo, no.lo), half_select(m.hi, yes.hi, no.hi)};
}
PLOT_FN uint32_t bits_of(Mask8 m) { return half_bits(m.lo) | half_bits(m.hi) << 4; }
#if defined(PLOT_SIMD_SSE2)
PLOT_FN Half half_copy_sign(Half a, Half s) {
  return _mm_or_ps(_mm_andnot_ps(half_sign_bit(), a), _mm_and_ps(half_sign_bit(), s));
}
#else
PLOT_FN Half half_copy_sign(Half a, Half s) { return vbslq_f32(half_sign_bit(), s, a); }
#endif
PLOT_FN Float8 copy_sign(Float8 a, Float8 s) { return {half_copy_sign(a.lo, s.lo), half_copy_sign(a.hi, s.hi)}; }
PLOT_FN Float8 abs_of(Float8 a) { return copy_sign(a, Float8(0.0f)); }

#else  // any other processor

struct Mask8 {
  bool v[kLanes];
};
struct Float8 {
  float v[kLanes];
  Float8() = default;
  Float8(float x) {
    for (float& e : v) e = x;
  }
};

template <class Op>
PLOT_FN Float8 each(Op op) {
  Float8 r;
  for (int i = 0; i < kLanes; ++i) r.v[i] = op(i);
  return r;
}
template <class Op>
PLOT_FN Mask8 each_mask(Op op) {
  Mask8 r;
  for (int i = 0; i < kLanes; ++i) r.v[i] = op(i);
  return r;
}
PLOT_FN Float8 load8(const float* p) {
  return each([&](int i) { return p[i]; });
}
PLOT_FN Float8 load8_anywhere(const float* p) { return load8(p); }
PLOT_FN void store8(float* p, Float8 a) {
  for (int i = 0; i < kLanes; ++i) p[i] = a.v[i];
}
PLOT_FN Float8 operator+(Float8 a, Float8 b) {
  return each([&](int i) { return a.v[i] + b.v[i]; });
}
PLOT_FN Float8 operator-(Float8 a, Float8 b) {
  return each([&](int i) { return a.v[i] - b.v[i]; });
}
PLOT_FN Float8 operator*(Float8 a, Float8 b) {
  return each([&](int i) { return a.v[i] * b.v[i]; });
}
PLOT_FN Float8 operator/(Float8 a, Float8 b) {
  return each([&](int i) { return a.v[i] / b.v[i]; });
}
PLOT_FN Float8 min_of(Float8 a, Float8 b) {
  return each([&](int i) { return min_f(a.v[i], b.v[i]); });
}
PLOT_FN Float8 max_of(Float8 a, Float8 b) {
  return each([&](int i) { return max_f(a.v[i], b.v[i]); });
}
PLOT_FN Float8 sqrt_of(Float8 a) {
  return each([&](int i) { return sqrt_f(a.v[i]); });
}
PLOT_FN Float8 abs_of(Float8 a) {
  return each([&](int i) { return abs_f(a.v[i]); });
}
PLOT_FN Float8 copy_sign(Float8 a, Float8 s) {
  return each([&](int i) { return copysignf(a.v[i], s.v[i]); });
}
PLOT_FN Mask8 operator<(Float8 a, Float8 b) {
  return each_mask([&](int i) { return a.v[i] < b.v[i]; });
}
PLOT_FN Mask8 operator<=(Float8 a, Float8 b) {
  return each_mask([&](int i) { return a.v[i] <= b.v[i]; });
}
PLOT_FN Mask8 operator&(Mask8 a, Mask8 b) {
  return each_mask([&](int i) { return a.v[i] && b.v[i]; });
}
PLOT_FN Float8 select(Mask8 m, Float8 yes, Float8 no) {
  return each([&](int i) { return m.v[i] ? yes.v[i] : no.v[i]; });
}
PLOT_FN uint32_t bits_of(Mask8 m) {
  uint32_t bits = 0;
  for (int i = 0; i < kLanes; ++i) bits |= (uint32_t)m.v[i] << i;
  return bits;
}

#endif

}  // namespace PLOT_VARIANT
