// Spheres, hit from outside and from inside.
//
// Hit: face 0; no coordinates.
#pragma once

#include "plot.h"
#ifdef PLOT_TESTING
#include "reference.h"
#endif

namespace PLOT_VARIANT {

struct Sphere {
  // Sphere tests are so cheap that a leaf of the CPU's tree holds eight, side by side.
  static constexpr uint32_t kLeaf = 8;
  typedef ChannelList<Channel::Pos, Channel::R> Reads;

  template <class F>
  struct Packed {
    Vec<F> center;
    F radius;
  };

  PLOT_FN Bounds bounds_of(Float3 center, float radius) { return {center - splat(radius), center + splat(radius)}; }
  PLOT_FN Bounds packed_bounds(const Packed<float>& p) {
    return bounds_of({p.center.x, p.center.y, p.center.z}, p.radius);
  }

  PLOT_FN Bounds bounds(const GeometryData& g, uint32_t i) {
    return bounds_of(vector(g, Channel::Pos, i), scalar(g, Channel::R, i));
  }

  PLOT_FN bool pack(const GeometryData& g, uint32_t i, Packed<float>* out) {
    const Float3 center = vector(g, Channel::Pos, i);
    *out = {{center.x, center.y, center.z}, scalar(g, Channel::R, i)};
    return out->radius > 0.0f;
  }

  // The discriminant is computed from the point of the ray that is nearest to the centre, which keeps it exact for
  // spheres that are small or far away, and the smaller root is a quotient and not a difference. Haines et al.,
  // "Precision Improvements for Ray/Sphere Intersection", in Ray Tracing Gems, 2019.
  template <class F>
  PLOT_FN F distance(const ShapeRay<F>& ray, const Packed<F>& s) {
    const Vec<F> f = {ray.origin.x - s.center.x, ray.origin.y - s.center.y, ray.origin.z - s.center.z};
    const F b = F(0.0f) - dot_of(f, ray.dir);
    const F along = b * ray.inv_dir2;
    const Vec<F> nearest = {f.x + along * ray.dir.x, f.y + along * ray.dir.y, f.z + along * ray.dir.z};
    const F radius2 = s.radius * s.radius;
    const F discriminant = radius2 - dot_of(nearest, nearest);
    const auto real = F(0.0f) < discriminant;
    if (!bits_of(real)) return F(kInfinity);
    const F q = b + copy_sign(sqrt_of(max_of(discriminant, F(0.0f)) * ray.dir2), b);
    const F t0 = (dot_of(f, f) - radius2) / q;
    const F t1 = q * ray.inv_dir2;
    const F first = min_of(t0, t1);
    const F t = select(F(0.0f) < first, first, max_of(t0, t1));
    return select(real & (F(0.0f) < t), t, F(kInfinity));
  }

  PLOT_FN void locate(const ShapeRay<float>&, const Packed<float>&, Hit*) {}

  PLOT_FN LocalSurface surface(const GeometryData& g, const Hit& hit, const Ray& ray) {
    const Float3 center = vector(g, Channel::Pos, hit.primitive);
    const float radius = scalar(g, Channel::R, hit.primitive);
    Float3 n = ray.origin + ray.dir * hit.t - center;
    // For a sphere so small that rounding makes the point its centre, any normal will do.
    const float n2 = dot(n, n);
    n = n2 > 0.0f ? n * (1.0f / sqrt_f(n2)) : normalize(-ray.dir);
    LocalSurface s;
    s.position = center + n * radius;
    s.normal = n;
    s.unit = true;
    s.tangent = {-n.z, 0.0f, n.x};
    s.u = s.v = 0.0f;
    s.magnitude = largest_magnitude(center) + radius;
    s.color = vector(g, Channel::Color, hit.primitive);
    return s;
  }

#ifdef PLOT_TESTING
  static ReferenceHit reference(const GeometryData& g, uint32_t i, const ReferenceRay& ray) {
    const double r = scalar(g, Channel::R, i);
    const Double3 oc = sub(ray.origin, widen(vector(g, Channel::Pos, i)));
    const double a = dot(ray.dir, ray.dir), b = dot(oc, ray.dir), c = dot(oc, oc) - r * r;
    const double discriminant = b * b - a * c;
    if (!(discriminant >= 0.0) || !(a > 0.0) || !(r > 0.0)) return reference_miss();
    const double root = sqrt(discriminant);
    const double near = (-b - root) / a, far = (-b + root) / a;
    return {near > 0.0 ? near : (far > 0.0 ? far : (double)kInfinity), 0, 0.0, 0.0};
  }
#endif
};

}  // namespace PLOT_VARIANT
