// Parallelograms: flat, hit from both sides.
#pragma once

#include "edge_frame.h"

namespace PLOT_VARIANT {

// Distance with 0 < t, infinity without a hit.
template <class F>
PLOT_FN F parallelogram_distance(const ShapeRay<F>& ray, const EdgeFrame<F>& frame) {
  const FrameRay<F> r(ray, frame);
  const F t = (F(0.0f) - r.origin[2]) * safe_inverse(r.dir[2]);
  const F u = r.origin[0] + t * r.dir[0];
  const F v = r.origin[1] + t * r.dir[1];
  const auto inside = (F(0.0f) <= u) & (u <= F(1.0f)) & (F(0.0f) <= v) & (v <= F(1.0f));
  return select(inside & (F(0.0f) < t), t, F(kInfinity));
}

// Coordinates along u and v of the hit at distance t.
PLOT_FN void parallelogram_coordinates(const ShapeRay<float>& ray, const EdgeFrame<float>& frame, float t, float* u,
                                       float* v) {
  const FrameRay<float> r(ray, frame);
  *u = clamp_f(r.origin[0] + t * r.dir[0], 0.0f, 1.0f);
  *v = clamp_f(r.origin[1] + t * r.dir[1], 0.0f, 1.0f);
}

// Bounds of a parallelogram that has a frame: without one it cannot be hit.
PLOT_FN Bounds parallelogram_bounds(Float3 corner, Float3 u, Float3 v) {
  const Float3 zero = {0, 0, 0};
  return {corner + min3(u, zero) + min3(v, zero), corner + max3(u, zero) + max3(v, zero)};
}

}  // namespace PLOT_VARIANT
