// The brute-force reference tracer: every primitive against every ray, in double precision, by the simplest formulas.
// It shares no code with the fast tracer, so that the tests can compare the two.
#pragma once

#include "../core/hit.h"

namespace PLOT_VARIANT {

struct Double3 {
  double x, y, z;
};
static inline Double3 widen(Float3 a) { return {a.x, a.y, a.z}; }
static inline Double3 sub(Double3 a, Double3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
static inline double dot(Double3 a, Double3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline Double3 cross(Double3 a, Double3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

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
      const bool placed = !instance.identity;
      const Double3 o = placed ? point(instance.object_from_world, widen(ray.origin)) : widen(ray.origin);
      const Double3 d = placed ? vector(instance.object_from_world, widen(ray.dir)) : widen(ray.dir);
      for (uint32_t k = 0; k < g.count; k++) {
        Candidate c = {kInfinity, 0, 0.0, 0.0};
        const Double3 pos = widen(attribute3(g.pos, k));
        if (g.shape == kSphere) {
          c = sphere(o, d, pos, attribute1(g.r, k));
        } else if (g.shape == kParallelogram) {
          c = face(o, d, pos, widen(attribute3(g.u, k)), widen(attribute3(g.v, k)), 0);
        } else {
          const Double3 e[3] = {widen(attribute3(g.u, k)), widen(attribute3(g.v, k)), widen(attribute3(g.w, k))};
          const int flat = flat_axis(e);
          for (uint32_t f = 0; f < 6; f++) {
            const uint32_t axis = f >> 1;
            if (flat >= 0 && f != 2 * (uint32_t)flat) continue;
            const Double3 far = e[axis];
            const Double3 corner = (f & 1) ? Double3{pos.x + far.x, pos.y + far.y, pos.z + far.z} : pos;
            const Candidate of_face = face(o, d, corner, e[(axis + 1) % 3], e[(axis + 2) % 3], f);
            if (of_face.t < c.t) c = of_face;
          }
        }
        if (c.t < nearest) {
          nearest = c.t;
          best = {(float)c.t, i, k, c.face, (float)c.u, (float)c.v};
          if (any) return best;
        }
      }
    }
    return best;
  }

  struct Candidate {
    double t;
    uint32_t face;
    double u, v;
  };

  // A parallelepiped without a volume is its largest face: the axis of that face, -1 for all others.
  static int flat_axis(const Double3 e[3]) {
    double longest2 = 0.0, largest2 = -1.0;
    int axis = 0;
    for (int i = 0; i < 3; i++) {
      const Double3 n = cross(e[(i + 1) % 3], e[(i + 2) % 3]);
      if (dot(e[i], e[i]) > longest2) longest2 = dot(e[i], e[i]);
      if (dot(n, n) > largest2) {
        largest2 = dot(n, n);
        axis = i;
      }
    }
    const double volume = dot(e[axis], cross(e[(axis + 1) % 3], e[(axis + 2) % 3]));
    return volume * volume <= 1e-10 * longest2 * largest2 ? axis : -1;
  }
  static Double3 vector(const float* m, Double3 v) {
    return {m[0] * v.x + m[1] * v.y + m[2] * v.z, m[4] * v.x + m[5] * v.y + m[6] * v.z,
            m[8] * v.x + m[9] * v.y + m[10] * v.z};
  }
  static Double3 point(const float* m, Double3 p) {
    const Double3 v = vector(m, p);
    return {v.x + m[3], v.y + m[7], v.z + m[11]};
  }
  static Candidate sphere(Double3 o, Double3 d, Double3 center, double r) {
    const Double3 oc = sub(o, center);
    const double a = dot(d, d), b = dot(oc, d), c = dot(oc, oc) - r * r;
    const double discriminant = b * b - a * c;
    if (!(discriminant >= 0.0) || !(a > 0.0) || !(r > 0.0)) return {kInfinity, 0, 0.0, 0.0};
    const double root = sqrt(discriminant);
    const double near = (-b - root) / a, far = (-b + root) / a;
    return {near > 0.0 ? near : (far > 0.0 ? far : (double)kInfinity), 0, 0.0, 0.0};
  }
  static Candidate face(Double3 o, Double3 d, Double3 corner, Double3 a, Double3 b, uint32_t index) {
    const Candidate none = {kInfinity, 0, 0.0, 0.0};
    const Double3 n = cross(a, b);
    const double slope = dot(n, d), n2 = dot(n, n);
    if (slope == 0.0 || !(n2 > 0.0)) return none;
    const double t = dot(n, sub(corner, o)) / slope;
    if (!(t > 0.0)) return none;
    const Double3 p = sub(Double3{o.x + d.x * t, o.y + d.y * t, o.z + d.z * t}, corner);
    const double u = dot(cross(p, b), n) / n2, v = dot(cross(a, p), n) / n2;
    return u >= 0.0 && u <= 1.0 && v >= 0.0 && v <= 1.0 ? Candidate{t, index, u, v} : none;
  }
};

}  // namespace PLOT_VARIANT
