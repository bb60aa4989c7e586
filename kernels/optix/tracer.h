// Tracing on the GPU, with the interface of core/hit.h.
//
// A ray's payload holds the nearest hit so far; intersection programs compare with it, so that at equal distances the
// lower (instance, primitive) wins in whichever order the traversal finds them.
#pragma once

#include "../core/math.h"
#include "../shape/parallelepiped.h"
#include "../shape/parallelogram.h"
#include "../shape/sphere.h"
#include "device_api.h"

namespace PLOT_VARIANT {

PLOT_FN Vec<float> vec_of(Float3 v) { return {v.x, v.y, v.z}; }

PLOT_FN EdgeFrame<float> load_frame(const void* primitives, uint32_t i) {
  const float4* at = (const float4*)primitives + (uint64_t)i * (kFrameFloats / 4);
  const float4 a = at[0], b = at[1], c = at[2];
  return {{a.x, a.y, a.z}, {{a.w, b.x, b.y}, {b.z, b.w, c.x}, {c.y, c.z, c.w}}};
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
  if (g.shape == kSphere) return hit;
  Ray r = world;
  if (!instance.identity) {
    r = {transform_point(instance.object_from_world, r.origin), transform_vector(instance.object_from_world, r.dir)};
  }
  const ShapeRay<float> ray(r.origin, r.dir);
  const EdgeFrame<float> frame = load_frame(g.accel, found.primitive);
  if (g.shape == kParallelogram) {
    parallelogram_coordinates(ray, frame, found.t, &hit.u, &hit.v);
  } else {
    const FaceHit f = parallelepiped_face(ray, frame, found.t);
    hit.face = f.face;
    hit.u = f.u;
    hit.v = f.v;
  }
  return hit;
}

}  // namespace PLOT_VARIANT
