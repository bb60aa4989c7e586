// Develops rows of the film into rows of an image: loops over the shared arithmetic of kernels/film.
#pragma once

#include "../film/noise.h"
#include "../film/post.h"
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

// Applies stages to a row of RGB, interleaved. A stage goes over the whole row before the next one does, so that the
// choice of its code is made once.
static void develop_stages(const StageData* stages, uint32_t stage_count, float* pixels, uint32_t width, uint32_t y) {
  for (uint32_t i = 0; i < stage_count; ++i) {
    const StageData& data = stages[i];
    with_stage(data.kind, [&](auto stage) {
      for (uint32_t x = 0; x < width; ++x) {
        const Float3 rgb = stage.apply(data, load3(pixels + 3 * x), x, y);
        pixels[3 * x] = rgb.x;
        pixels[3 * x + 1] = rgb.y;
        pixels[3 * x + 2] = rgb.z;
      }
    });
  }
}

// RGB, interleaved, to opaque RGBA with 8 bits a channel.
static void develop_quantise(const float* pixels, uint8_t* rgba, uint32_t width) {
  for (uint32_t i = 0; i < width; ++i) {
    for (uint32_t c = 0; c < 3; ++c) rgba[4 * i + c] = quantise(clamp_unit(pixels[3 * i + c]));
    rgba[4 * i + 3] = 255;
  }
}

static constexpr DevelopTable kDevelopTable = {develop_mean, develop_stages, develop_quantise, denoise_scratch, denoise_rows};

}  // namespace PLOT_VARIANT
