// Develops rows of the film into rows of an image: loops over the shared arithmetic of kernels/film.
#pragma once

#include "../film/noise.h"
#include "../film/tonemap.h"
#include "denoise.h"

namespace PLOT_VARIANT {

// Means of `count` pixels: `radiance` holds 4 sums each (see Plane), `linear` receives RGB, interleaved. Returns the
// sum of the standard errors of the luminance, infinite with a single pass, which gives no estimate.
static double develop_mean(const float* radiance, float* linear, uint32_t count, uint32_t passes) {
  const float n = (float)passes;
  for (uint32_t i = 0; i < count; ++i) {
    for (uint32_t c = 0; c < 3; ++c) linear[3 * i + c] = radiance[4 * i + c] / n;
  }
  if (passes < 2) return (double)kInfinity;
  double noise = 0.0;
  for (uint32_t i = 0; i < count; ++i) {
    const float* sum = radiance + 4 * i;
    noise += (double)sqrt_f(variance_of_mean(luminance(load3(sum)), sum[3], n));
  }
  return noise;
}

// `count` pixels of linear RGB to display values in [0, 1], both interleaved.
static void develop_display(const float* linear, float* shown, uint32_t count, float exposure, float inverse_gamma) {
  for (uint32_t i = 0; i < 3 * count; ++i) shown[i] = tonemap(linear[i], exposure, inverse_gamma);
}

// Linear RGB, interleaved, to opaque RGBA with 8 bits a channel.
static void develop_tonemap(const float* linear, uint8_t* rgba, uint32_t count, float exposure, float inverse_gamma) {
  for (uint32_t i = 0; i < count; ++i) {
    for (uint32_t c = 0; c < 3; ++c) {
      rgba[4 * i + c] = quantise(tonemap(linear[3 * i + c], exposure, inverse_gamma));
    }
    rgba[4 * i + 3] = 255;
  }
}

// The same without exposure and gamma.
static void develop_clamp(const float* linear, uint8_t* rgba, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    for (uint32_t c = 0; c < 3; ++c) rgba[4 * i + c] = quantise(clamp_unit(linear[3 * i + c]));
    rgba[4 * i + 3] = 255;
  }
}

static constexpr DevelopTable kDevelopTable = {develop_mean,  develop_display, develop_tonemap,
                                               develop_clamp, denoise_scratch, denoise_rows};

}  // namespace PLOT_VARIANT
