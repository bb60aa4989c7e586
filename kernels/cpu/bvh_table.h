// The functions with which Rust builds, refits and tests trees.
#pragma once

#ifdef PLOT_TESTING
#include "brute_force.h"
#endif
#include "run.h"
#include "traverse.h"

namespace PLOT_VARIANT {

// Bounds of `count` primitives, as lo and hi: those from `first` on, or those in `order`. Bounds that are not finite
// are NaN.
static void bvh_bounds(const GeometryData* g, const uint32_t* order, uint32_t first, uint32_t count, float* out) {
  constexpr uint32_t kAhead = 16;
  with_shape_of(*g, [&](auto shape) {
    typedef decltype(shape) S;
    for (uint32_t k = 0; k < count; ++k) {
      if (order && k + kAhead < count) prefetch_channels(typename S::Reads(), *g, order[k + kAhead]);
      Bounds b = S::bounds(*g, order ? order[k] : first + k);
      if (!is_finite(b.lo) || !is_finite(b.hi)) b = {splat(NAN), splat(NAN)};
      const float values[6] = {b.lo.x, b.lo.y, b.lo.z, b.hi.x, b.hi.y, b.hi.z};
      memcpy(out + 6 * (uintptr_t)k, values, sizeof values);
    }
  });
}

static double bvh_refit(const GeometryData* g, const BvhData* bvh, uint32_t begin, uint32_t end) {
  return with_shape_of(*g, [&](auto shape) { return refit_nodes<LeafOf<decltype(shape)>>(*g, *bvh, begin, end); });
}

// Fills the leaf of a plot that is so small that it has no node.
static void bvh_fill_leaf(const GeometryData* g, const BvhData* bvh, uint32_t leaf, float* bounds) {
  const Bounds b = with_shape_of(
      *g, [&](auto shape) { return fill_leaf(*g, (LeafOf<decltype(shape)>*)bvh->leaves + leaf); });
  const float values[6] = {b.lo.x, b.lo.y, b.lo.z, b.hi.x, b.hi.y, b.hi.z};
  memcpy(bounds, values, sizeof values);
}

// For tests and benchmarks: many rays, each with its own tmax.
template <class Tracer>
static void closest_all(const SceneData* scene, const Ray* rays, const float* tmax, Hit* hits, uintptr_t count) {
  Tracer{scene}.closest_many(rays, tmax, (uint32_t)count, hits);
}
static void occluded_all(const SceneData* scene, const Ray* rays, const float* tmax, uint32_t* out, uintptr_t count) {
  CpuTracer{scene}.occluded_many(rays, tmax, (uint32_t)count, out);
}
// The same for runs of rays; `count` is a multiple of kLanes.
static void closest_runs(const SceneData* scene, const Ray* rays, const float* tmax, Hit* hits, uintptr_t count) {
  const CpuTracer tracer{scene};
  for (uintptr_t i = 0; i < count; i += kLanes) tracer.closest_run(rays + i, tmax + i, hits + i);
}

static uint32_t bvh_leaf_size(uint32_t shape) {
  return with_shape((Shape)shape, [](auto s) { return (uint32_t)sizeof(LeafOf<decltype(s)>); });
}
static uint32_t bvh_packed_floats(uint32_t shape) {
  return with_shape((Shape)shape, [](auto s) { return 4 * kPackedVectors<decltype(s)>; });
}
static uint32_t bvh_leaf_capacity(uint32_t shape) {
  return with_shape((Shape)shape, [](auto s) { return LeafOf<decltype(s)>::kCapacity + 0; });
}

static constexpr BvhTable kBvhTable = {
    bvh_bounds,
    bvh_leaf_size,
    bvh_packed_floats,
    bvh_leaf_capacity,
    bvh_refit,
    bvh_fill_leaf,
    closest_all<CpuTracer>,
    occluded_all,
#ifdef PLOT_TESTING
    closest_all<BruteForceTracer>,
#else
    nullptr,
#endif
    closest_runs,
};

}  // namespace PLOT_VARIANT
