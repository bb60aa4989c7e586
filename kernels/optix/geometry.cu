// CUDA kernels that prepare a plot's arrays for OptiX: primitives in the format that the intersection programs load,
// and their bounds.

#include "../shape/shapes.h"

using namespace PLOT_VARIANT;

extern "C" __global__ void prepare_geometry(PrepareJob job) {
  const GeometryData& g = job.geometry;
  const uint32_t i = blockIdx.x * kBlock + threadIdx.x;
  if (i >= g.count) return;
  with_shape_of(g, [&](auto shape) {
    typedef decltype(shape) S;
    constexpr uint32_t kVectors = kPackedVectors<S>;
    float values[4 * kVectors] = {};
    Bounds bounds;
    PackedOf<S> packed;
    const bool valid = pack_primitive<S>(g, i, &packed, &bounds);
    memcpy(values, &packed, sizeof packed);
    float4* primitive = (float4*)job.primitives + (uint64_t)i * kVectors;
    for (uint32_t k = 0; k < kVectors; ++k) {
      primitive[k] = {values[4 * k], values[4 * k + 1], values[4 * k + 2], values[4 * k + 3]};
    }
    bounds = valid ? padded(bounds) : Bounds{splat(bits_float(0x7fc00000u)), splat(bits_float(0x7fc00000u))};
    float2* out = (float2*)job.bounds + (uint64_t)i * (kBoundsFloats / 2);
    out[0] = {bounds.lo.x, bounds.lo.y};
    out[1] = {bounds.lo.z, bounds.hi.x};
    out[2] = {bounds.hi.y, bounds.hi.z};
  });
}
