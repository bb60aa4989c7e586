// A module for ray queries of the host. Its intersection programs are those of the path loop.
// nvrtc: --use_fast_math

#include "intersection.h"

extern "C" {
__constant__ IntersectParams params;
}

namespace PLOT_VARIANT {

extern "C" __global__ void __raygen__intersect() {
  const uint32_t i = launch_x();
  const float* in = params.rays + (uint64_t)i * kRayFloats;
  const Ray ray = {load3(in), load3(in + 3)};
  const float tmax = in[6];
  const Found found = find_hit(params.scene, ray, tmax, params.any != 0);
  params.hits[i] = found.t < tmax ? locate_hit(params.scene, ray, found) : miss();
}

}  // namespace PLOT_VARIANT
