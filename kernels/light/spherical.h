// Spherical lights: sampled by the solid angle of the visible cap, so that no sample falls on the far side.
// They shine outwards; from inside there is no light and nothing is in the way.
#pragma once

#include "../core/warp.h"

namespace PLOT_VARIANT {

// A point on a light as seen from a place.
struct LightSample {
  Float3 dir;      // unit, from the place to the light
  float distance;  // 0: the light cannot be seen from there
  float pdf;       // by solid angle
};

// 1 - cos of the half angle of a sphere of radius r at squared distance d2 > r^2, without cancellation.
PLOT_FN float sphere_one_minus_cos(float r, float d2) {
  const float sin2 = r * r / d2;
  return sin2 / (1.0f + safe_sqrt(1.0f - sin2));
}

PLOT_FN LightSample sample_spherical(const LightData& light, Float3 from, Sample2 u) {
  const Float3 to_center = light.pos - from;
  const float d2 = dot(to_center, to_center);
  const float r2 = light.radius * light.radius;
  if (!(d2 > r2)) return {{0.0f, 0.0f, 0.0f}, 0.0f, 0.0f};
  const float omc = sphere_one_minus_cos(light.radius, d2);
  const Float3 local = sample_cone(u, omc);
  const float d = sqrt_f(d2);
  const Float3 dir = to_world(make_frame(to_center * (1.0f / d)), local);
  // Nearer intersection; at the rim of the cone rounding may ask for the root of a negative number.
  const float sin2 = max_f(1.0f - local.z * local.z, 0.0f);
  const float distance = d * local.z - safe_sqrt(r2 - d2 * sin2);
  return {dir, distance, cone_pdf(omc)};
}

PLOT_FN float spherical_pdf(const LightData& light, Float3 from) {
  const Float3 to_center = light.pos - from;
  const float d2 = dot(to_center, to_center);
  if (!(d2 > light.radius * light.radius)) return 0.0f;
  return cone_pdf(sphere_one_minus_cos(light.radius, d2));
}

// Distance along the ray, or infinity.
PLOT_FN float intersect_spherical(const LightData& light, const Ray& ray) {
  const Float3 to_center = light.pos - ray.origin;
  const float r2 = light.radius * light.radius;
  const float along = dot(to_center, ray.dir);
  if (!(along > 0.0f) || !(dot(to_center, to_center) > r2)) return kInfinity;
  const Float3 across = to_center - ray.dir * along;
  const float h2 = r2 - dot(across, across);
  return h2 >= 0.0f ? along - sqrt_f(h2) : kInfinity;
}

}  // namespace PLOT_VARIANT
