// Parallel projection along the view direction; the image plane goes through the eye.
#pragma once

#include "../core/hit.h"

namespace PLOT_VARIANT {

// x, y: the same as for the pinhole.
PLOT_FN Ray ortho_ray(const CameraData& c, float x, float y) {
  return {c.eye + c.right * (x * c.half_width) + c.up * (y * c.half_height), c.forward};
}

}  // namespace PLOT_VARIANT
