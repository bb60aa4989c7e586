// The path loop: all light transport, for every device. A template over a tracer (core/hit.h).
//
// Unidirectional path tracing. Segment 1 is the camera ray; each scattered ray is one more, and so is each shadow ray:
// with path_seg_range (1, 1) only what shines by itself is seen, with (2, 2) direct light, and (6, 6) is what other
// renderers call a maximum depth of 6. After the first number of segments Russian roulette may end a path, and
// no path exceeds the second.
//
// At each diffuse vertex one light is chosen and a point on it is sampled; scattered rays that meet a light count,
// too; the two are weighted against each other by the power heuristic (E. Veach, thesis, section 9.2). For the
// materials there are, light_shading "soft" and "hard" are the same: nothing is clamped in either.
#pragma once

#include "core/sampler.h"
#include "core/surface.h"
#include "film/accumulate.h"
#include "light/light.h"
#include "material/cosine.h"
#include "material/diffuse.h"
#include "material/flat.h"

namespace PLOT_VARIANT {

constexpr uint32_t kNoLight = 0xffffffffu;

struct LightHit {
  float t;
  uint32_t index;  // kNoLight: none, and t is infinite
};

// The nearest light that is in the way of rays. Lights are few and are no part of any acceleration structure.
PLOT_FN LightHit nearest_light(const SceneData& scene, const Ray& ray) {
  LightHit nearest = {kInfinity, kNoLight};
  for (uint32_t i = 0; i < scene.light_count; i++) {
    const LightData& light = scene.lights[i];
    if (!light.in_geometry) continue;
    const float t = intersect_light(light, ray);
    if (t < nearest.t) nearest = {t, i};
  }
  return nearest;
}

// Which of the two ways to sample direct light a path uses. All but kBoth exist for the tests: each way alone
// must give the same image.
enum LightStrategy { kBoth, kLightsOnly, kScatterOnly };

PLOT_FN float mis_weight(LightStrategy strategy, float pdf, float other_pdf) {
  if (strategy != kBoth) return 1.0f;
  const float a = pdf * pdf, b = other_pdf * other_pdf;
  // Squares that overflow: the density is that of a light too small to be met by chance.
  return is_finite(a) ? a / (a + b) : 1.0f;
}

// How the ray that is being followed came to be.
struct Origin {
  float pdf;           // density by solid angle with which its direction was drawn
  float light_weights; // LightChoice::total at its start
};

// Radiance of the light `index` that a scattered ray meets at distance t, weighted against light sampling.
PLOT_FN Float3 met_light(const SceneData& scene, LightStrategy strategy, const Ray& ray, const Origin& origin,
                         uint32_t index, float t) {
  const LightData& light = scene.lights[index];
  if (strategy == kLightsOnly || !light_emits(light, ray.dir)) return splat(0.0f);
  const float by_light = choice_probability(scene, index, ray.origin, origin.light_weights) *
                         light_pdf(light, ray.origin, ray.dir, t);
  return light.radiance * mis_weight(strategy, origin.pdf, by_light);
}

// What the lights that are not in the way add to a scattered ray of length t.
PLOT_FN Float3 passed_lights(const SceneData& scene, LightStrategy strategy, const Ray& ray, const Origin& origin,
                             float t) {
  Float3 sum = splat(0.0f);
  for (uint32_t i = 0; i < scene.light_count; i++) {
    if (scene.lights[i].in_geometry) continue;
    const float t_light = intersect_light(scene.lights[i], ray);
    if (t_light < t) sum = sum + met_light(scene, strategy, ray, origin, i, t_light);
  }
  return sum;
}

// Whether another light than `target` is in the way.
PLOT_FN bool light_between(const SceneData& scene, const Ray& ray, float distance, uint32_t target) {
  for (uint32_t i = 0; i < scene.light_count; i++) {
    if (i == target || !scene.lights[i].in_geometry) continue;
    if (intersect_light(scene.lights[i], ray) < distance) return true;
  }
  return false;
}

// Follows the path of a camera ray whose first hit is known, so that devices may find first hits in bulk.
// `pixel` is the pixel's seed, `index` the bit-reversed number of the sample.
template <LightStrategy strategy = kBoth, class Tracer>
PLOT_FN PathSample follow_path(const SceneData& scene, const Tracer& tracer, Ray ray, Hit hit, LightHit light,
                               uint32_t pixel, uint32_t index) {
  PathSample out = {};
  Float3 throughput = splat(1.0f);
  Origin origin = {0.0f, 0.0f};
  VertexSamples u;
  for (uint32_t segment = 1;; segment++) {
    const bool first = segment == 1;
    if (!first) out.radiance = out.radiance + throughput * passed_lights(scene, strategy, ray, origin,
                                                                         is_hit(hit) ? hit.t : light.t);
    if (!is_hit(hit)) {
      if (light.index == kNoLight) {
        out.radiance = out.radiance + throughput * (first ? scene.background : scene.ambient);
      } else if (!first) {
        out.radiance = out.radiance + throughput * met_light(scene, strategy, ray, origin, light.index, light.t);
      } else {
        const LightData& seen = scene.lights[light.index];
        const bool shines = light_emits(seen, ray.dir);
        out.radiance = shines ? seen.radiance : splat(0.0f);
        out.albedo = {min_f(out.radiance.x, 1.0f), min_f(out.radiance.y, 1.0f), min_f(out.radiance.z, 1.0f)};
        const Float3 n = seen.kind == kLightSpherical ? normalize(ray.origin + ray.dir * light.t - seen.pos)
                                                      : (shines ? seen.normal : -seen.normal);
        set_guides(out, scene.camera, ray, light.t, n);
      }
      break;
    }

    const Surface s = make_surface(scene, ray, hit);
    const MaterialData& material = scene.materials[s.material];
    if (first) {
      out.albedo = s.color;
      set_guides(out, scene.camera, ray, hit.t, s.normal);
    }
    if (material.kind != kMaterialDiffuse) {
      out.radiance =
          out.radiance + throughput * (material.kind == kMaterialFlat ? flat_radiance(s) : cosine_radiance(s, ray.dir));
      break;
    }
    if (segment >= scene.path_seg_max) break;  // light would take one segment more

    const uint32_t vertex = segment - 1;
    if (vertex % kVertexBatch == 0) u = sample_vertices(pixel, vertex, index);
    const uint32_t draw = vertex % kVertexBatch * kPerVertex;
    const Float3 out_dir = -ray.dir;
    const Float3 start = leave_surface(s.position, s.normal, scene.scene_epsilon);

    if (scene.light_count != 0) {
      const LightChoice choice = choose_light(scene, start, u.x[draw + kChoices]);
      origin.light_weights = choice.total;
      const LightData& chosen = scene.lights[choice.index];
      if (strategy != kScatterOnly && choice.probability > 0.0f && above_horizon(chosen, start, s.normal)) {
        const LightSample sample = sample_light(chosen, start, {u.x[draw + kLightPoint], u.y[draw + kLightPoint]});
        const float pdf = sample.pdf * choice.probability;
        if (sample.distance > 0.0f && pdf > 0.0f) {
          const Float3 f = diffuse_eval(s.color, material.roughness, s.normal, sample.dir, out_dir);
          const Float3 arriving = throughput * f * chosen.radiance;
          if (!is_black(arriving)) {
            const Ray shadow = {start, sample.dir};
            if (!light_between(scene, shadow, sample.distance, choice.index) &&
                !tracer.occluded(shadow, sample.distance)) {
              const float weight = mis_weight(strategy, pdf, diffuse_pdf(s.normal, sample.dir)) / pdf;
              out.radiance = out.radiance + arriving * weight;
            }
          }
        }
      }
    }

    const Scatter scatter =
        diffuse_sample(s.color, material.roughness, s.normal, out_dir, {u.x[draw + kScatter], u.y[draw + kScatter]});
    if (!(scatter.pdf > 0.0f)) break;
    throughput = throughput * scatter.weight;
    if (segment >= scene.path_seg_min) {
      const float survival = min_f(max_component(throughput), 1.0f);
      if (u.y[draw + kChoices] >= survival) break;
      throughput = throughput * (1.0f / survival);
    }
    if (is_black(throughput)) break;
    origin.pdf = scatter.pdf;
    ray = {start, scatter.dir};
    light = nearest_light(scene, ray);
    hit = tracer.closest(ray, light.t);
  }
  return out;
}

}  // namespace PLOT_VARIANT
