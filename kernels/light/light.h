// All lights behind one set of functions, and the choice between several.
#pragma once

#include "parallelogram.h"
#include "spherical.h"

namespace PLOT_VARIANT {

PLOT_FN LightSample sample_light(const LightData& light, Float3 from, Sample2 u) {
  return light.kind == kLightSpherical ? sample_spherical(light, from, u) : sample_parallelogram(light, from, u);
}

// Density by solid angle of sampling the point at `distance` along `dir`.
PLOT_FN float light_pdf(const LightData& light, Float3 from, Float3 dir, float distance) {
  return light.kind == kLightSpherical ? spherical_pdf(light, from) : area_to_solid_angle(light, dir, distance);
}

PLOT_FN float intersect_light(const LightData& light, const Ray& ray) {
  return light.kind == kLightSpherical ? intersect_spherical(light, ray) : intersect_parallelogram(light, ray);
}

// Whether a ray that arrives along `dir` hits the side that emits.
PLOT_FN bool light_emits(const LightData& light, Float3 dir) {
  return light.kind == kLightSpherical || dot(light.normal, dir) < 0.0f;
}

// False when the whole light is below the horizon of a surface: half of all surfaces face away from a lamp.
PLOT_FN bool above_horizon(const LightData& light, Float3 from, Float3 normal) {
  const float height = dot(light.pos - from, normal);
  if (light.kind == kLightSpherical) return height > -light.radius;
  const float u = dot(light.u, normal), v = dot(light.v, normal);
  return height + max_f(u, 0.0f) + max_f(v, 0.0f) > 0.0f;
}

// The weight with which one of several lights is chosen at a point: an estimate of its light there. It ignores
// visibility, but is zero only where no light can arrive.
PLOT_FN float light_weight(const LightData& light, Float3 from) {
  float size;
  if (light.kind == kLightSpherical) {
    const Float3 to = light.pos - from;
    const float d2 = dot(to, to), r2 = light.radius * light.radius;
    if (!(d2 > r2)) return 0.0f;
    size = r2 / d2;
  } else {
    const Float3 to = light.pos - from;
    const Float3 center = to + (light.u + light.v) * 0.5f;
    if (!(dot(light.normal, to) < 0.0f)) return 0.0f;
    // Half the squared diagonal keeps the weight finite on the light itself.
    const Float3 diagonal = light.u + light.v;
    size = light.area / (dot(center, center) + 0.5f * dot(diagonal, diagonal));
  }
  return luminance(light.radiance) * size;
}

struct LightChoice {
  uint32_t index;
  float probability;  // 0: no light can be seen from this point
  float total;        // sum of all weights: probability of light i is weight(i) / total
};

// Chooses one light in proportion to its weight. With one light this is free.
PLOT_FN LightChoice choose_light(const SceneData& scene, Float3 from, float u) {
  if (scene.light_count == 1) return {0, 1.0f, 0.0f};
  float total = 0.0f;
  for (uint32_t i = 0; i < scene.light_count; i++) total += light_weight(scene.lights[i], from);
  if (!(total > 0.0f) || !is_finite(total)) return {0, 0.0f, 0.0f};
  float rest = u * total;
  LightChoice choice = {0, 0.0f, total};
  for (uint32_t i = 0; i < scene.light_count; i++) {
    const float w = light_weight(scene.lights[i], from);
    if (w > 0.0f) {
      choice.index = i;  // the last visible light, if rounding leaves a remainder
      choice.probability = w / total;
      if (rest < w) break;
      rest -= w;
    }
  }
  return choice;
}

PLOT_FN float choice_probability(const SceneData& scene, uint32_t index, Float3 from, float total) {
  if (scene.light_count == 1) return 1.0f;
  return total > 0.0f ? light_weight(scene.lights[index], from) / total : 0.0f;
}

}  // namespace PLOT_VARIANT
