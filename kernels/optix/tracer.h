// The tracer of the GPU: see core/hit.h for what it promises.
//
// A ray's payload holds the nearest hit so far; intersection programs compare with it, so that of equal distances the
// lower (instance, primitive) wins in whichever order the traversal comes upon them.
#pragma once

#include "../core/math.h"
#include "../shape/parallelepiped.h"
#include "../shape/parallelogram.h"
#include "../shape/sphere.h"
#include "device_api.h"
#include "params.h"

namespace PLOT_VARIANT {

PLOT_FN Vec<float> vec_of(Float3 v) { return {v.x, v.y, v.z}; }

PLOT_FN EdgeFrame<float> load_frame(const void* primitives, uint32_t i) {
  const float4* at = (const float4*)primitives + (uint64_t)i * (kFrameFloats / 4);
  const float4 a = at[0], b = at[1], c = at[2];
  return {{a.x, a.y, a.z}, {{a.w, b.x, b.y}, {b.z, b.w, c.x}, {c.y, c.z, c.w}}};
}

// What an intersection program found: takes it if it is the nearest so far.
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

struct OptixTracer {
  const SceneData* scene;

  PLOT_METHOD Hit closest(const Ray& ray, float tmax) const {
    const Payload nearest = walk(ray, tmax, kDisableAnyHit | kDisableClosestHit);
    const float t = bits_float(nearest.t);
    if (!(t < tmax)) return miss();
    return locate(ray, t, nearest.instance, nearest.primitive);
  }

  PLOT_METHOD bool occluded(const Ray& ray, float tmax) const {
    return bits_float(walk(ray, tmax, kDisableAnyHit | kDisableClosestHit | kTerminateOnFirstHit).t) < tmax;
  }

 private:
  PLOT_METHOD Payload walk(const Ray& ray, float tmax, uint32_t flags) const {
    // No hit comes before (0, 0): one at tmax itself is not taken.
    Payload payload = {float_bits(tmax), 0, 0};
    traverse((uint64_t)scene->accel, ray, min_f(tmax, 3.4e38f), flags, payload);
    return payload;
  }

  // Where on the primitive a hit is: computed once, when the nearest is known.
  PLOT_METHOD Hit locate(const Ray& world, float t, uint32_t instance_number, uint32_t primitive) const {
    Hit hit = {t, instance_number, primitive, 0, 0.0f, 0.0f};
    const InstanceData& instance = scene->instances[instance_number];
    const GeometryData& g = scene->geometries[instance.geometry];
    if (g.shape == kSphere) return hit;
    Ray r = world;
    if (!instance.identity) {
      r = {transform_point(instance.object_from_world, r.origin), transform_vector(instance.object_from_world, r.dir)};
    }
    const ShapeRay<float> ray(r.origin, r.dir);
    const EdgeFrame<float> frame = load_frame(g.accel, primitive);
    if (g.shape == kParallelogram) {
      parallelogram_coordinates(ray, frame, t, &hit.u, &hit.v);
    } else {
      const FaceHit f = parallelepiped_face(ray, frame, t);
      hit.face = f.face;
      hit.u = f.u;
      hit.v = f.v;
    }
    return hit;
  }
};

}  // namespace PLOT_VARIANT
