// Parallelogram lights: sampled uniformly by area. They emit to the side of u x v and are black behind.
#pragma once

#include "spherical.h"

namespace PLOT_VARIANT {

PLOT_FN float area_to_solid_angle(const LightData& light, Float3 dir, float distance) {
  const float cosine = -dot(light.normal, dir);
  return cosine > 0.0f ? distance * distance / (cosine * light.area) : 0.0f;
}

PLOT_FN LightSample sample_parallelogram(const LightData& light, Float3 from, Sample2 u) {
  const Float3 to_point = light.pos + light.u * u.x + light.v * u.y - from;
  const float distance = length(to_point);
  if (!(distance > 0.0f)) return {{0.0f, 0.0f, 0.0f}, 0.0f, 0.0f};
  const Float3 dir = to_point * (1.0f / distance);
  const float pdf = area_to_solid_angle(light, dir, distance);
  return {dir, pdf > 0.0f ? distance : 0.0f, pdf};
}

// Distance along the ray from either side, or infinity.
PLOT_FN float intersect_parallelogram(const LightData& light, const Ray& ray) {
  const float slope = dot(light.normal, ray.dir);
  if (slope == 0.0f) return kInfinity;
  const float t = dot(light.normal, light.pos - ray.origin) / slope;
  if (!(t > 0.0f)) return kInfinity;
  const Float3 p = ray.origin + ray.dir * t - light.pos;
  // Coordinates along the edges: triple products divided by the area.
  const float a = dot(cross(p, light.v), light.normal), b = dot(cross(light.u, p), light.normal);
  return a >= 0.0f && a <= light.area && b >= 0.0f && b <= light.area ? t : kInfinity;
}

}  // namespace PLOT_VARIANT
