// Single kernels, callable from the tests: the same functions that the path loop calls, on arrays of inputs.
#pragma once

#include "../camera/camera.h"
#include "../path.h"
#include "table.h"

namespace PLOT_VARIANT {

// Applies `one` to each item.
template <uint32_t inputs, uint32_t outputs, void (*one)(const SceneData*, const float*, float*)>
static void probe_each(const SceneData* scene, const float* in, float* out, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) one(scene, in + (size_t)i * inputs, out + (size_t)i * outputs);
}

static void store3(float* out, Float3 v) {
  out[0] = v.x;
  out[1] = v.y;
  out[2] = v.z;
}

// x -> sin, cos
static void probe_sincos(const SceneData*, const float* in, float* out) {
  const SinCos r = sincos_f(in[0]);
  out[0] = r.sin;
  out[1] = r.cos;
}
// x -> acos
static void probe_acos(const SceneData*, const float* in, float* out) { out[0] = acos_f(in[0]); }
// y, x -> angle
static void probe_atan2(const SceneData*, const float* in, float* out) { out[0] = atan2_f(in[0], in[1]); }
// pixel x, pixel y, decision, sample (all below 2^24) -> point in the unit square; seed of the scene
static void probe_sample(const SceneData* scene, const float* in, float* out) {
  const uint32_t seed = pixel_seed(scene->seed, (uint32_t)in[0], (uint32_t)in[1]);
  const Sample2 s = sample_2d(seed, (uint32_t)in[2], reverse_bits((uint32_t)in[3]));
  out[0] = s.x;
  out[1] = s.y;
}
// vertex, sample -> the points of a vertex and the next one, x then y
static void probe_vertex(const SceneData* scene, const float* in, float* out) {
  const VertexSamples s =
      sample_vertices(pixel_seed(scene->seed, 0, 0), (uint32_t)in[0], reverse_bits((uint32_t)in[1]));
  for (uint32_t k = 0; k < 8; k++) {
    out[k] = s.x[k];
    out[8 + k] = s.y[k];
  }
}
// u -> point on the disk
static void probe_disk(const SceneData*, const float* in, float* out) {
  const Sample2 d = sample_disk({in[0], in[1]});
  out[0] = d.x;
  out[1] = d.y;
}
// u -> direction, pdf
static void probe_cosine_hemisphere(const SceneData*, const float* in, float* out) {
  const Float3 d = sample_cosine_hemisphere({in[0], in[1]});
  store3(out, d);
  out[3] = cosine_hemisphere_pdf(d.z);
}
// u, 1 - cos(half angle) -> direction, pdf
static void probe_cone(const SceneData*, const float* in, float* out) {
  store3(out, sample_cone({in[0], in[1]}, in[2]));
  out[3] = cone_pdf(in[2]);
}
// light, place, u -> direction, distance, pdf of the sample, pdf as asked for afterwards, distance by intersection
static void probe_light(const SceneData* scene, const float* in, float* out) {
  const LightData& light = scene->lights[(uint32_t)in[0]];
  const Float3 from = load3(in + 1);
  const LightSample s = sample_light(light, from, {in[4], in[5]});
  store3(out, s.dir);
  out[3] = s.distance;
  out[4] = s.pdf;
  out[5] = light_pdf(light, from, s.dir, s.distance);
  out[6] = intersect_light(light, {from, s.dir});
}
// place, u -> index, probability of the chosen light, probability as asked for afterwards
static void probe_choose_light(const SceneData* scene, const float* in, float* out) {
  const Float3 from = load3(in);
  const LightChoice c = choose_light(*scene, from, in[3]);
  out[0] = (float)c.index;
  out[1] = c.probability;
  out[2] = choice_probability(*scene, c.index, from, c.total);
}
// albedo (grey), roughness, normal, out, u -> direction, weight (red), pdf, pdf as asked for, evaluation (red)
static void probe_diffuse(const SceneData*, const float* in, float* out) {
  const Float3 albedo = splat(in[0]), normal = load3(in + 2), leaving = load3(in + 5);
  const Scatter s = diffuse_sample(albedo, in[1], normal, leaving, {in[8], in[9]});
  store3(out, s.dir);
  out[3] = s.weight.x;
  out[4] = s.pdf;
  out[5] = diffuse_pdf(normal, s.dir);
  out[6] = diffuse_eval(albedo, in[1], normal, s.dir, leaving).x;
}
// albedo (grey), roughness, normal, in, out -> scattering times the cosine of `in`
static void probe_diffuse_eval(const SceneData*, const float* in, float* out) {
  out[0] = diffuse_eval(splat(in[0]), in[1], load3(in + 2), load3(in + 5), load3(in + 8)).x;
}
// pixel x, pixel y, sample -> origin, direction
static void probe_camera(const SceneData* scene, const float* in, float* out) {
  const uint32_t x = (uint32_t)in[0], y = (uint32_t)in[1];
  const uint32_t seed = pixel_seed(scene->seed, x, y), index = reverse_bits((uint32_t)in[2]);
  const Ray r = camera_ray(*scene, x, y, sample_2d(seed, kDecidePixel, index), seed, index);
  store3(out, r.origin);
  store3(out + 3, r.dir);
}

static constexpr Probe kProbes[] = {
    {"sincos", 1, 2, probe_each<1, 2, probe_sincos>},
    {"acos", 1, 1, probe_each<1, 1, probe_acos>},
    {"atan2", 2, 1, probe_each<2, 1, probe_atan2>},
    {"sample", 4, 2, probe_each<4, 2, probe_sample>},
    {"vertex", 2, 16, probe_each<2, 16, probe_vertex>},
    {"disk", 2, 2, probe_each<2, 2, probe_disk>},
    {"cosine_hemisphere", 2, 4, probe_each<2, 4, probe_cosine_hemisphere>},
    {"cone", 3, 4, probe_each<3, 4, probe_cone>},
    {"light", 6, 7, probe_each<6, 7, probe_light>},
    {"choose_light", 4, 3, probe_each<4, 3, probe_choose_light>},
    {"diffuse", 10, 7, probe_each<10, 7, probe_diffuse>},
    {"diffuse_eval", 11, 1, probe_each<11, 1, probe_diffuse_eval>},
    {"camera", 3, 6, probe_each<3, 6, probe_camera>},
};
static constexpr ProbeTable kProbeTable = {kProbes, sizeof kProbes / sizeof kProbes[0]};

}  // namespace PLOT_VARIANT
