// Single functions of the kernels on arrays of inputs, so that tests can compare them with exact results, and devices
// with each other. Each processes one item.
#pragma once

#include "camera/camera.h"
#include "film/flow.h"
#include "film/post.h"
#include "path.h"

namespace PLOT_VARIANT {

PLOT_FN void store3(float* out, Float3 v) {
  out[0] = v.x;
  out[1] = v.y;
  out[2] = v.z;
}

// x -> sin, cos
PLOT_FN void probe_sincos(const SceneData*, const float* in, float* out) {
  const SinCos r = sincos_f(in[0]);
  out[0] = r.sin;
  out[1] = r.cos;
}
// x -> acos
PLOT_FN void probe_acos(const SceneData*, const float* in, float* out) { out[0] = acos_f(in[0]); }
// y, x -> angle
PLOT_FN void probe_atan2(const SceneData*, const float* in, float* out) { out[0] = atan2_f(in[0], in[1]); }
// pixel x, pixel y, decision, sample (all below 2^24) -> point in the unit square; seed of the scene
PLOT_FN void probe_sample(const SceneData* scene, const float* in, float* out) {
  const uint32_t seed = pixel_seed(scene->seed, (uint32_t)in[0], (uint32_t)in[1]);
  const Sample2 s = sample_2d(seed, (uint32_t)in[2], reverse_bits((uint32_t)in[3]));
  out[0] = s.x;
  out[1] = s.y;
}
// vertex, sample -> the points of a vertex and the next one, x then y
PLOT_FN void probe_vertex(const SceneData* scene, const float* in, float* out) {
  const uint32_t seed = pixel_seed(scene->seed, 0, 0), vertex = (uint32_t)in[0];
  for (uint32_t v = 0; v < 2; v += kVertexBatch) {
    const VertexSamples s = sample_vertices(seed, vertex + v, reverse_bits((uint32_t)in[1]));
    for (uint32_t k = 0; k < kVertexBatch * kPerVertex; k++) {
      out[v * kPerVertex + k] = s.x[k];
      out[2 * kPerVertex + v * kPerVertex + k] = s.y[k];
    }
  }
}
// u -> point on the disk
PLOT_FN void probe_disk(const SceneData*, const float* in, float* out) {
  const Sample2 d = sample_disk({in[0], in[1]});
  out[0] = d.x;
  out[1] = d.y;
}
// u -> direction, pdf
PLOT_FN void probe_cosine_hemisphere(const SceneData*, const float* in, float* out) {
  const Float3 d = sample_cosine_hemisphere({in[0], in[1]});
  store3(out, d);
  out[3] = cosine_hemisphere_pdf(d.z);
}
// u, 1 - cos(half angle) -> direction, pdf
PLOT_FN void probe_cone(const SceneData*, const float* in, float* out) {
  store3(out, sample_cone({in[0], in[1]}, in[2]));
  out[3] = cone_pdf(in[2]);
}
// light, point, u -> direction, distance, pdf of the sample, pdf computed separately, distance by intersection
PLOT_FN void probe_light(const SceneData* scene, const float* in, float* out) {
  const LightData& light = scene->lights[(uint32_t)in[0]];
  const Float3 from = load3(in + 1);
  const LightSample s = sample_light(light, from, {in[4], in[5]});
  store3(out, s.dir);
  out[3] = s.distance;
  out[4] = s.pdf;
  out[5] = light_pdf(light, from, s.dir, s.distance);
  out[6] = intersect_light(light, {from, s.dir});
}
// light, origin, direction -> distance by intersection, whether the emitting side is hit (1 or 0), pdf of that point
PLOT_FN void probe_light_ray(const SceneData* scene, const float* in, float* out) {
  const LightData& light = scene->lights[(uint32_t)in[0]];
  const Ray ray = {load3(in + 1), load3(in + 4)};
  out[0] = intersect_light(light, ray);
  out[1] = light_emits(light, ray.dir) ? 1.0f : 0.0f;
  out[2] = out[0] < kInfinity ? light_pdf(light, ray.origin, ray.dir, out[0]) : 0.0f;
}
// point, u -> index, probability of the chosen light, probability computed separately
PLOT_FN void probe_choose_light(const SceneData* scene, const float* in, float* out) {
  const Float3 from = load3(in);
  const LightChoice c = choose_light(*scene, from, in[3]);
  out[0] = (float)c.index;
  out[1] = c.probability;
  out[2] = choice_probability(*scene, c.index, from, c.total);
}
PLOT_FN Bsdf prepared_bsdf(MaterialKind kind, Float3 color, float roughness, Float3 normal) {
  Bsdf bsdf = {(uint32_t)kind, 0, normal, color, roughness};
  with_material(bsdf.kind, [&](auto type) PLOT_INLINE { type.prepare(bsdf); });
  return bsdf;
}
// kind, colour (grey), roughness, normal, out, lobe, u -> direction, weight (red), pdf, pdf computed separately,
// evaluation (red)
PLOT_FN void probe_bsdf(const SceneData*, const float* in, float* out) {
  const Bsdf bsdf = prepared_bsdf((MaterialKind)(uint32_t)in[0], splat(in[1]), in[2], load3(in + 3));
  const Float3 leaving = load3(in + 6);
  const BsdfSample s = bsdf_sample(bsdf, leaving, in[9], {in[10], in[11]});
  store3(out, s.dir);
  out[3] = s.weight.x;
  out[4] = s.pdf;
  out[5] = bsdf_pdf(bsdf, s.dir, leaving);
  out[6] = bsdf_eval(bsdf, s.dir, leaving).x;
}
// kind, colour (grey), roughness, normal, in, out -> scattering times the cosine of `in`, density of sampling `in`
PLOT_FN void probe_bsdf_eval(const SceneData*, const float* in, float* out) {
  const Bsdf bsdf = prepared_bsdf((MaterialKind)(uint32_t)in[0], splat(in[1]), in[2], load3(in + 3));
  out[0] = bsdf_eval(bsdf, load3(in + 6), load3(in + 9)).x;
  out[1] = bsdf_pdf(bsdf, load3(in + 6), load3(in + 9));
}
// colour -> radiance
PLOT_FN void probe_flat(const SceneData*, const float* in, float* out) {
  store3(out, bsdf_emitted(prepared_bsdf(MaterialKind::Flat, load3(in), 0.0f, {0, 0, 1}), {0, 0, 1}));
}
// colour, normal, direction of the ray -> radiance
PLOT_FN void probe_cosine(const SceneData*, const float* in, float* out) {
  store3(out, bsdf_emitted(prepared_bsdf(MaterialKind::Cosine, load3(in), 0.0f, load3(in + 3)), -load3(in + 6)));
}
// origin, direction, hit as in core/hit.h -> position, normal, colour times that of the material, material
PLOT_FN void probe_surface(const SceneData* scene, const float* in, float* out) {
  const Hit hit = {in[6], (uint32_t)in[7], (uint32_t)in[8], (uint32_t)in[9], in[10], in[11]};
  const Surface s = make_surface(*scene, {load3(in), load3(in + 3)}, hit);
  store3(out, s.position);
  store3(out + 3, s.normal);
  store3(out + 6, s.color * slot_color(*scene, s, MaterialSlot::Color));
  out[9] = (float)s.material;
}
// texture, texture coordinates -> channels, colour
PLOT_FN void probe_texture(const SceneData* scene, const float* in, float* out) {
  const uint32_t index = (uint32_t)in[0];
  const Texel texel = lookup(scene->byte_values, scene->textures[index], in[1], in[2]);
  for (uint32_t k = 0; k < 4; k++) out[k] = texel.channel[k];
  store3(out + 4, texture_color(*scene, index, in[1], in[2]));
}
// pixel x, pixel y, sample -> origin, direction
PLOT_FN void probe_camera(const SceneData* scene, const float* in, float* out) {
  const uint32_t x = (uint32_t)in[0], y = (uint32_t)in[1];
  const uint32_t seed = pixel_seed(scene->seed, x, y), index = reverse_bits((uint32_t)in[2]);
  const Ray r = camera_ray(*scene, x, y, sample_2d(seed, kDecidePixel, index), seed, index);
  store3(out, r.origin);
  store3(out + 3, r.dir);
}

// One primitive of a shape and a ray. Two elements of each channel: pos, r, u, v, w; origin, direction -> distance, face,
// coordinates; an infinite distance is a miss, and then nothing else is set.
template <class S>
PLOT_FN void probe_shape(const float* in, float* out) {
  GeometryData g = {};
  g.attribute[(uint32_t)Channel::Pos] = {in, 3, 0};
  g.attribute[(uint32_t)Channel::R] = {in + 6, 1, 0};
  g.attribute[(uint32_t)Channel::U] = {in + 8, 3, 0};
  g.attribute[(uint32_t)Channel::V] = {in + 14, 3, 0};
  g.attribute[(uint32_t)Channel::W] = {in + 20, 3, 0};
  const ShapeRay<float> ray(load3(in + 26), load3(in + 29));
  PackedOf<S> packed;
  Hit hit = miss();
  if (S::pack(g, 0, &packed)) hit.t = S::distance(ray, packed);
  if (hit.t < kInfinity) S::locate(ray, packed, &hit);
  out[0] = hit.t;
  out[1] = (float)hit.face;
  out[2] = hit.u;
  out[3] = hit.v;
}
#define PLOT_PROBE_SHAPE(S) \
  PLOT_FN void probe_shape_##S(const SceneData*, const float* in, float* out) { probe_shape<S>(in, out); }
PLOT_SHAPES(PLOT_PROBE_SHAPE)
#undef PLOT_PROBE_SHAPE

// place in pixels, depth, shift of the camera of the scene since before -> flow, known
PLOT_FN void probe_flow(const SceneData* scene, const float* in, float* out) {
  CameraData before = scene->camera;
  before.eye = before.eye + load3(in + 3);
  const float width = (float)(int32_t)scene->width, height = (float)(int32_t)scene->height;
  const Flow flow = flow_to(scene->camera, before, in[0], in[1], in[2], width, height);
  out[0] = flow.x;
  out[1] = flow.y;
  out[2] = flow.known ? 1.0f : 0.0f;
}
// kind, values of the stage, RGB -> RGB
PLOT_FN void probe_stage(const SceneData*, const float* in, float* out) {
  StageData stage;
  stage.kind = (uint32_t)in[0];
  for (uint32_t i = 0; i < kStageValues; i++) stage.value[i] = in[1 + i];
  store3(out, apply_stages(&stage, 1, load3(in + 1 + kStageValues), 0, 0));
}

}  // namespace PLOT_VARIANT

// All probes: probe(name, inputs, outputs), in floats per item. For each shape S of PLOT_SHAPES there is
// probe(shape_S, 32, 4), too.
#define PLOT_PROBES(probe) \
  probe(sincos, 1, 2) \
  probe(acos, 1, 1) \
  probe(atan2, 2, 1) \
  probe(sample, 4, 2) \
  probe(vertex, 2, 16) \
  probe(disk, 2, 2) \
  probe(cosine_hemisphere, 2, 4) \
  probe(cone, 3, 4) \
  probe(light, 6, 7) \
  probe(light_ray, 7, 3) \
  probe(choose_light, 4, 3) \
  probe(bsdf, 12, 7) \
  probe(bsdf_eval, 12, 2) \
  probe(flat, 3, 3) \
  probe(cosine, 9, 3) \
  probe(surface, 12, 10) \
  probe(texture, 3, 7) \
  probe(camera, 3, 6) \
  probe(flow, 6, 3) \
  probe(stage, 12, 3)
