// All directions from a point, equirectangular: the horizontal angle is proportional to x and the vertical one to y. The
// target is in the middle of the image, and what is behind the eye at its left and right edges.
#pragma once

#include "../core/math.h"
#include "view.h"

namespace PLOT_VARIANT {

struct PanoramicCamera {
  static constexpr CameraKind kKind = CameraKind::Panoramic;

  PLOT_FN Float3 direction(const CameraData& c, float x, float y) {
    const SinCos across = sincos_f(x * kPi), upwards = sincos_f(y * (0.5f * kPi));
    return (c.forward * across.cos + c.right * across.sin) * upwards.cos + c.up * upwards.sin;
  }

  PLOT_FN Ray ray(const CameraData& c, float x, float y, LensSample) { return {c.eye, direction(c, x, y)}; }

  // There is no axis: the distance from the eye.
  PLOT_FN float depth(const CameraData& c, Float3 point) { return length(point - c.eye); }

  PLOT_FN Float3 point_in_view(const CameraData& c, float x, float y, float depth) {
    return c.eye + direction(c, x, y) * depth;
  }

  PLOT_FN Projection project(const CameraData& c, Float3 point) {
    const Float3 d = point - c.eye;
    const float along = dot(d, c.forward), aside = dot(d, c.right), above = dot(d, c.up);
    const float level = sqrt_f(along * along + aside * aside);
    return {atan2_f(aside, along) * kInvPi, atan2_f(above, level) * (2.0f * kInvPi), true};
  }
};

}  // namespace PLOT_VARIANT
