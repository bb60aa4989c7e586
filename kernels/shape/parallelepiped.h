// Parallelepipeds: six faces, hit from outside and from inside.
#pragma once

#include "edge_frame.h"

namespace PLOT_VARIANT {

// Distance to the nearest hit with 0 < t, infinity without one: a slab test against the unit cube.
template <class F>
PLOT_FN F parallelepiped_distance(const ShapeRay<F>& ray, const EdgeFrame<F>& frame) {
  const FrameRay<F> r(ray, frame);
  F enter = F(-kInfinity), leave = F(kInfinity);
  for (int i = 0; i < 3; ++i) {
    const F inv = safe_inverse(r.dir[i]);
    const F t0 = (F(0.0f) - r.origin[i]) * inv;
    const F t1 = (F(1.0f) - r.origin[i]) * inv;
    enter = max_of(enter, min_of(t0, t1));
    leave = min_of(leave, max_of(t0, t1));
  }
  const F t = select(F(0.0f) < enter, enter, leave);
  return select((enter <= leave) & (F(0.0f) < t), t, F(kInfinity));
}

struct FaceHit {
  uint32_t face;  // 2 * axis + side, as in core/hit.h
  float u, v;
};

// The face that is hit at distance t, and the coordinates on it. Where two faces meet, the first.
PLOT_FN FaceHit parallelepiped_face(const ShapeRay<float>& ray, const EdgeFrame<float>& frame, float t) {
  const FrameRay<float> r(ray, frame);
  float enter = -kInfinity, leave = kInfinity;
  uint32_t enter_face = 0, leave_face = 0;
  for (uint32_t i = 0; i < 3; ++i) {
    const float inv = safe_inverse(r.dir[i]);
    const float t0 = (0.0f - r.origin[i]) * inv;
    const float t1 = (1.0f - r.origin[i]) * inv;
    const uint32_t first_side = t1 < t0 ? 1u : 0u;
    if (enter < min_f(t0, t1)) {
      enter = min_f(t0, t1);
      enter_face = 2 * i + first_side;
    }
    if (max_f(t0, t1) < leave) {
      leave = max_f(t0, t1);
      leave_face = 2 * i + 1 - first_side;
    }
  }
  const uint32_t face = 0.0f < enter ? enter_face : leave_face;
  // Selected, not indexed: a GPU has no registers that can be indexed.
  float at[3];
  for (int i = 0; i < 3; ++i) at[i] = clamp_f(r.origin[i] + t * r.dir[i], 0.0f, 1.0f);
  const uint32_t axis = face >> 1;
  return {face, axis == 0 ? at[1] : (axis == 1 ? at[2] : at[0]), axis == 0 ? at[2] : (axis == 1 ? at[0] : at[1])};
}

// Bounds of a parallelepiped that has a frame: without one it cannot be hit.
PLOT_FN Bounds parallelepiped_bounds(Float3 corner, Float3 u, Float3 v, Float3 w) {
  const Float3 zero = {0, 0, 0};
  return {corner + min3(u, zero) + min3(v, zero) + min3(w, zero),
          corner + max3(u, zero) + max3(v, zero) + max3(w, zero)};
}

}  // namespace PLOT_VARIANT
