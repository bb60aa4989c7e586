// Perspective through a point.
#pragma once

#include "../core/hit.h"

namespace PLOT_VARIANT {

// x, y in [-1, 1]: from the left to the right and from the bottom to the top edge of the image.
PLOT_FN Ray pinhole_ray(const CameraData& c, float x, float y) {
  const Float3 d = c.forward + c.right * (x * c.half_width) + c.up * (y * c.half_height);
  return {c.eye, normalize(d)};
}

}  // namespace PLOT_VARIANT
