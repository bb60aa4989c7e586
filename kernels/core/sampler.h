// Random numbers: a pure function of (seed, pixel, sample, decision), the same on every device, thread and tile.
//
// Each decision (pixel position, lens position, and a few per path vertex) has its own two-dimensional point set: the
// first two dimensions of Sobol's sequence, which are a (0,2)-sequence, with nested uniform ("Owen") scrambling by
// hashing and with a sample order shuffled per decision and pixel (B. Burley, "Practical Hash-based Owen Scrambling",
// JCGT 9(4), 2020). So the samples of a pixel are stratified in each decision from the first on, at any number of
// passes, and are independent between decisions and between pixels.
#pragma once

#include "vec.h"

namespace PLOT_VARIANT {

// Integer finaliser with full avalanche (constants: C. Wellons' hash prospector, "lowbias32").
PLOT_FN uint32_t mix32(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  x ^= x >> 16;
  return x;
}

// A permutation in which each bit depends on the bits below it only: on bit-reversed numbers it is a nested uniform
// scramble. After Laine and Karras 2011, with the multipliers of N. Vegdahl, "Owen scrambling based dithering", 2021.
PLOT_FN uint32_t scramble_upwards(uint32_t x, uint32_t seed) {
  x ^= x * 0x3d20adeau;
  x += seed;
  x *= (seed >> 16) | 1u;
  x ^= x * 0x05526c56u;
  x ^= x * 0x53a22864u;
  return x;
}

// Second dimension of Sobol's sequence, bit-reversed, for index i. Its generator is Pascal's triangle modulo 2, which is
// the superset sum over the bits' positions: five shifts rather than 32 conditional XORs.
PLOT_FN uint32_t sobol1_reversed(uint32_t i) {
  i ^= (i & 0xaaaaaaaau) >> 1;
  i ^= (i & 0xccccccccu) >> 2;
  i ^= (i & 0xf0f0f0f0u) >> 4;
  i ^= (i & 0xff00ff00u) >> 8;
  i ^= i >> 16;
  return i;
}

// The 24 upper bits as a number in [0, 1): below 1 with any rounding.
PLOT_FN float unit_float(uint32_t x) { return (float)(int32_t)(x >> 8) * 5.9604644775390625e-8f; }

// Seed of one pixel of one image.
PLOT_FN uint32_t pixel_seed(uint64_t image_seed, uint32_t x, uint32_t y) {
  const uint32_t a = mix32((uint32_t)image_seed + 0x9e3779b9u);
  const uint32_t b = mix32(a ^ (uint32_t)(image_seed >> 32));
  const uint32_t c = mix32(b + x);
  return mix32(c ^ (y * 0x9e3779b9u));
}

struct Sample2 {
  float x, y;
};

// Sample `reversed_index` (bit-reversed index of the pass) of decision `decision`.
PLOT_FN Sample2 sample_2d(uint32_t seed, uint32_t decision, uint32_t reversed_index) {
  const uint32_t s = mix32(seed + decision * 0x9e3779b9u);
  const uint32_t index = reverse_bits(scramble_upwards(reversed_index, s));
  const uint32_t t = s * 0x2c1b3c6du + 0x297a2d39u;
  const uint32_t u = (s ^ (s >> 15)) * 0x846ca68bu;
  const uint32_t x = scramble_upwards(index, t ^ (t >> 16));
  const uint32_t y = scramble_upwards(sobol1_reversed(index), u ^ (u >> 16));
  return {unit_float(reverse_bits(x)), unit_float(reverse_bits(y))};
}

// The decisions. A vertex takes kPerVertex from its first one on.
constexpr uint32_t kDecidePixel = 0, kDecideLens = 1, kDecideVertex = 4;
constexpr uint32_t kLightPoint = 0, kScatter = 1, kChoices = 2, kLobe = 3, kPerVertex = 4;

// The samples of kVertexBatch successive vertices, for each: a point on a light, a direction, (which light, whether to go
// on), and (which lobe of the material, unused).
struct VertexSamples {
  float x[kVertexBatch * kPerVertex], y[kVertexBatch * kPerVertex];
};

// Samples of `vertex` and those that are drawn with it, in a plain loop that compilers turn into SIMD: scrambling is a
// chain of multiplications, so that eight of them at once take hardly longer than one.
PLOT_FN VertexSamples sample_vertices(uint32_t seed, uint32_t vertex, uint32_t reversed_index) {
  VertexSamples out;
  for (uint32_t k = 0; k < kVertexBatch * kPerVertex; k++) {
    const Sample2 s = sample_2d(seed, kDecideVertex + vertex * kPerVertex + k, reversed_index);
    out.x[k] = s.x;
    out.y[k] = s.y;
  }
  return out;
}

}  // namespace PLOT_VARIANT
