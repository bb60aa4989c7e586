// Parallelogram lights: sampled uniformly by area. They emit to the side of u x v and are black behind.
#pragma once

#include "sample.h"

namespace PLOT_VARIANT {

struct ParallelogramLight {
  static constexpr LightKind kKind = LightKind::Parallelogram;

  PLOT_FN LightSample sample(const LightData& light, Float3 from, Sample2 u) {
    const Float3 to_point = light.pos + light.u * u.x + light.v * u.y - from;
    const float distance = length(to_point);
    if (!(distance > 0.0f)) return {{0.0f, 0.0f, 0.0f}, 0.0f, 0.0f};
    const Float3 dir = to_point * (1.0f / distance);
    const float density = pdf(light, from, dir, distance);
    return {dir, density > 0.0f ? distance : 0.0f, density};
  }

  PLOT_FN float pdf(const LightData& light, Float3, Float3 dir, float distance) {
    const float cosine = -dot(light.normal, dir);
    return cosine > 0.0f ? distance * distance / (cosine * light.area) : 0.0f;
  }

  // From either side.
  PLOT_FN float intersect(const LightData& light, const Ray& ray) {
    const float slope = dot(light.normal, ray.dir);
    if (slope == 0.0f) return kInfinity;
    const float t = dot(light.normal, light.pos - ray.origin) / slope;
    if (!(t > 0.0f)) return kInfinity;
    const Float3 p = ray.origin + ray.dir * t - light.pos;
    // Coordinates along the edges: triple products divided by the area.
    const float a = dot(cross(p, light.v), light.normal), b = dot(cross(light.u, p), light.normal);
    return a >= 0.0f && a <= light.area && b >= 0.0f && b <= light.area ? t : kInfinity;
  }

  PLOT_FN bool emits(const LightData& light, Float3 dir) { return dot(light.normal, dir) < 0.0f; }

  PLOT_FN bool above_horizon(const LightData& light, Float3 from, Float3 normal) {
    const float height = dot(light.pos - from, normal);
    const float u = dot(light.u, normal), v = dot(light.v, normal);
    return height + max_f(u, 0.0f) + max_f(v, 0.0f) > 0.0f;
  }

  PLOT_FN float weight(const LightData& light, Float3 from) {
    const Float3 to = light.pos - from;
    const Float3 center = to + (light.u + light.v) * 0.5f;
    if (!(dot(light.normal, to) < 0.0f)) return 0.0f;
    // Half the squared diagonal keeps the weight finite on the light itself.
    const Float3 diagonal = light.u + light.v;
    return light.area / (dot(center, center) + 0.5f * dot(diagonal, diagonal));
  }

  PLOT_FN Float3 normal(const LightData& light, const Ray& ray, float) {
    return emits(light, ray.dir) ? light.normal : -light.normal;
  }
};

}  // namespace PLOT_VARIANT
