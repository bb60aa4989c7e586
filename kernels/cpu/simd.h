// Four and eight floats at once, with the same operations as on one float, so that shapes are written once as
// templates.
//
// Every operation is a single correctly rounded one and nothing is contracted, so all instruction sets give the same
// bits. `min_of` and `max_of` return the second argument when one of the two is NaN, as on x86.
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

#if defined(PLOT_SIMD_AVX2) || defined(PLOT_SIMD_SSE2)

struct Mask4 {
  __m128 v;
};
struct Float4 {
  __m128 v;
  Float4() = default;
  Float4(__m128 x) : v(x) {}
  Float4(float x) : v(_mm_set1_ps(x)) {}
};

PLOT_FN Float4 load4(const float* p) { return _mm_loadu_ps(p); }
PLOT_FN void store4(float* p, Float4 a) { _mm_storeu_ps(p, a.v); }
PLOT_FN Float4 operator+(Float4 a, Float4 b) { return _mm_add_ps(a.v, b.v); }
PLOT_FN Float4 operator-(Float4 a, Float4 b) { return _mm_sub_ps(a.v, b.v); }
PLOT_FN Float4 operator*(Float4 a, Float4 b) { return _mm_mul_ps(a.v, b.v); }
PLOT_FN Float4 operator/(Float4 a, Float4 b) { return _mm_div_ps(a.v, b.v); }
PLOT_FN Float4 min_of(Float4 a, Float4 b) { return _mm_min_ps(a.v, b.v); }
PLOT_FN Float4 max_of(Float4 a, Float4 b) { return _mm_max_ps(a.v, b.v); }
PLOT_FN Float4 sqrt_of(Float4 a) { return _mm_sqrt_ps(a.v); }
PLOT_FN Float4 copy_sign(Float4 magnitude, Float4 sign) {
  const __m128 bit = _mm_set1_ps(-0.0f);
  return _mm_or_ps(_mm_andnot_ps(bit, magnitude.v), _mm_and_ps(bit, sign.v));
}
PLOT_FN Mask4 operator<(Float4 a, Float4 b) { return {_mm_cmplt_ps(a.v, b.v)}; }
PLOT_FN Mask4 operator<=(Float4 a, Float4 b) { return {_mm_cmple_ps(a.v, b.v)}; }
PLOT_FN Mask4 operator&(Mask4 a, Mask4 b) { return {_mm_and_ps(a.v, b.v)}; }
PLOT_FN Float4 select(Mask4 m, Float4 yes, Float4 no) {
  return _mm_or_ps(_mm_and_ps(m.v, yes.v), _mm_andnot_ps(m.v, no.v));
}
PLOT_FN uint32_t bits_of(Mask4 m) { return (uint32_t)_mm_movemask_ps(m.v); }

#elif defined(PLOT_SIMD_NEON)

struct Mask4 {
  uint32x4_t v;
};
struct Float4 {
  float32x4_t v;
  Float4() = default;
  Float4(float32x4_t x) : v(x) {}
  Float4(float x) : v(vdupq_n_f32(x)) {}
};

PLOT_FN Float4 load4(const float* p) { return vld1q_f32(p); }
PLOT_FN void store4(float* p, Float4 a) { vst1q_f32(p, a.v); }
PLOT_FN Float4 operator+(Float4 a, Float4 b) { return vaddq_f32(a.v, b.v); }
PLOT_FN Float4 operator-(Float4 a, Float4 b) { return vsubq_f32(a.v, b.v); }
PLOT_FN Float4 operator*(Float4 a, Float4 b) { return vmulq_f32(a.v, b.v); }
PLOT_FN Float4 operator/(Float4 a, Float4 b) { return vdivq_f32(a.v, b.v); }
// Comparisons instead of vminq/vmaxq, which treat NaN and signed zeros differently from x86.
PLOT_FN Float4 min_of(Float4 a, Float4 b) { return vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v); }
PLOT_FN Float4 max_of(Float4 a, Float4 b) { return vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v); }
PLOT_FN Float4 sqrt_of(Float4 a) { return vsqrtq_f32(a.v); }
PLOT_FN Float4 copy_sign(Float4 magnitude, Float4 sign) {
  return vbslq_f32(vdupq_n_u32(0x80000000u), sign.v, magnitude.v);
}
PLOT_FN Mask4 operator<(Float4 a, Float4 b) { return {vcltq_f32(a.v, b.v)}; }
PLOT_FN Mask4 operator<=(Float4 a, Float4 b) { return {vcleq_f32(a.v, b.v)}; }
PLOT_FN Mask4 operator&(Mask4 a, Mask4 b) { return {vandq_u32(a.v, b.v)}; }
PLOT_FN Float4 select(Mask4 m, Float4 yes, Float4 no) { return vbslq_f32(m.v, yes.v, no.v); }
PLOT_FN uint32_t bits_of(Mask4 m) {
  const int32_t shifts[4] = {0, 1, 2, 3};
  return vaddvq_u32(vshlq_u32(vshrq_n_u32(m.v, 31), vld1q_s32(shifts)));
}

