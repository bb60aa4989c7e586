// The path loop: all light transport, for every device. A template over a tracer (core/hit.h).
//
// Unidirectional path tracing. Segment 1 is the camera ray; each scattered ray is one more, and so is each shadow ray:
// with path_seg_range (1, 1) only luminous surfaces are seen, with (2, 2) direct light, and (6, 6) is what other
// renderers call a maximum depth of 6. After the first number of segments Russian roulette may end a path, and no path
// exceeds the second.
//
// At each diffuse vertex one light is chosen and a point on it is sampled; scattered rays that hit a light count, too;
// the two are weighted by the power heuristic (E. Veach, thesis, section 9.2). For the present materials, light_shading
// "soft" and "hard" are the same: nothing is clamped in either.
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

// The nearest light that occludes rays. Lights are few and are not part of any acceleration structure.
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

// Which of the two ways to sample direct light a path uses. All but kBoth exist for the tests: each way alone must give
// the same image. kWrongNormals uses both, and flips the normals of the last plot: a fault that comparisons of images
// must detect.
enum LightStrategy { kBoth, kLightsOnly, kScatterOnly, kWrongNormals };

PLOT_FN float mis_weight(LightStrategy strategy, float pdf, float other_pdf) {
  if (strategy == kLightsOnly || strategy == kScatterOnly) return 1.0f;
  const float a = pdf * pdf, b = other_pdf * other_pdf;
  // Squares that overflow: the density is that of a light too small to be hit by chance.
  return is_finite(a) ? a / (a + b) : 1.0f;
}

// How the ray that is being followed was generated.
struct Origin {
  float pdf;           // density by solid angle with which its direction was sampled
  float light_weights; // LightChoice::total at its origin
};

// Radiance of the light `index` that a scattered ray hits at distance t, weighted against light sampling.
PLOT_FN Float3 met_light(const SceneData& scene, LightStrategy strategy, const Ray& ray, const Origin& origin,
                         uint32_t index, float t) {
  const LightData& light = scene.lights[index];
  if (strategy == kLightsOnly || !light_emits(light, ray.dir)) return splat(0.0f);
  const float by_light = choice_probability(scene, index, ray.origin, origin.light_weights) *
                         light_pdf(light, ray.origin, ray.dir, t);
  return light.radiance * mis_weight(strategy, origin.pdf, by_light);
}

// The contribution, to a scattered ray of length t, of the lights that do not occlude.
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

// Whether a light other than `target` occludes.
PLOT_FN bool light_between(const SceneData& scene, const Ray& ray, float distance, uint32_t target) {
  for (uint32_t i = 0; i < scene.light_count; i++) {
    if (i == target || !scene.lights[i].in_geometry) continue;
    if (intersect_light(scene.lights[i], ray) < distance) return true;
  }
  return false;
}

// The state of a path.
struct Path {
  PathSample out;
  Ray ray;            // the segment that was traced last
  Float3 throughput;
  Origin origin;
  VertexSamples u;
  uint32_t pixel;     // the pixel's seed
  uint32_t index;     // bit-reversed index of the sample
};

PLOT_FN void start_path(Path& path, const Ray& camera_ray, uint32_t pixel, uint32_t index) {
  path.out = {};
  path.ray = camera_ray;
  path.throughput = splat(1.0f);
  path.origin = {0.0f, 0.0f};
  path.pixel = pixel;
  path.index = index;
}

// The rays that a vertex needs traced.
struct Vertex {
  bool lit;          // whether to trace `shadow`: if it is not occluded, `light` arrives
  bool scattered;    // the path goes on along its new `ray`
  Ray shadow;
  float distance;    // length of `shadow`
  Float3 light;
};

