// Rays and hits: the whole interface between light transport and acceleration structures.
//
// A tracer finds the nearest hit with 0 < t < tmax, or whether there is any; on the CPU, where several rays at once are
// faster, for arrays of rays (cpu/trace.h). It only identifies the hit; position, normal and colour come from shared code (core/surface.h), so that the
// devices cannot differ in them. Rays start off the surface they leave (core/surface.h), so a tracer has no minimum
// distance of its own. Equal distances: the lower (instance, primitive) wins.
#pragma once

#include "vec.h"

namespace PLOT_VARIANT {

struct Ray {
  Float3 origin;
  Float3 dir;  // unit in the world; transformed into an instance it is not normalised, so that `t` stays the same
};

constexpr uint32_t kNoInstance = 0xffffffffu;

// face: 0 for spheres and parallelograms; for parallelepipeds 2 * axis + side, where axis 0, 1, 2 is the pair of faces
// between which u, v, w extends, and side is 0 at its start and 1 at its end.
// u, v: coordinates in [0, 1] along the face's edges. Parallelogram: along u, v. Parallelepiped: along (v, w),
// (w, u), (u, v) for axis 0, 1, 2. Sphere: not set (0).
struct Hit {
  float t;
  uint32_t instance;   // kNoInstance: a miss, and nothing else is set
  uint32_t primitive;  // index in the plot
  uint32_t face;
  float u, v;
};

PLOT_FN Hit miss() { return Hit{kInfinity, kNoInstance, 0, 0, 0.0f, 0.0f}; }
PLOT_FN bool is_hit(const Hit& h) { return h.instance != kNoInstance; }

}  // namespace PLOT_VARIANT
