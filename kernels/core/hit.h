// Rays and hits: the whole interface between light transport and acceleration structures.
//
// A tracer finds the nearest hit with 0 < t < tmax, or whether there is any; on the CPU, where several rays at once are
// faster, for arrays of rays (cpu/trace.h). It only identifies the hit; position, normal and colour come from shared code (core/surface.h), so that the
// devices cannot differ in them. Rays start off the surface they leave (core/surface.h), so a tracer has no minimum
// distance of its own. Equal distances: the lower (instance, primitive) wins.
#pragma once

#include "vec.h"

namespace PLOT_VARIANT {

PLOT_FN Hit miss() { return Hit{kInfinity, kNoInstance, 0, 0, 0.0f, 0.0f}; }
PLOT_FN bool is_hit(const Hit& h) { return h.instance != kNoInstance; }

// A ray of the world in the coordinates of an instance.
PLOT_FN Ray in_object(const InstanceData& instance, const Ray& ray) {
  return {transform_point(instance.object_from_world, ray.origin), transform_vector(instance.object_from_world, ray.dir)};
}

}  // namespace PLOT_VARIANT
