// Coordinates along the edges of a parallelogram or parallelepiped: in them a parallelogram is the unit square and a
// parallelepiped the unit cube, however skewed they are.
#pragma once

#include "plot.h"

namespace PLOT_VARIANT {

// Transforms a point p of the plot's space to its coordinates along u, v and w: rows * (p - corner).
template <class F>
struct EdgeFrame {
  Vec<F> corner;
  Vec<F> row[3];
};

// A ray in the coordinates of a frame. The origin is translated before it is multiplied, which is more exact for small
// primitives far from the plot's origin.
template <class F>
struct FrameRay {
  F origin[3], dir[3];

  PLOT_METHOD FrameRay(const ShapeRay<F>& ray, const EdgeFrame<F>& frame) {
    const Vec<F> f = {ray.origin.x - frame.corner.x, ray.origin.y - frame.corner.y, ray.origin.z - frame.corner.z};
    for (int i = 0; i < 3; ++i) {
      origin[i] = dot_of(frame.row[i], f);
      dir[i] = dot_of(frame.row[i], ray.dir);
    }
  }
};

// In units of the longest edge: a primitive that is not higher than this is flat, and a flat one that is not wider than
// this in its plane is a needle, which cannot be hit.
constexpr float kFlat = 1e-5f;

struct PlaneFrame {
  Float3 dual_a, dual_b;  // the rows of the two edges
  Float3 normal;          // unit
  bool valid;
};

// Rows of the edges a and b within their plane.
PLOT_FN PlaneFrame plane_frame(Float3 a, Float3 b) {
  const float a2 = dot(a, a), b2 = dot(b, b);
  const Float3 n = cross(a, b);
  const float n2 = dot(n, n);
  // The area must exceed kFlat times the square of the longer edge, and its square must not have underflowed.
  const float longest2 = max_f(a2, b2);
  const bool valid = n2 > (kFlat * longest2) * (kFlat * longest2) && n2 > 1e-36f && n2 < 1e36f;
  if (!valid) return {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}, false};
  const float inv = 1.0f / n2;
  return {cross(b, n) * inv, cross(n, a) * inv, n * sqrt_f(inv), true};
}

// The unit in which edges are measured, since squares of the cross product of short edges would underflow.
PLOT_FN float edge_scale(Float3 u, Float3 v, Float3 w) {
  const Float3 most = max3(max3(max3(u, -u), max3(v, -v)), max3(w, -w));
  return max_component(most);
}

// False if the primitive has no extent, or is not finite; it cannot be hit.
PLOT_FN bool parallelogram_frame(Float3 corner, Float3 u, Float3 v, EdgeFrame<float>* out) {
  const float scale = edge_scale(u, v, {0, 0, 0});
  if (!(scale > 1e-30f) || !(scale < 1e30f) || !is_finite(corner) || !is_finite(u + v)) return false;
  const float inv = 1.0f / scale;
  const PlaneFrame plane = plane_frame(u * inv, v * inv);
  if (!plane.valid) return false;
  const Float3 a = plane.dual_a * inv, b = plane.dual_b * inv, n = plane.normal * inv;
  *out = {{corner.x, corner.y, corner.z}, {{a.x, a.y, a.z}, {b.x, b.y, b.z}, {n.x, n.y, n.z}}};
  return true;
}

// Starts from the largest face: coordinates in its plane, and the height above it. A parallelepiped without a height,
// because an edge has no length or all edges are in one plane, is that face, without thickness.
PLOT_FN bool parallelepiped_frame(Float3 corner, Float3 u, Float3 v, Float3 w, EdgeFrame<float>* out) {
  const float scale = edge_scale(u, v, w);
  if (!(scale > 1e-30f) || !(scale < 1e30f) || !is_finite(corner) || !is_finite(u + v + w)) return false;
  const float inv = 1.0f / scale;
  const Float3 e[3] = {u * inv, v * inv, w * inv};
  int k = 0;  // the edge that leaves the plane
  float largest = -1.0f;
  for (int i = 0; i < 3; ++i) {
    const Float3 n = cross(e[(i + 1) % 3], e[(i + 2) % 3]);
    const float n2 = dot(n, n);
    if (n2 > largest) {
      largest = n2;
      k = i;
    }
  }
  const int i = (k + 1) % 3, j = (k + 2) % 3;
  const PlaneFrame plane = plane_frame(e[i], e[j]);
  if (!plane.valid) return false;
  const float height = dot(e[k], plane.normal);
  Float3 row_i = plane.dual_a, row_j = plane.dual_b, row_k;
  if (fabsf(height) > kFlat) {
    row_k = plane.normal * (1.0f / height);
    // The edge leans over the plane: its projection is subtracted from the coordinates of the other two.
    row_i = row_i - row_k * dot(plane.dual_a, e[k]);
    row_j = row_j - row_k * dot(plane.dual_b, e[k]);
  } else {
    // So large that 0 and 1 are the same height: a ray enters and leaves at the same distance.
    row_k = plane.normal * 1e18f;
  }
  out->corner = {corner.x, corner.y, corner.z};
  out->row[i] = {row_i.x * inv, row_i.y * inv, row_i.z * inv};
  out->row[j] = {row_j.x * inv, row_j.y * inv, row_j.z * inv};
  out->row[k] = {row_k.x * inv, row_k.y * inv, row_k.z * inv};
  return true;
}

}  // namespace PLOT_VARIANT
