// Diffuse: Lambert, or with a roughness the energy-preserving Oren-Nayar model "EON" (J. Portsmouth, P. Kutz, S. Hill,
// "EON: A practical energy-preserving rough diffuse BRDF", JCGT 14(1), 2025), which adds to Fujii's variant
// of Oren-Nayar the light that bounces between facets: white reflects exactly all light at any roughness.
//
// `roughness` here is the model's r in [0, 1]. The host maps the user's Oren-Nayar sigma (radians) to it by
// r = B / A of Oren and Nayar's qualitative model, which gives the same ratio of lobe to Lambert part and never exceeds 1.
#pragma once

#include "../core/surface.h"
#include "../core/warp.h"

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

// Light scattered from `in` to `out`, times the cosine of `in`. Both leave the surface.
PLOT_FN Float3 diffuse_eval(Float3 albedo, float roughness, Float3 normal, Float3 in, Float3 out) {
  const float cos_in = dot(normal, in);
  if (!(cos_in > 0.0f)) return splat(0.0f);
  if (roughness <= 0.0f) return albedo * (cos_in * kInvPi);
  const float cos_out = dot(normal, out);
  if (!(cos_out > 0.0f)) return splat(0.0f);
  return eon(albedo, roughness, in, out, cos_in, cos_out) * cos_in;
}

// Colours above 1 count as 1: otherwise light would grow from bounce to bounce.
PLOT_FN Float3 diffuse_albedo(Float3 color) {
  return {min_f(color.x, 1.0f), min_f(color.y, 1.0f), min_f(color.z, 1.0f)};
}

struct Scatter {
  Float3 dir;     // unit, leaves the surface
  Float3 weight;  // scattering function times cosine, divided by the density
  float pdf;      // by solid angle; 0: absorbed
};

// Cosine-weighted directions: exact for Lambert, and close for EON, which differs from it by less than a factor of 2.
PLOT_FN Scatter diffuse_sample(Float3 albedo, float roughness, Float3 normal, Float3 out, Sample2 u) {
  const Float3 local = sample_cosine_hemisphere(u);
  const Float3 dir = to_world(make_frame(normal), local);
  const float pdf = cosine_hemisphere_pdf(local.z);
  if (roughness <= 0.0f || pdf <= 0.0f) return {dir, albedo, pdf};
  return {dir, diffuse_eval(albedo, roughness, normal, dir, out) * (1.0f / pdf), pdf};
}
PLOT_FN float diffuse_pdf(Float3 normal, Float3 in) { return cosine_hemisphere_pdf(dot(normal, in)); }

}  // namespace PLOT_VARIANT
