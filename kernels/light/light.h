// All lights behind one set of functions (light/sample.h describes them), and the choice between several.
#pragma once

#include "parallelogram.h"
#include "spherical.h"

// The light types, one for each LightKind.
#define PLOT_LIGHTS(X) \
  X(SphericalLight)   \
  X(ParallelogramLight)

namespace PLOT_VARIANT {

#define PLOT_COUNT(T) +1
static_assert(PLOT_LIGHTS(PLOT_COUNT) == kLightKindCount, "a kind of src/scene/light.rs is missing in PLOT_LIGHTS");
#undef PLOT_COUNT

// Calls `visit` with an object of the light's type.
template <class Visit>
PLOT_FN auto with_light(const LightData& light, const Visit& visit) {
#define PLOT_CASE(Light) \
  case Light::kKind:     \
    return visit(Light{});
  switch ((LightKind)light.kind) { PLOT_LIGHTS(PLOT_CASE) }
#undef PLOT_CASE
  PLOT_UNREACHABLE();
}

PLOT_FN LightSample sample_light(const LightData& light, Float3 from, Sample2 u) {
  return with_light(light, [&](auto type) PLOT_INLINE { return type.sample(light, from, u); });
}
PLOT_FN float light_pdf(const LightData& light, Float3 from, Float3 dir, float distance) {
  return with_light(light, [&](auto type) PLOT_INLINE { return type.pdf(light, from, dir, distance); });
}
PLOT_FN float intersect_light(const LightData& light, const Ray& ray) {
  return with_light(light, [&](auto type) PLOT_INLINE { return type.intersect(light, ray); });
}
PLOT_FN bool light_emits(const LightData& light, Float3 dir) {
  return with_light(light, [&](auto type) PLOT_INLINE { return type.emits(light, dir); });
}
PLOT_FN bool above_horizon(const LightData& light, Float3 from, Float3 normal) {
  return with_light(light, [&](auto type) PLOT_INLINE { return type.above_horizon(light, from, normal); });
}
PLOT_FN Float3 light_normal(const LightData& light, const Ray& ray, float t) {
  return with_light(light, [&](auto type) PLOT_INLINE { return type.normal(light, ray, t); });
}

// The weight with which one of several lights is chosen at a point.
PLOT_FN float light_weight(const LightData& light, Float3 from) {
  return luminance(light.radiance) * with_light(light, [&](auto type) PLOT_INLINE { return type.weight(light, from); });
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
