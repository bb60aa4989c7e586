// Perspective through a point.
#pragma once

#include "view.h"

namespace PLOT_VARIANT {

struct PinholeCamera {
  static constexpr CameraKind kKind = CameraKind::Pinhole;

  PLOT_FN Ray ray(const CameraData& c, float x, float y, LensSample) {
    const Float3 d = c.forward + c.right * (x * c.half_width) + c.up * (y * c.half_height);
    return {c.eye, normalize(d)};
  }

  PLOT_FN float depth(const CameraData& c, Float3 point) { return dot(point - c.eye, c.forward); }

  PLOT_FN Float3 point_in_view(const CameraData& c, float x, float y, float depth) {
    return c.eye + (c.forward + (c.right * (x * c.half_width) + c.up * (y * c.half_height))) * depth;
  }

  PLOT_FN Projection project(const CameraData& c, Float3 point) {
    const Float3 d = point - c.eye;
    const float along = dot(d, c.forward);
    const float scale = 1.0f / along;
    return {dot(d, c.right) * scale / c.half_width, dot(d, c.up) * scale / c.half_height, along > 0.0f};
  }
};

}  // namespace PLOT_VARIANT