#else  // any other processor

struct Mask4 {
  bool v[4];
};
struct Float4 {
  float v[4];
  Float4() = default;
  Float4(float x) : v{x, x, x, x} {}
};

template <class Op>
PLOT_FN Float4 each(Op op) {
  Float4 r;
  for (int i = 0; i < 4; ++i) r.v[i] = op(i);
  return r;
}
template <class Op>
PLOT_FN Mask4 each_mask(Op op) {
  Mask4 r;
  for (int i = 0; i < 4; ++i) r.v[i] = op(i);
  return r;
}
PLOT_FN Float4 load4(const float* p) {
  return each([&](int i) { return p[i]; });
}
PLOT_FN void store4(float* p, Float4 a) {
  for (int i = 0; i < 4; ++i) p[i] = a.v[i];
}
PLOT_FN Float4 operator+(Float4 a, Float4 b) {
  return each([&](int i) { return a.v[i] + b.v[i]; });
}
PLOT_FN Float4 operator-(Float4 a, Float4 b) {
  return each([&](int i) { return a.v[i] - b.v[i]; });
}
PLOT_FN Float4 operator*(Float4 a, Float4 b) {
  return each([&](int i) { return a.v[i] * b.v[i]; });
}
PLOT_FN Float4 operator/(Float4 a, Float4 b) {
  return each([&](int i) { return a.v[i] / b.v[i]; });
}
PLOT_FN Float4 min_of(Float4 a, Float4 b) {
  return each([&](int i) { return min_f(a.v[i], b.v[i]); });
}
PLOT_FN Float4 max_of(Float4 a, Float4 b) {
  return each([&](int i) { return max_f(a.v[i], b.v[i]); });
}
PLOT_FN Float4 sqrt_of(Float4 a) {
  return each([&](int i) { return sqrt_f(a.v[i]); });
}
PLOT_FN Float4 copy_sign(Float4 a, Float4 s) {
  return each([&](int i) { return copysignf(a.v[i], s.v[i]); });
}
PLOT_FN Mask4 operator<(Float4 a, Float4 b) {
  return each_mask([&](int i) { return a.v[i] < b.v[i]; });
}
PLOT_FN Mask4 operator<=(Float4 a, Float4 b) {
  return each_mask([&](int i) { return a.v[i] <= b.v[i]; });
}
PLOT_FN Mask4 operator&(Mask4 a, Mask4 b) {
  return each_mask([&](int i) { return a.v[i] && b.v[i]; });
}
PLOT_FN Float4 select(Mask4 m, Float4 yes, Float4 no) {
  return each([&](int i) { return m.v[i] ? yes.v[i] : no.v[i]; });
}
PLOT_FN uint32_t bits_of(Mask4 m) {
  uint32_t bits = 0;
  for (int i = 0; i < 4; ++i) bits |= (uint32_t)m.v[i] << i;
  return bits;
}

#endif

PLOT_FN Float4 abs_of(Float4 a) { return copy_sign(a, Float4(0.0f)); }

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

#else  // two halves

struct Mask8 {
  Mask4 lo, hi;
};
struct Float8 {
  Float4 lo, hi;
  Float8() = default;
  Float8(Float4 l, Float4 h) : lo(l), hi(h) {}
  Float8(float x) : lo(x), hi(x) {}
};

