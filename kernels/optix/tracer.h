// Tracing on the GPU, with the interface of core/hit.h.
//
// A ray's payload holds the nearest hit so far; intersection programs compare with it, so that at equal distances the
// lower (instance, primitive) wins in whichever order the traversal finds them.
#pragma once

#include "../core/math.h"
#include "../shape/shapes.h"
#include "device_api.h"

namespace PLOT_VARIANT {

// Primitive i of a plot, as prepare_geometry packed it.
template <class S>
PLOT_FN PackedOf<S> load_packed(const void* primitives, uint32_t i) {
  constexpr uint32_t kVectors = kPackedVectors<S>;
  const float4* at = (const float4*)primitives + (uint64_t)i * kVectors;
  float values[4 * kVectors];
#pragma unroll
  for (uint32_t k = 0; k < kVectors; ++k) {
    const float4 v = at[k];
    values[4 * k] = v.x;
    values[4 * k + 1] = v.y;
    values[4 * k + 2] = v.z;
    values[4 * k + 3] = v.w;
  }
  PackedOf<S> packed;
  memcpy(&packed, values, sizeof packed);
  return packed;
}

// Accepts the hit of an intersection program if it is the nearest so far.
PLOT_FN void propose_hit(float t, uint32_t primitive) {
  const float nearest = bits_float(get_payload(0));
  if (nearest < t) return;
  const uint32_t instance = instance_index();
  if (t == nearest) {
    const uint32_t other = get_payload(1);
    if (other < instance || (other == instance && get_payload(2) <= primitive)) return;
  }
  set_payload(0, float_bits(t));
  set_payload(1, instance);
  set_payload(2, primitive);
  report_intersection(t);
}

// The result of a traversal.
struct Found {
  float t;  // the ray's maximum distance if nothing is nearer
  uint32_t instance, primitive;
};

// Traverses for the nearest hit, or if `any` for some hit, with 0 < t < tmax. A single function with a single call
// site, because threads with different kinds of rays can then be traversed together.
PLOT_FN Found find_hit(const SceneData& scene, const Ray& ray, float tmax, bool any) {
  // No hit precedes (0, 0): one at tmax itself is not accepted.
  Payload payload = {float_bits(tmax), 0, 0};
  const uint32_t flags = kDisableAnyHit | kDisableClosestHit | (any ? kTerminateOnFirstHit : 0u);
  const float largest = 3.4e38f;  // a ray must not be infinitely long
  traverse((uint64_t)scene.accel, ray, min_f(tmax, largest), flags, payload);
  return {bits_float(payload.t), payload.instance, payload.primitive};
}

// Face and coordinates of a hit on the primitive: computed once, when the nearest is known.
PLOT_FN Hit locate_hit(const SceneData& scene, const Ray& world, const Found& found) {
  Hit hit = {found.t, found.instance, found.primitive, 0, 0.0f, 0.0f};
  const InstanceData& instance = scene.instances[found.instance];
  const GeometryData& g = scene.geometries[instance.geometry];
  const Ray r = instance.identity ? world : in_object(instance, world);
  with_shape_of(g, [&](auto shape) {
    typedef decltype(shape) S;
    S::locate(ShapeRay<float>(r.origin, r.dir), load_packed<S>(g.accel, found.primitive), &hit);
  });
  return hit;
}

}  // namespace PLOT_VARIANT
