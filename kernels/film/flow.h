// Optical flow from an earlier image, assuming that only the camera has moved since.
#pragma once

#include "../camera/camera.h"

namespace PLOT_VARIANT {

// Pixels, from the place in the earlier image to that in the present one: x to the right, y downwards.
struct Flow {
  float x, y;
  bool known;  // the place was inside of the earlier image
};

// The point at `depth` along the axis that is seen at (x, y), in [-1, 1] as for the pinhole; for a lens, through its
// centre.
PLOT_FN Float3 point_in_view(const CameraData& c, float x, float y, float depth) {
  const Float3 aside = c.right * (x * c.half_width) + c.up * (y * c.half_height);
  return c.kind == kOrtho ? c.eye + aside + c.forward * depth : c.eye + (c.forward + aside) * depth;
}

// (px, py): in pixels from the top left corner of an image of width x height; `before` is the earlier camera.
PLOT_FN Flow flow_to(const CameraData& now, const CameraData& before, float px, float py, float depth, float width,
                     float height) {
  const Float3 point = point_in_view(now, px * (2.0f / width) - 1.0f, 1.0f - py * (2.0f / height), depth);
  const Float3 d = point - before.eye;
  const float along = dot(d, before.forward);
  const float scale = before.kind == kOrtho ? 1.0f : 1.0f / along;
  const float x = dot(d, before.right) * scale / before.half_width;
  const float y = dot(d, before.up) * scale / before.half_height;
  const bool known = along > 0.0f && abs_f(x) <= 1.0f && abs_f(y) <= 1.0f;
  if (!known) return {0.0f, 0.0f, false};
  return {px - (x + 1.0f) * 0.5f * width, py - (1.0f - y) * 0.5f * height, true};
}

}  // namespace PLOT_VARIANT