PLOT_FN Float8 load8(const float* p) { return {load4(p), load4(p + 4)}; }
PLOT_FN Float8 load8_anywhere(const float* p) { return load8(p); }
PLOT_FN void store8(float* p, Float8 a) {
  store4(p, a.lo);
  store4(p + 4, a.hi);
}
PLOT_FN Float8 operator+(Float8 a, Float8 b) { return {a.lo + b.lo, a.hi + b.hi}; }
PLOT_FN Float8 operator-(Float8 a, Float8 b) { return {a.lo - b.lo, a.hi - b.hi}; }
PLOT_FN Float8 operator*(Float8 a, Float8 b) { return {a.lo * b.lo, a.hi * b.hi}; }
PLOT_FN Float8 operator/(Float8 a, Float8 b) { return {a.lo / b.lo, a.hi / b.hi}; }
PLOT_FN Float8 min_of(Float8 a, Float8 b) { return {min_of(a.lo, b.lo), min_of(a.hi, b.hi)}; }
PLOT_FN Float8 max_of(Float8 a, Float8 b) { return {max_of(a.lo, b.lo), max_of(a.hi, b.hi)}; }
PLOT_FN Float8 sqrt_of(Float8 a) { return {sqrt_of(a.lo), sqrt_of(a.hi)}; }
PLOT_FN Float8 abs_of(Float8 a) { return {abs_of(a.lo), abs_of(a.hi)}; }
PLOT_FN Float8 copy_sign(Float8 a, Float8 s) { return {copy_sign(a.lo, s.lo), copy_sign(a.hi, s.hi)}; }
PLOT_FN Mask8 operator<(Float8 a, Float8 b) { return {a.lo < b.lo, a.hi < b.hi}; }
PLOT_FN Mask8 operator<=(Float8 a, Float8 b) { return {a.lo <= b.lo, a.hi <= b.hi}; }
PLOT_FN Mask8 operator&(Mask8 a, Mask8 b) { return {a.lo & b.lo, a.hi & b.hi}; }
PLOT_FN Float8 select(Mask8 m, Float8 yes, Float8 no) {
  return {select(m.lo, yes.lo, no.lo), select(m.hi, yes.hi, no.hi)};
}
PLOT_FN uint32_t bits_of(Mask8 m) { return bits_of(m.lo) | bits_of(m.hi) << 4; }

#endif

// Compression: writes the children of the slots in `hits` and their distances consecutively, and returns how many.
// Those with the lowest slot ^ octant come last. Up to kLanes entries are overwritten.
#if defined(PLOT_SIMD_AVX2)

// For each set of positions, the positions in it from the highest to the lowest, one byte each.
struct CompressTable {
  uint64_t positions[1 << kLanes];
  constexpr CompressTable() : positions() {
    for (uint32_t set = 0; set < (1u << kLanes); ++set) {
      uint32_t count = 0;
      for (uint32_t p = kLanes; p-- > 0;) {
        if (set >> p & 1) positions[set] |= (uint64_t)p << (8 * count++);
      }
    }
  }
};
static constexpr CompressTable kCompress;

PLOT_FN uint32_t push_hits(Mask8 hits, uint32_t octant, const uint32_t* child, Float8 distance, uint32_t* children,
                           float* distances) {
  const __m256i octants = _mm256_set1_epi32((int)octant);
  const __m256i slots = _mm256_xor_si256(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), octants);
  const uint32_t set = (uint32_t)_mm256_movemask_ps(_mm256_permutevar8x32_ps(hits.v, slots));
  const __m256i positions = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i*)&kCompress.positions[set]));
  const __m256i from = _mm256_xor_si256(positions, octants);
  const __m256i all = _mm256_load_si256((const __m256i*)child);
  _mm256_storeu_si256((__m256i*)children, _mm256_permutevar8x32_epi32(all, from));
  _mm256_storeu_ps(distances, _mm256_permutevar8x32_ps(distance.v, from));
  return (uint32_t)_mm_popcnt_u32(set);
}

#else

PLOT_FN uint32_t push_hits(Mask8 hits, uint32_t octant, const uint32_t* child, Float8 distance, uint32_t* children,
                           float* distances) {
  const uint32_t set = bits_of(hits);
  if (!set) return 0;
  alignas(32) float d[kLanes];
  store8(d, distance);
  uint32_t count = 0;
  for (uint32_t position = kLanes; position-- > 0;) {
    const uint32_t slot = position ^ octant;
    children[count] = child[slot];
    distances[count] = d[slot];
    count += set >> slot & 1;
  }
  return count;
}

#endif

}  // namespace PLOT_VARIANT
