// What a light type gives when it is sampled. A light type (spherical.h, parallelogram.h) has these static functions:
//
//   LightSample sample(light, from, u)       a point on the light, as seen from `from`
//   float pdf(light, from, dir, distance)    density by solid angle of sampling the point at `distance` along `dir`
//   float intersect(light, ray)              distance along the ray, or infinity
//   bool emits(light, dir)                   whether a ray that arrives along `dir` hits the side that emits
//   bool above_horizon(light, from, normal)  false when the whole light is below the horizon of a surface
//   float weight(light, from)                an estimate of its light at `from`, for a radiance of 1, that ignores
//                                            visibility; 0 only where none can arrive
//   Float3 normal(light, ray, t)             of the surface that the ray hits at t, on the ray's side
#pragma once

#include "../core/hit.h"
#include "../core/warp.h"

namespace PLOT_VARIANT {

// A sampled point on a light, relative to the shaded point.
struct LightSample {
  Float3 dir;      // unit, from the shaded point to the light
  float distance;  // 0: the light cannot be seen from there
  float pdf;       // by solid angle
};

}  // namespace PLOT_VARIANT
