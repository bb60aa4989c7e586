// CUDA kernels that prepare a plot's arrays for OptiX: primitives in the format that the intersection programs load,
// and their bounds.

#include "../shape/primitive.h"

using namespace PLOT_VARIANT;

extern "C" __global__ void prepare_geometry(PrepareJob job) {
  const GeometryData& g = job.geometry;
  const uint32_t i = blockIdx.x * kBlock + threadIdx.x;
  if (i >= g.count) return;
  const float nan = bits_float(0x7fc00000u);
  Bounds bounds;
  bool valid;
  if (g.shape == kSphere) {
    Sphere s;
    valid = make_sphere(g, i, &s, &bounds);
    // NaN fails every comparison of the intersection test.
    if (!valid) s.radius = nan;
    ((float4*)job.primitives)[i] = {s.center.x, s.center.y, s.center.z, s.radius};
  } else {
    EdgeFrame<float> f = {};
    valid = make_edge_frame(g, i, &f, &bounds);
    if (!valid) f.corner = {nan, nan, nan};
    float4* out = (float4*)job.primitives + (uint64_t)i * (kFrameFloats / 4);
    out[0] = {f.corner.x, f.corner.y, f.corner.z, f.row[0].x};
    out[1] = {f.row[0].y, f.row[0].z, f.row[1].x, f.row[1].y};
    out[2] = {f.row[1].z, f.row[2].x, f.row[2].y, f.row[2].z};
  }
  bounds = valid ? padded(bounds) : Bounds{splat(nan), splat(nan)};
  float2* out = (float2*)job.bounds + (uint64_t)i * (kBoundsFloats / 2);
  out[0] = {bounds.lo.x, bounds.lo.y};
  out[1] = {bounds.lo.z, bounds.hi.x};
  out[2] = {bounds.hi.y, bounds.hi.z};
}
