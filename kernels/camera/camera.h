// All cameras behind one function.
#pragma once

#include "ortho.h"
#include "pinhole.h"
#include "thin_lens.h"

namespace PLOT_VARIANT {

// The ray through pixel (px, py), row 0 at the top, at the offset `in_pixel` within it. The pixel filter is a box.
PLOT_FN Ray camera_ray(const SceneData& scene, uint32_t px, uint32_t py, Sample2 in_pixel, uint32_t seed,
                       uint32_t reversed_index) {
  const CameraData& c = scene.camera;
  const float x = ((float)(int32_t)px + in_pixel.x) * (2.0f / (float)(int32_t)scene.width) - 1.0f;
  const float y = 1.0f - ((float)(int32_t)py + in_pixel.y) * (2.0f / (float)(int32_t)scene.height);
  switch (c.kind) {
    case kThinLens:
      return thin_lens_ray(c, x, y, sample_2d(seed, kDecideLens, reversed_index));
    case kOrtho:
      return ortho_ray(c, x, y);
    default:
      return pinhole_ray(c, x, y);
  }
}

}  // namespace PLOT_VARIANT
