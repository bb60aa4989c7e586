// Spherical lights: sampled by the solid angle of the visible cap, so that no sample falls on the far side.
// They emit outwards; from inside they are neither visible nor an obstacle.
#pragma once

#include "sample.h"

namespace PLOT_VARIANT {

// The cone in which a sphere of radius r is seen from the squared distance d2 > r^2.
struct VisibleCone {
  float one_minus_cos;  // 1 - cos(half angle), without cancellation for small angles
  float pdf;            // density of a uniform direction in the cone
};
PLOT_FN VisibleCone visible_cone(float r2, float d2) {
  const float sin2 = r2 / d2;
  const float one_plus_cos = 1.0f + safe_sqrt(1.0f - sin2);
  return {sin2 / one_plus_cos, one_plus_cos / (sin2 * (2.0f * kPi))};
}

struct SphericalLight {
  static constexpr LightKind kKind = LightKind::Spherical;

  PLOT_FN LightSample sample(const LightData& light, Float3 from, Sample2 u) {
    const Float3 to_center = light.pos - from;
    const float d2 = dot(to_center, to_center);
    const float r2 = light.radius * light.radius;
    if (!(d2 > r2)) return {{0.0f, 0.0f, 0.0f}, 0.0f, 0.0f};
    const VisibleCone cone = visible_cone(r2, d2);
    const Float3 local = sample_cone(u, cone.one_minus_cos);
    const float d = sqrt_f(d2);
    const Float3 dir = to_world(make_frame(to_center * (1.0f / d)), local);
    // Nearer intersection; at the rim of the cone rounding may make the argument of the root negative.
    const float sin2 = local.x * local.x + local.y * local.y;
    return {dir, d * local.z - safe_sqrt(r2 - d2 * sin2), cone.pdf};
  }

  PLOT_FN float pdf(const LightData& light, Float3 from, Float3, float) {
    const Float3 to_center = light.pos - from;
    const float d2 = dot(to_center, to_center), r2 = light.radius * light.radius;
    return d2 > r2 ? visible_cone(r2, d2).pdf : 0.0f;
  }

  PLOT_FN float intersect(const LightData& light, const Ray& ray) {
    const Float3 to_center = light.pos - ray.origin;
    const float r2 = light.radius * light.radius;
    const float along = dot(to_center, ray.dir);
    if (!(along > 0.0f) || !(dot(to_center, to_center) > r2)) return kInfinity;
    const Float3 across = to_center - ray.dir * along;
    const float h2 = r2 - dot(across, across);
    return h2 >= 0.0f ? along - sqrt_f(h2) : kInfinity;
  }

  PLOT_FN bool emits(const LightData&, Float3) { return true; }

  PLOT_FN bool above_horizon(const LightData& light, Float3 from, Float3 normal) {
    return dot(light.pos - from, normal) > -light.radius;
  }

  PLOT_FN float weight(const LightData& light, Float3 from) {
    const Float3 to = light.pos - from;
    const float d2 = dot(to, to), r2 = light.radius * light.radius;
    return d2 > r2 ? r2 / d2 : 0.0f;
  }

  PLOT_FN Float3 normal(const LightData& light, const Ray& ray, float t) {
    return normalize(ray.origin + ray.dir * t - light.pos);
  }
};

}  // namespace PLOT_VARIANT
