// Textures: images in plain buffers, read by the same arithmetic on all devices.
//
// The image covers the unit square of texture coordinates: u grows to the right, v upwards. So row 0, the topmost, is at
// v = 1, and an image on a parallelogram whose edge u points to the right and whose edge v points up is upright.
#pragma once

#include "../core/math.h"

namespace PLOT_VARIANT {

// The channels of a texel; those that the texture lacks are 0.
struct Texel {
  float channel[4];
};

constexpr uint32_t kNoTexel = 0xffffffffu;

// Index along an axis of the texel that is at `i`; kNoTexel: there is none.
PLOT_FN uint32_t texel_index(AddressMode mode, int32_t i, int32_t size) {
  switch (mode) {
    case AddressMode::Wrap: {
      const int32_t r = i % size;
      return (uint32_t)(r < 0 ? r + size : r);
    }
    case AddressMode::Clamp: return (uint32_t)(i < 0 ? 0 : (i < size ? i : size - 1));
    case AddressMode::Mirror: {
      const int32_t r = i % (2 * size), p = r < 0 ? r + 2 * size : r;
      return (uint32_t)(p < size ? p : 2 * size - 1 - p);
    }
    case AddressMode::Border: return 0 <= i && i < size ? (uint32_t)i : kNoTexel;
  }
  PLOT_UNREACHABLE();
}

// The coordinate near 0 that has the same texels, so that it has digits left and its index is a whole number.
PLOT_FN float near_zero(AddressMode mode, float x) {
  if (!is_finite(x)) return 0.0f;
  switch (mode) {
    case AddressMode::Wrap: return x - floorf(x);
    case AddressMode::Clamp: return clamp_f(x, 0.0f, 1.0f);
    case AddressMode::Mirror: return x - 2.0f * floorf(0.5f * x);
    case AddressMode::Border: return clamp_f(x, -1.0f, 2.0f);
  }
  PLOT_UNREACHABLE();
}

// The linear value of a channel.
PLOT_FN float channel_value(const float* byte_values, const TextureData& t, uint64_t index, uint32_t channel) {
  switch ((TexelFormat)t.format) {
    case TexelFormat::Byte: return byte_values[((const uint8_t*)t.texels)[index]];
    case TexelFormat::Srgb: {
      // The last of an even number of channels is alpha, which is linear.
      const bool alpha = t.channels % 2 == 0 && channel == t.channels - 1;
      return byte_values[((const uint8_t*)t.texels)[index] + (alpha ? 0u : 256u)];
    }
    case TexelFormat::Float: return ((const float*)t.texels)[index];
  }
  PLOT_UNREACHABLE();
}

PLOT_FN Texel texel_at(const float* byte_values, const TextureData& t, int32_t x, int32_t y) {
  Texel texel = {};
  const uint32_t column = texel_index((AddressMode)t.address, x, (int32_t)t.width);
  const uint32_t row = texel_index((AddressMode)t.address, y, (int32_t)t.height);
  if (column == kNoTexel || row == kNoTexel) return texel;
  const uint64_t first = ((uint64_t)row * t.width + column) * t.channels;
  for (uint32_t k = 0; k < 4; k++) {
    if (k < t.channels) texel.channel[k] = channel_value(byte_values, t, first + k, k);
  }
  return texel;
}

// The largest whole number that is not above x.
PLOT_FN int32_t whole_below(float x) { return (int32_t)floorf(x); }

// `byte_values` is the scene's: on a GPU the scene itself is in constant memory, whose addresses are no arguments.
PLOT_CALLED_FN Texel lookup(const float* byte_values, const TextureData& t, float u, float v) {
  const float x = near_zero((AddressMode)t.address, u) * (float)t.width;
  const float y = near_zero((AddressMode)t.address, 1.0f - v) * (float)t.height;
  switch ((FilterMode)t.filter) {
    case FilterMode::Nearest: return texel_at(byte_values, t, whole_below(x), whole_below(y));
    case FilterMode::Trilinear: {
      // Texels have their values at their centres.
      const int32_t column = whole_below(x - 0.5f), row = whole_below(y - 0.5f);
      const float fx = (x - 0.5f) - (float)column, fy = (y - 0.5f) - (float)row;
      const float weight[4] = {(1.0f - fx) * (1.0f - fy), fx * (1.0f - fy), (1.0f - fx) * fy, fx * fy};
      Texel sum = {};
      for (int32_t corner = 0; corner < 4; corner++) {
        const Texel texel = texel_at(byte_values, t, column + (corner & 1), row + (corner >> 1));
        for (uint32_t k = 0; k < 4; k++) sum.channel[k] = sum.channel[k] + weight[corner] * texel.channel[k];
      }
      return sum;
    }
  }
  PLOT_UNREACHABLE();
}

// A texture as a colour: with one or two channels, it is grey.
PLOT_FN Float3 texture_color(const SceneData& scene, uint32_t index, float u, float v) {
  const TextureData& t = scene.textures[index];
  const Texel texel = lookup(scene.byte_values, t, u, v);
  if (t.channels <= 2) return splat(texel.channel[0]);
  return {texel.channel[0], texel.channel[1], texel.channel[2]};
}

}  // namespace PLOT_VARIANT
