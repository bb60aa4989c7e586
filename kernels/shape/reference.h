// What the brute-force reference tracer computes with: double precision, by the simplest formulas. Each shape has a
// function `reference` in its header that shares no code with its fast one, so that the tests can compare the two.
#pragma once

#include "plot.h"

namespace PLOT_VARIANT {

struct Double3 {
  double x, y, z;
};
static inline Double3 widen(Float3 a) { return {a.x, a.y, a.z}; }
static inline Double3 add(Double3 a, Double3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
static inline Double3 sub(Double3 a, Double3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
static inline Double3 mul(Double3 a, double s) { return {a.x * s, a.y * s, a.z * s}; }
static inline double dot(Double3 a, Double3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline Double3 cross(Double3 a, Double3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

struct ReferenceRay {
  Double3 origin, dir;
};

// The nearest hit of one primitive with 0 < t, or an infinite t.
struct ReferenceHit {
  double t;
  uint32_t face;
  double u, v;
};
static inline ReferenceHit reference_miss() { return {(double)kInfinity, 0, 0.0, 0.0}; }

// The parallelogram at `corner` with the edges a and b.
static inline ReferenceHit reference_face(const ReferenceRay& ray, Double3 corner, Double3 a, Double3 b, uint32_t face) {
  const Double3 n = cross(a, b);
  const double slope = dot(n, ray.dir), n2 = dot(n, n);
  if (slope == 0.0 || !(n2 > 0.0)) return reference_miss();
  const double t = dot(n, sub(corner, ray.origin)) / slope;
  if (!(t > 0.0)) return reference_miss();
  const Double3 p = sub(add(ray.origin, mul(ray.dir, t)), corner);
  const double u = dot(cross(p, b), n) / n2, v = dot(cross(a, p), n) / n2;
  return u >= 0.0 && u <= 1.0 && v >= 0.0 && v <= 1.0 ? ReferenceHit{t, face, u, v} : reference_miss();
}

}  // namespace PLOT_VARIANT
