// The intersection programs that a traversal calls, one per shape.
#pragma once

#include "tracer.h"

namespace PLOT_VARIANT {

// Data of the geometry whose program runs.
PLOT_FN const void* primitives() { return ((const HitGroupData*)record_data())->primitives; }

// A binding table needs a miss program; it is never called.
extern "C" __global__ void __miss__none() {}

extern "C" __global__ void __intersection__sphere() {
  const uint32_t i = primitive_index();
  const float4 sphere = ((const float4*)primitives())[i];
  const Ray ray = object_ray();
  propose_hit(sphere_distance(ShapeRay<float>(ray.origin, ray.dir), {sphere.x, sphere.y, sphere.z}, sphere.w), i);
}

extern "C" __global__ void __intersection__parallelogram() {
  const uint32_t i = primitive_index();
  const Ray ray = object_ray();
  propose_hit(parallelogram_distance(ShapeRay<float>(ray.origin, ray.dir), load_frame(primitives(), i)), i);
}

extern "C" __global__ void __intersection__parallelepiped() {
  const uint32_t i = primitive_index();
  const Ray ray = object_ray();
  propose_hit(parallelepiped_distance(ShapeRay<float>(ray.origin, ray.dir), load_frame(primitives(), i)), i);
}

}  // namespace PLOT_VARIANT
