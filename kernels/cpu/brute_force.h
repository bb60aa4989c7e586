// The brute-force reference tracer: every primitive against every ray, in double precision, by the simplest formulas.
// It shares no code with the fast tracer, so that the tests can compare the two; the formulas of the shapes are their
// functions `reference`.
#pragma once

#include "../core/hit.h"
#include "../shape/shapes.h"

namespace PLOT_VARIANT {

struct BruteForceTracer {
  const SceneData* scene;

  Hit closest(const Ray& ray, float tmax) const { return find(ray, tmax, false); }
  void closest_run(const Ray* rays, const float* tmax, Hit* hits) const {
    closest_many(rays, tmax, 8, hits);
  }
  bool occluded(const Ray& ray, float tmax) const { return is_hit(find(ray, tmax, true)); }
  void closest_many(const Ray* rays, const float* tmax, uint32_t count, Hit* hits) const {
    for (uint32_t i = 0; i < count; i++) hits[i] = closest(rays[i], tmax[i]);
  }
  void occluded_many(const Ray* rays, const float* tmax, uint32_t count, uint32_t* out) const {
    for (uint32_t i = 0; i < count; i++) out[i] = occluded(rays[i], tmax[i]) ? 1 : 0;
  }

 private:
  Hit find(const Ray& ray, float tmax, bool any) const {
    Hit best = miss();
    double nearest = tmax;
    for (uint32_t i = 0; i < scene->instance_count; i++) {
      const InstanceData& instance = scene->instances[i];
      const GeometryData& g = scene->geometries[instance.geometry];
      const ReferenceRay local = in_plot(instance, {widen(ray.origin), widen(ray.dir)});
      for (uint32_t k = 0; k < g.count; k++) {
        const ReferenceHit c = with_shape_of(g, [&](auto shape) { return decltype(shape)::reference(g, k, local); });
        if (c.t < nearest) {
          nearest = c.t;
          best = {(float)c.t, i, k, c.face, (float)c.u, (float)c.v};
          if (any) return best;
        }
      }
    }
    return best;
  }

  static ReferenceRay in_plot(const InstanceData& instance, const ReferenceRay& ray) {
    if (instance.identity) return ray;
    const float* m = instance.object_from_world;
    const Double3 origin = turn(m, ray.origin);
    return {{origin.x + m[3], origin.y + m[7], origin.z + m[11]}, turn(m, ray.dir)};
  }
  static Double3 turn(const float* m, Double3 v) {
    return {m[0] * v.x + m[1] * v.y + m[2] * v.z, m[4] * v.x + m[5] * v.y + m[6] * v.z,
            m[8] * v.x + m[9] * v.y + m[10] * v.z};
  }
};

}  // namespace PLOT_VARIANT
