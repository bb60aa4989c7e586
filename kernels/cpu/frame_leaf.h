// One parallelogram or parallelepiped against one ray, with the axes of its frame side by side: the arithmetic of
// shape/parallelogram.h and shape/parallelepiped.h to the bit, in a third of the instructions.
#pragma once

#include "bvh.h"

namespace PLOT_VARIANT {

// A ray in the coordinates of a frame, an axis per lane; the last lane is unused.
struct AxisRay {
  Float4 origin, dir;

  PLOT_METHOD AxisRay(Float3 o, Float3 d, const FrameLeaf& leaf) {
    const Float4 x = load4(leaf.column[0]), y = load4(leaf.column[1]), z = load4(leaf.column[2]);
    const Float4 fx = o.x - leaf.corner[0], fy = o.y - leaf.corner[1], fz = o.z - leaf.corner[2];
    origin = x * fx + y * fy + z * fz;
    dir = x * Float4(d.x) + y * Float4(d.y) + z * Float4(d.z);
  }
};

PLOT_FN float largest_of_three(Float4 v) {
  float lane[4];
  store4(lane, v);
  return max_f(max_f(lane[0], lane[1]), lane[2]);
}
PLOT_FN float smallest_of_three(Float4 v) {
  float lane[4];
  store4(lane, v);
  return min_f(min_f(lane[0], lane[1]), lane[2]);
}

// Distances at which the ray crosses the planes of the faces.
struct Slabs {
  Float4 near, far;  // of each pair of planes
  uint32_t swapped;  // bit a: along axis a the ray crosses the face at 1 first
  float enter, leave;

  PLOT_METHOD explicit Slabs(const AxisRay& ray) {
    const Float4 inv = safe_inverse(ray.dir);
    const Float4 t0 = (Float4(0.0f) - ray.origin) * inv;
    const Float4 t1 = (Float4(1.0f) - ray.origin) * inv;
    near = min_of(t0, t1);
    far = max_of(t0, t1);
    swapped = bits_of(t1 < t0);
    enter = largest_of_three(near);
    leave = smallest_of_three(far);
  }
};

PLOT_FN float parallelepiped_distance(const AxisRay& ray) {
  const Slabs s(ray);
  const float t = 0.0f < s.enter ? s.enter : s.leave;
  return s.enter <= s.leave && 0.0f < t ? t : kInfinity;
}

PLOT_FN float parallelogram_distance(const AxisRay& ray) {
  float origin[4], dir[4];
  store4(origin, ray.origin);
  store4(dir, ray.dir);
  const float t = (0.0f - origin[2]) * safe_inverse(dir[2]);
  const Float4 at = ray.origin + Float4(t) * ray.dir;
  const uint32_t inside = bits_of((Float4(0.0f) <= at) & (at <= Float4(1.0f))) & 3u;
  return inside == 3u && 0.0f < t ? t : kInfinity;
}

// Coordinates on the face that is hit at distance t; see FaceHit in shape/parallelepiped.h.
PLOT_FN FaceHit parallelepiped_face(const AxisRay& ray, float t) {
  const Slabs s(ray);
  const bool entering = 0.0f < s.enter;
  const uint32_t axes = entering ? bits_of(Float4(s.enter) <= s.near) : bits_of(s.far <= Float4(s.leave));
  const uint32_t axis = lowest_bit(axes | 4u);
  const uint32_t side = (s.swapped >> axis & 1u) ^ (entering ? 0u : 1u);
  float at[4];
  store4(at, ray.origin + Float4(t) * ray.dir);
  return {2 * axis + side, clamp_f(at[(axis + 1) % 3], 0.0f, 1.0f), clamp_f(at[(axis + 2) % 3], 0.0f, 1.0f)};
}

PLOT_FN void parallelogram_coordinates(const AxisRay& ray, float t, float* u, float* v) {
  float at[4];
  store4(at, ray.origin + Float4(t) * ray.dir);
  *u = clamp_f(at[0], 0.0f, 1.0f);
  *v = clamp_f(at[1], 0.0f, 1.0f);
}

}  // namespace PLOT_VARIANT
