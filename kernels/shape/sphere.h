// Spheres, hit from outside and from inside.
#pragma once

#include "lane.h"

namespace PLOT_VARIANT {

// Distance to the nearest hit with 0 < t, infinity without one. The discriminant is computed from the point of the ray
// that is nearest to the centre, which keeps it exact for spheres that are small or far away, and the smaller root is a
// quotient and not a difference. Haines et al., "Precision Improvements for Ray/Sphere Intersection", in Ray Tracing
// Gems, 2019.
template <class F>
PLOT_FN F sphere_distance(const ShapeRay<F>& ray, const Vec<F>& center, F radius) {
  const Vec<F> f = {ray.origin.x - center.x, ray.origin.y - center.y, ray.origin.z - center.z};
  const F b = F(0.0f) - dot_of(f, ray.dir);
  const F s = b * ray.inv_dir2;
  const Vec<F> nearest = {f.x + s * ray.dir.x, f.y + s * ray.dir.y, f.z + s * ray.dir.z};
  const F radius2 = radius * radius;
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

PLOT_FN Bounds sphere_bounds(Float3 center, float radius) {
  return {center - splat(radius), center + splat(radius)};
}

}  // namespace PLOT_VARIANT
