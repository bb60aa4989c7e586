// A plot's primitives in the tracers' format: checked, and with the constants of the intersection test computed once.
#pragma once

#include "../core/math.h"
#include "parallelepiped.h"
#include "parallelogram.h"
#include "sphere.h"

namespace PLOT_VARIANT {

// The bounds in a tree are slightly larger than those of the primitives, so that rays along a face and rounding in the
// shapes do not make a node miss a hit of its primitives.
PLOT_FN Bounds padded(const Bounds& b) {
  const Float3 size = max3(max3(b.lo, -b.lo), max3(b.hi, -b.hi));
  const Float3 pad = size * 2.4e-7f + splat(1e-30f);
  return {b.lo - pad, b.hi + pad};
}

struct Sphere {
  Float3 center;
  float radius;
};

// False if the primitive has no extent, or is not finite; it cannot be hit.
PLOT_FN bool make_sphere(const GeometryData& g, uint32_t i, Sphere* sphere, Bounds* bounds) {
  *sphere = {attribute3(g.pos, i), attribute1(g.r, i)};
  *bounds = sphere_bounds(sphere->center, sphere->radius);
  return sphere->radius > 0.0f && is_finite(bounds->lo) && is_finite(bounds->hi);
}

// The same for the shapes that have edges.
PLOT_FN bool make_edge_frame(const GeometryData& g, uint32_t i, EdgeFrame<float>* frame, Bounds* bounds) {
  const Float3 pos = attribute3(g.pos, i), u = attribute3(g.u, i), v = attribute3(g.v, i);
  if (g.shape == kParallelogram) {
    if (!parallelogram_frame(pos, u, v, frame)) return false;
    *bounds = parallelogram_bounds(pos, u, v);
  } else {
    const Float3 w = attribute3(g.w, i);
    if (!parallelepiped_frame(pos, u, v, w, frame)) return false;
    *bounds = parallelepiped_bounds(pos, u, v, w);
  }
  return is_finite(bounds->lo) && is_finite(bounds->hi);
}

}  // namespace PLOT_VARIANT
