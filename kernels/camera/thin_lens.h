// Perspective through a thin lens: only points in the plane of focus, which is perpendicular to the axis, are sharp.
#pragma once

#include "../core/warp.h"
#include "pinhole.h"

namespace PLOT_VARIANT {

// Beside its rays, a pinhole in the middle of the lens.
struct ThinLensCamera : PinholeCamera {
  static constexpr CameraKind kKind = CameraKind::ThinLens;

  PLOT_FN Ray ray(const CameraData& c, float x, float y, LensSample lens) {
    const Sample2 on_disk = sample_disk(lens.draw());
    const Float3 offset = c.right * (on_disk.x * c.aperture_radius) + c.up * (on_disk.y * c.aperture_radius);
    const Float3 d = c.forward + c.right * (x * c.half_width) + c.up * (y * c.half_height);
    return {c.eye + offset, normalize(d * c.focus_distance - offset)};
  }
};

}  // namespace PLOT_VARIANT
