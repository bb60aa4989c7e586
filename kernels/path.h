// The path loop: all light transport, for every device.
//
// A path (`Path`) never traces: it has the ray that it waits for, a segment of its own or a shadow ray, and takes the
// result. So each device traces in its own way, the CPU many paths at once (cpu/trace.h), the GPU one a thread
// (optix/path.cu), and both follow paths with these four functions:
//   start_path       begins with a camera ray
//   aim_segment      before a segment is traced: how far
//   segment_traced   continues with the segment's hit
//   shadow_traced    continues with whether the shadow ray was occluded
//
// Unidirectional path tracing. Segment 1 is the camera ray; each scattered ray is one more, and so is each shadow ray:
// with path_seg_range (1, 1) only luminous surfaces are seen, with (2, 2) direct light, and (6, 6) is what other
// renderers call a maximum depth of 6. After the first number of segments Russian roulette may end a path, and no path
// exceeds the second.
//
// At each vertex one light is chosen and a point on it is sampled; scattered rays that hit a light count, too; the two are
// weighted by the power heuristic (E. Veach, thesis, section 9.2). Delta lobes meet lights by scattered rays only. For the
// present materials, light_shading
// "soft" and "hard" are the same: nothing is clamped in either.
#pragma once

#include "core/sampler.h"
#include "core/surface.h"
#include "film/accumulate.h"
#include "light/light.h"
#include "material/bsdf.h"

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
  float pdf;           // density by solid angle with which its direction was sampled; infinite for a delta lobe
  float light_weights; // LightChoice::total at its origin
};

