// The intersection programs that a traversal calls, one per shape.
#pragma once

#include "tracer.h"

namespace PLOT_VARIANT {

// Data of the geometry whose program runs.
PLOT_FN const void* primitives() { return ((const HitGroupData*)record_data())->primitives; }

// A binding table needs a miss program; it is never called.
extern "C" __global__ void __miss__none() {}

#define PLOT_INTERSECTION(S)                                                                       \
  extern "C" __global__ void __intersection__##S() {                                               \
    const uint32_t i = primitive_index();                                                          \
    const Ray ray = object_ray();                                                                  \
    propose_hit(S::distance(ShapeRay<float>(ray.origin, ray.dir), load_packed<S>(primitives(), i)), i); \
  }
PLOT_SHAPES(PLOT_INTERSECTION)
#undef PLOT_INTERSECTION

}  // namespace PLOT_VARIANT