// Extends a path by the vertex at the end of its segment `segment` (from 1), which hit `hit`, or `light` if nothing. It
// does not trace, so that devices can trace many paths at once.
template <LightStrategy strategy>
PLOT_FN Vertex visit_vertex(const SceneData& scene, Path& path, uint32_t segment, const Hit& hit, LightHit light) {
  Vertex vertex;
  vertex.lit = vertex.scattered = false;
  PathSample& out = path.out;
  const Ray ray = path.ray;
  const Float3 throughput = path.throughput;
  const bool first = segment == 1;
  if (!first) {
    out.radiance = out.radiance +
                   throughput * passed_lights(scene, strategy, ray, path.origin, is_hit(hit) ? hit.t : light.t);
  }
  if (!is_hit(hit)) {
    if (light.index == kNoLight) {
      out.radiance = out.radiance + throughput * (first ? scene.background : scene.ambient);
    } else if (!first) {
      out.radiance = out.radiance + throughput * met_light(scene, strategy, ray, path.origin, light.index, light.t);
    } else {
      const LightData& seen = scene.lights[light.index];
      const bool shines = light_emits(seen, ray.dir);
      out.radiance = shines ? seen.radiance : splat(0.0f);
      out.albedo = {min_f(out.radiance.x, 1.0f), min_f(out.radiance.y, 1.0f), min_f(out.radiance.z, 1.0f)};
      const Float3 n = seen.kind == kLightSpherical ? normalize(ray.origin + ray.dir * light.t - seen.pos)
                                                    : (shines ? seen.normal : -seen.normal);
      set_guides(out, scene.camera, ray, light.t, n);
    }
    return vertex;
  }

  Surface s = make_surface(scene, ray, hit);
  if (strategy == kWrongNormals && hit.instance + 1 == scene.instance_count) s.normal = -s.normal;
  const MaterialData& material = scene.materials[s.material];
  if (material.kind == kMaterialDiffuse) s.color = diffuse_albedo(s.color);
  if (first) {
    out.albedo = s.color;
    set_guides(out, scene.camera, ray, hit.t, s.normal);
  }
  if (material.kind != kMaterialDiffuse) {
    out.radiance =
        out.radiance + throughput * (material.kind == kMaterialFlat ? flat_radiance(s) : cosine_radiance(s, ray.dir));
    return vertex;
  }
  if (segment >= scene.path_seg_max) return vertex;  // light would take one segment more

  const uint32_t number = segment - 1;
  if (number % kVertexBatch == 0) path.u = sample_vertices(path.pixel, number, path.index);
  const VertexSamples& u = path.u;
  const uint32_t draw = number % kVertexBatch * kPerVertex;
  const Float3 out_dir = -ray.dir;
  const Float3 start = leave_surface(s, scene.scene_epsilon);

  if (scene.light_count != 0) {
    const LightChoice choice = choose_light(scene, start, u.x[draw + kChoices]);
    path.origin.light_weights = choice.total;
    const LightData& chosen = scene.lights[choice.index];
    if (strategy != kScatterOnly && choice.probability > 0.0f && above_horizon(chosen, start, s.normal)) {
      const LightSample sample = sample_light(chosen, start, {u.x[draw + kLightPoint], u.y[draw + kLightPoint]});
      const float pdf = sample.pdf * choice.probability;
      if (sample.distance > 0.0f && pdf > 0.0f) {
        const Float3 f = diffuse_eval(s.color, material.roughness, s.normal, sample.dir, out_dir);
        const Float3 arriving = throughput * f * chosen.radiance;
        vertex.shadow = {start, sample.dir};
        if (!is_black(arriving) && !light_between(scene, vertex.shadow, sample.distance, choice.index)) {
          const float weight = mis_weight(strategy, pdf, diffuse_pdf(s.normal, sample.dir)) / pdf;
          vertex.lit = true;
          vertex.distance = sample.distance;
          vertex.light = arriving * weight;
        }
      }
    }
  }

  const Scatter scatter =
      diffuse_sample(s.color, material.roughness, s.normal, out_dir, {u.x[draw + kScatter], u.y[draw + kScatter]});
  if (!(scatter.pdf > 0.0f)) return vertex;
  path.throughput = throughput * scatter.weight;
  if (segment >= scene.path_seg_min) {
    const float survival = min_f(max_component(path.throughput), 1.0f);
    if (u.y[draw + kChoices] >= survival) return vertex;
    path.throughput = path.throughput * (1.0f / survival);
  }
  if (is_black(path.throughput)) return vertex;
  path.origin.pdf = scatter.pdf;
  path.ray = {start, scatter.dir};
  vertex.scattered = true;
  return vertex;
}

// Follows the path of a camera ray whose first hit is known. `pixel` is the pixel's seed, `index` the bit-reversed
// index of the sample.
template <LightStrategy strategy = kBoth, class Tracer>
PLOT_FN PathSample follow_path(const SceneData& scene, const Tracer& tracer, Ray ray, Hit hit, LightHit light,
                               uint32_t pixel, uint32_t index) {
  Path path;
  start_path(path, ray, pixel, index);
  for (uint32_t segment = 1;; segment++) {
    const Vertex vertex = visit_vertex<strategy>(scene, path, segment, hit, light);
    if (vertex.lit && !tracer.occluded(vertex.shadow, vertex.distance)) {
      path.out.radiance = path.out.radiance + vertex.light;
    }
    if (!vertex.scattered) return path.out;
    light = nearest_light(scene, path.ray);
    hit = tracer.closest(path.ray, light.t);
  }
}

}  // namespace PLOT_VARIANT