// Radiance of the light `index` that a scattered ray hits at distance t, weighted against light sampling.
PLOT_FN Float3 met_light(const SceneData& scene, LightStrategy strategy, const Ray& ray, const Origin& origin,
                         uint32_t index, float t) {
  const LightData& light = scene.lights[index];
  if ((strategy == kLightsOnly && origin.pdf < kInfinity) || !light_emits(light, ray.dir)) return splat(0.0f);
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

// What a path waits for.
enum class Awaited : uint32_t { kNothing, kSegment, kShadow };

// The state of a path.
struct Path {
  PathSample out;
  Awaited awaited;    // kNothing: `out` is complete
  Ray ray;            // to be traced between 0 and `tmax`: a segment or a shadow ray
  float tmax;
  uint32_t light;     // of a segment: the light that is there at `tmax`, if any
  uint32_t segment;   // number of the segment, from 1
  Float3 throughput;
  Origin origin;      // of the segment
  Float3 arriving;    // of a shadow ray: the light that arrives if it is not occluded
  bool scattered;     // of a shadow ray: whether the path goes on after it,
  Ray next;           // and the segment that follows
  VertexSamples u;
  uint32_t pixel;     // the pixel's seed
  uint32_t index;     // bit-reversed index of the sample
};

PLOT_FN void start_path(Path& path, const Ray& camera_ray, uint32_t pixel, uint32_t index) {
  path.out = {};
  path.awaited = Awaited::kSegment;
  path.ray = camera_ray;
  path.segment = 1;
  path.throughput = splat(1.0f);
  path.origin = {0.0f, 0.0f};
  path.pixel = pixel;
  path.index = index;
}

PLOT_FN void aim_segment(const SceneData& scene, Path& path) {
  const LightHit light = nearest_light(scene, path.ray);
  path.tmax = light.t;
  path.light = light.index;
}

// Continues after a shadow ray.
PLOT_FN void shadow_traced(Path& path, bool occluded) {
  if (!occluded) path.out.radiance = path.out.radiance + path.arriving;
  path.ray = path.next;
  path.awaited = path.scattered ? Awaited::kSegment : Awaited::kNothing;
}

// Adds the lights that the segment passes and, where it hits no surface, the light or the sky at its end.
template <LightStrategy strategy>
PLOT_FN void add_lights(const SceneData& scene, Path& path, const Hit& hit) {
  PathSample& out = path.out;
  const Ray& ray = path.ray;
  const bool first = path.segment == 1;
  if (!first) {
    out.radiance = out.radiance + path.throughput * passed_lights(scene, strategy, ray, path.origin,
                                                                  is_hit(hit) ? hit.t : path.tmax);
  }
  if (is_hit(hit)) return;
  if (path.light == kNoLight) {
    out.radiance = out.radiance + path.throughput * (first ? scene.background : scene.ambient);
  } else if (!first) {
    out.radiance =
        out.radiance + path.throughput * met_light(scene, strategy, ray, path.origin, path.light, path.tmax);
  } else {
    const LightData& seen = scene.lights[path.light];
    const bool shines = light_emits(seen, ray.dir);
    out.radiance = shines ? seen.radiance : splat(0.0f);
    out.albedo = {min_f(out.radiance.x, 1.0f), min_f(out.radiance.y, 1.0f), min_f(out.radiance.z, 1.0f)};
    set_guides(out, scene.camera, ray, path.tmax, light_normal(seen, ray, path.tmax));
  }
}

// Light from a point of a light to a vertex.
struct DirectLight {
  bool any;
  Ray shadow;      // if it is not occluded within `distance`, `light` arrives
  float distance;
  Float3 light;
};

// Chooses a light and a point on it. `start`: where the vertex's rays start; `out`: the direction that the light leaves
// to; `draw`: index of the vertex's first sample.
template <LightStrategy strategy>
PLOT_FN DirectLight direct_light(const SceneData& scene, Path& path, const Bsdf& bsdf, Float3 start, Float3 out,
                                 uint32_t draw) {
  DirectLight direct;
  direct.any = false;
  if (scene.light_count == 0 || (bsdf.flags & kSpecular)) return direct;
  const VertexSamples& u = path.u;
  const LightChoice choice = choose_light(scene, start, u.x[draw + kChoices]);
  path.origin.light_weights = choice.total;
  const LightData& chosen = scene.lights[choice.index];
  if (strategy == kScatterOnly || !(choice.probability > 0.0f) || !above_horizon(chosen, start, bsdf.normal)) {
    return direct;
  }
  const LightSample sample = sample_light(chosen, start, {u.x[draw + kLightPoint], u.y[draw + kLightPoint]});
  const float pdf = sample.pdf * choice.probability;
  if (!(sample.distance > 0.0f && pdf > 0.0f)) return direct;
  const Float3 arriving = path.throughput * bsdf_eval(bsdf, sample.dir, out) * chosen.radiance;
  direct.shadow = {start, sample.dir};
  if (is_black(arriving) || light_between(scene, direct.shadow, sample.distance, choice.index)) return direct;
  const float weight = mis_weight(strategy, pdf, bsdf_pdf(bsdf, sample.dir, out)) / pdf;
  direct.any = true;
  direct.distance = sample.distance;
  direct.light = arriving * weight;
  return direct;
}

// Chooses the next segment; false if the path ends.
PLOT_FN bool scatter(const SceneData& scene, Path& path, const Surface& s, const Bsdf& bsdf, Float3 start, Float3 out,
                     uint32_t draw) {
  const VertexSamples& u = path.u;
  const BsdfSample sample = bsdf_sample(bsdf, out, u.x[draw + kLobe], {u.x[draw + kScatter], u.y[draw + kScatter]});
  if (!(sample.pdf > 0.0f)) return false;
  path.throughput = path.throughput * sample.weight;
  if (path.segment >= scene.path_seg_min) {
    const float survival = min_f(max_component(path.throughput), 1.0f);
    if (u.y[draw + kChoices] >= survival) return false;
    path.throughput = path.throughput * (1.0f / survival);
  }
  if (is_black(path.throughput)) return false;
  path.origin.pdf = sample.flags & kDelta ? kInfinity : sample.pdf;
  path.next = {sample.flags & kTransmitted ? pass_surface(s, scene.scene_epsilon) : start, sample.dir};
  return true;
}

// Continues at the end of a segment, which hit `hit`, or the path's `light` if nothing.
template <LightStrategy strategy>
PLOT_FN void segment_traced(const SceneData& scene, Path& path, const Hit& hit) {
  path.awaited = Awaited::kNothing;
  add_lights<strategy>(scene, path, hit);
  if (!is_hit(hit)) return;
  PathSample& sample = path.out;
  const Ray ray = path.ray;

  Surface s = make_surface(scene, ray, hit);
  if (strategy == kWrongNormals && hit.instance + 1 == scene.instance_count) {
    s.normal = -s.normal;
    s.geometric_normal = -s.geometric_normal;
  }
  const Bsdf bsdf = make_bsdf(scene, s);
  const Float3 out = -ray.dir;
  if (path.segment == 1) {
    sample.albedo = bsdf.color;
    set_guides(sample, scene.camera, ray, hit.t, s.normal);
  }
  if (bsdf.flags & kEmits) sample.radiance = sample.radiance + path.throughput * bsdf_emitted(bsdf, out);
  // Light that is scattered would take one segment more.
  if (!(bsdf.flags & kScatters) || path.segment >= scene.path_seg_max) return;

  const uint32_t number = path.segment - 1;
  if (number % kVertexBatch == 0) path.u = sample_vertices(path.pixel, number, path.index);
  const uint32_t draw = number % kVertexBatch * kPerVertex;
  const Float3 start = leave_surface(s, scene.scene_epsilon);
  const DirectLight direct = direct_light<strategy>(scene, path, bsdf, start, out, draw);
  path.scattered = scatter(scene, path, s, bsdf, start, out, draw);
  path.segment++;
  if (direct.any) {
    path.awaited = Awaited::kShadow;
    path.ray = direct.shadow;
    path.tmax = direct.distance;
    path.arriving = direct.light;
  } else if (path.scattered) {
    path.awaited = Awaited::kSegment;
    path.ray = path.next;
  }
}

}  // namespace PLOT_VARIANT
