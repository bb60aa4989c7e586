// Parallel projection along the view direction; the image plane goes through the eye.
#pragma once

#include "view.h"

namespace PLOT_VARIANT {

struct OrthoCamera {
  static constexpr CameraKind kKind = CameraKind::Ortho;

  PLOT_FN Ray ray(const CameraData& c, float x, float y, LensSample) {
    return {c.eye + c.right * (x * c.half_width) + c.up * (y * c.half_height), c.forward};
  }

  PLOT_FN float depth(const CameraData& c, Float3 point) { return dot(point - c.eye, c.forward); }

  PLOT_FN Float3 point_in_view(const CameraData& c, float x, float y, float depth) {
    return c.eye + (c.right * (x * c.half_width) + c.up * (y * c.half_height)) + c.forward * depth;
  }

  PLOT_FN Projection project(const CameraData& c, Float3 point) {
    const Float3 d = point - c.eye;
    return {dot(d, c.right) / c.half_width, dot(d, c.up) / c.half_height, dot(d, c.forward) > 0.0f};
  }
};

}  // namespace PLOT_VARIANT
