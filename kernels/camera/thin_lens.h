// Perspective through a thin lens: only points in the plane of focus, which is perpendicular to the axis, are sharp.
#pragma once

#include "../core/hit.h"
#include "../core/warp.h"

namespace PLOT_VARIANT {

// x, y: the same as for the pinhole; `lens`: sample for the point on the lens.
PLOT_FN Ray thin_lens_ray(const CameraData& c, float x, float y, Sample2 lens) {
  const Sample2 on_disk = sample_disk(lens);
  const Float3 offset = c.right * (on_disk.x * c.aperture_radius) + c.up * (on_disk.y * c.aperture_radius);
  const Float3 d = c.forward + c.right * (x * c.half_width) + c.up * (y * c.half_height);
  return {c.eye + offset, normalize(d * c.focus_distance - offset)};
}

}  // namespace PLOT_VARIANT
