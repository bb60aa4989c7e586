// Diffuse: Lambert, or with a roughness the energy-preserving Oren-Nayar model "EON" (J. Portsmouth, P. Kutz, S. Hill,
// "EON: A practical energy-preserving rough diffuse BRDF", JCGT 14(1), 2025), which adds to Fujii's variant
// of Oren-Nayar the light that bounces between facets: white reflects exactly all light at any roughness.
//
// The model's roughness r is in [0, 1]. The user's Oren-Nayar sigma (radians) is mapped to it by r = B / A of Oren and
// Nayar's qualitative model, which gives the same ratio of lobe to Lambert part and never exceeds 1.
#pragma once

#include "sample.h"

namespace PLOT_VARIANT {

constexpr float kFonC1 = 0.5f - 2.0f / (3.0f * kPi);
constexpr float kFonC2 = 2.0f / 3.0f - 28.0f / (15.0f * kPi);

// Share of light from the direction with cosine `mu` that Fujii's lobe with albedo 1 reflects, exactly.
PLOT_FN float fon_albedo(float mu, float roughness) {
  const float c = clamp_f(mu, 0.0f, 1.0f);
  const float s = sqrt_f(1.0f - c * c);
  const float theta = acos_f(c);
  // s (theta - s c) + 2/3 ((s / c) (1 - s^3) - s), with 1 - s^3 = c^2 (1 + s + s^2) / (1 + s).
  const float g = s * (theta - s * c) + (2.0f / 3.0f) * (s * c * (1.0f + s + s * s) / (1.0f + s) - s);
  return (1.0f + roughness * kInvPi * g) / (1.0f + kFonC1 * roughness);
}

// Colour of light after several bounces between facets: a geometric series. It is summed for albedos up to 1; colours
// above 1, which no surface has, must not make it diverge.
PLOT_FN float eon_tint(float albedo, float mean) {
  return albedo * albedo * mean / (1.0f - min_f(albedo, 1.0f) * (1.0f - mean));
}

// Scattering function of EON. Directions are unit and leave the surface; `cos_in`, `cos_out` are above 0.
PLOT_FN Float3 eon(Float3 albedo, float roughness, Float3 in, Float3 out, float cos_in, float cos_out) {
  const float s = dot(in, out) - cos_in * cos_out;
  const float s_over_t = s > 0.0f ? s / max_f(cos_in, cos_out) : s;
  const float a = 1.0f / (1.0f + kFonC1 * roughness);
  const float single = kInvPi * a * (1.0f + roughness * s_over_t);
  const float mean = a * (1.0f + kFonC2 * roughness);
  const float lost_in = max_f(1.0f - fon_albedo(cos_in, roughness), 0.0f);
  const float lost_out = max_f(1.0f - fon_albedo(cos_out, roughness), 0.0f);
  const float multiple = kInvPi * lost_in * lost_out / max_f(1.0f - mean, 1e-7f);
  const Float3 tint = {eon_tint(albedo.x, mean), eon_tint(albedo.y, mean), eon_tint(albedo.z, mean)};
  return albedo * single + tint * multiple;
}

PLOT_FN float eon_roughness(float sigma) {
  const float s2 = sigma * sigma;
  const float a = 1.0f - 0.5f * s2 / (s2 + 0.33f);
  const float b = 0.45f * s2 / (s2 + 0.09f);
  return clamp_f(b / a, 0.0f, 1.0f);
}

struct DiffuseMaterial {
  static constexpr MaterialKind kKind = MaterialKind::Diffuse;

  PLOT_FN void prepare(Bsdf& bsdf) {
    bsdf.flags = kScatters;
    // Colours above 1 count as 1: otherwise light would grow from bounce to bounce.
    const Float3 c = bsdf.color;
    bsdf.color = {min_f(c.x, 1.0f), min_f(c.y, 1.0f), min_f(c.z, 1.0f)};
    if (bsdf.roughness > 0.0f) bsdf.roughness = eon_roughness(bsdf.roughness);
  }

  PLOT_FN Float3 emitted(const Bsdf&, Float3) { return splat(0.0f); }

  PLOT_FN Float3 eval(const Bsdf& bsdf, Float3 in, Float3 out) {
    const float cos_in = dot(bsdf.normal, in);
    if (!(cos_in > 0.0f)) return splat(0.0f);
    if (bsdf.roughness <= 0.0f) return bsdf.color * (cos_in * kInvPi);
    const float cos_out = dot(bsdf.normal, out);
    if (!(cos_out > 0.0f)) return splat(0.0f);
    return eon(bsdf.color, bsdf.roughness, in, out, cos_in, cos_out) * cos_in;
  }

  PLOT_FN float pdf(const Bsdf& bsdf, Float3 in, Float3) { return cosine_hemisphere_pdf(dot(bsdf.normal, in)); }

  // Cosine-weighted directions: exact for Lambert, and close for EON, which differs from it by less than a factor of 2.
  PLOT_FN BsdfSample sample(const Bsdf& bsdf, Float3 out, float, Sample2 u) {
    const Float3 local = sample_cosine_hemisphere(u);
    const Float3 dir = to_world(make_frame(bsdf.normal), local);
    const float density = cosine_hemisphere_pdf(local.z);
    if (bsdf.roughness <= 0.0f || density <= 0.0f) return {dir, bsdf.color, density, 0};
    return {dir, eval(bsdf, dir, out) * (1.0f / density), density, 0};
  }
};

}  // namespace PLOT_VARIANT
