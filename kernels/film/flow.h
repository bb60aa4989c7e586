// Optical flow from an earlier image, assuming that only the camera has moved since.
#pragma once

#include "../camera/camera.h"

namespace PLOT_VARIANT {

// Pixels, from the place in the earlier image to that in the present one: x to the right, y downwards.
struct Flow {
  float x, y;
  bool known;  // the place was inside of the earlier image
};

// (px, py): in pixels from the top left corner of an image of width x height; `before` is the earlier camera.
PLOT_FN Flow flow_to(const CameraData& now, const CameraData& before, float px, float py, float depth, float width,
                     float height) {
  const Float3 point = point_in_view(now, px * (2.0f / width) - 1.0f, 1.0f - py * (2.0f / height), depth);
  const Projection place = project(before, point);
  const bool known = place.in_front && abs_f(place.x) <= 1.0f && abs_f(place.y) <= 1.0f;
  if (!known) return {0.0f, 0.0f, false};
  return {px - (place.x + 1.0f) * 0.5f * width, py - (1.0f - place.y) * 0.5f * height, true};
}

}  // namespace PLOT_VARIANT
