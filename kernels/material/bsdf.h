// All materials behind one set of functions, which material/sample.h describes.
#pragma once

#include "cosine.h"
#include "diffuse.h"
#include "flat.h"
#include "reflective.h"
#include "../texture/texture.h"

// The material types, one for each MaterialKind.
#define PLOT_MATERIALS(X) \
  X(FlatMaterial)         \
  X(CosineMaterial)       \
  X(DiffuseMaterial)      \
  X(ReflectiveMaterial)

// Those of which plain scenes consist: see kernels/optix/path_plain.cu.
#ifdef PLOT_PLAIN
#define PLOT_TRACED_MATERIALS(X) X(FlatMaterial) X(CosineMaterial) X(DiffuseMaterial)
#else
#define PLOT_TRACED_MATERIALS PLOT_MATERIALS
#endif

namespace PLOT_VARIANT {

#define PLOT_COUNT(T) +1
static_assert(PLOT_MATERIALS(PLOT_COUNT) == kMaterialKindCount,
              "a kind of src/scene/material.rs is missing in PLOT_MATERIALS");
#undef PLOT_COUNT

// Calls `visit` with an object of the type of the kind.
template <class Visit>
PLOT_FN auto with_material(uint32_t kind, const Visit& visit) {
#define PLOT_CASE(Material) \
  case Material::kKind:     \
    return visit(Material{});
  switch ((MaterialKind)kind) { PLOT_TRACED_MATERIALS(PLOT_CASE) }
#undef PLOT_CASE
  PLOT_UNREACHABLE();
}

// The value of a slot of the material at a point of a surface: times its texture, if it has one.
PLOT_FN Float3 slot_color(const SceneData& scene, const Surface& s, MaterialSlot slot) {
  const MaterialData& material = scene.materials[s.material];
  const Float3 value = material.value[(uint32_t)slot];
#ifdef PLOT_PLAIN
  return value;
#else
  const uint32_t texture = material.texture[(uint32_t)slot];
  return texture == kNoTexture ? value : value * texture_color(scene, texture, s.u, s.v);
#endif
}
PLOT_FN float slot_number(const SceneData& scene, const Surface& s, MaterialSlot slot) {
  return slot_color(scene, s, slot).x;
}

PLOT_FN Bsdf make_bsdf(const SceneData& scene, const Surface& s) {
  Bsdf bsdf;
  bsdf.kind = scene.materials[s.material].kind;
  bsdf.normal = s.normal;
  bsdf.color = s.color * slot_color(scene, s, MaterialSlot::Color);
  bsdf.roughness = slot_number(scene, s, MaterialSlot::Roughness);
  with_material(bsdf.kind, [&](auto type) PLOT_INLINE { type.prepare(bsdf); });
  return bsdf;
}
PLOT_FN Float3 bsdf_emitted(const Bsdf& bsdf, Float3 out) {
  return with_material(bsdf.kind, [&](auto type) PLOT_INLINE { return type.emitted(bsdf, out); });
}
PLOT_FN Float3 bsdf_eval(const Bsdf& bsdf, Float3 in, Float3 out) {
  return with_material(bsdf.kind, [&](auto type) PLOT_INLINE { return type.eval(bsdf, in, out); });
}
PLOT_FN float bsdf_pdf(const Bsdf& bsdf, Float3 in, Float3 out) {
  return with_material(bsdf.kind, [&](auto type) PLOT_INLINE { return type.pdf(bsdf, in, out); });
}
PLOT_FN BsdfSample bsdf_sample(const Bsdf& bsdf, Float3 out, float lobe, Sample2 u) {
  return with_material(bsdf.kind, [&](auto type) PLOT_INLINE { return type.sample(bsdf, out, lobe, u); });
}

}  // namespace PLOT_VARIANT
