// Reflective: metals and mirrors. Facets whose slopes follow the distribution of Trowbridge and Reitz ("GGX") with the
// height-correlated shadowing of Smith, F0 = colour and Schlick's Fresnel term. alpha is the square of the roughness.
//
// Directions are sampled by the visible normals, bounded to those that reflect upwards (K. Eto, Y. Tokuyoshi, "Bounded VNDF
// Sampling for Smith-GGX Reflections", SIGGRAPH Asia 2023; on J. Dupuy, A. Benyoub, "Sampling Visible GGX Normals with
// Spherical Caps", CGF 42(8), 2023). Light that bounces between facets is added as a second, reciprocal lobe (C. Kulla,
// A. Conty, "Revisiting Physically Based Shading at Imageworks", SIGGRAPH 2017 course): white reflects all light.
#pragma once

#include "sample.h"

namespace PLOT_VARIANT {

// Below, the lobe is a single direction.
constexpr float kLeastAlpha = 1e-3f;

// Polynomial of the fourth degree.
PLOT_FN float quartic(float z, float a, float b, float c, float d, float e) {
  return a + z * (b + z * (c + z * (d + z * e)));
}

// Share of light from the direction with cosine `mu` that does not leave white facets after one bounce. A fit to
// numerical integrals: the error is below 0.003.
PLOT_FN float facets_keep(float mu, float alpha) {
  const float s = mu * (1.0f + alpha) / (mu + alpha), t = sqrt_f(s);
  const float x = 2.0f * t - 1.0f, z = 2.0f * alpha - 1.0f;
  float sum = quartic(z, -0.089251317f, -0.27635863f, 0.66863573f, -0.12604403f, -0.18348593f);
  sum = sum * x + quartic(z, -0.11256494f, 0.55767727f, -0.17879659f, -0.34166989f, 0.089579038f);
  sum = sum * x + quartic(z, 0.10543583f, 0.33804747f, -1.1401527f, 0.2932497f, 0.33238113f);
  sum = sum * x + quartic(z, 0.11615686f, -0.38184628f, 0.062599376f, 0.45153034f, -0.12028497f);
  sum = sum * x + quartic(z, 0.012144266f, -0.21112116f, 0.3275809f, -0.092076123f, -0.19881961f);
  sum = sum * x + quartic(z, 0.26183182f, 0.05826607f, -0.09288945f, -0.10912361f, 0.070853353f);
  sum = sum * x + quartic(z, 0.32550272f, 0.28231636f, -0.0077774664f, -0.059796471f, 0.058898084f);
  return clamp_f(t * (1.0f - s * (1.0f - alpha)) * sum, 0.0f, 1.0f);
}

// The mean of facets_keep over uniform light.
PLOT_FN float facets_keep_on_average(float alpha) {
  const float r = sqrt_f(alpha);
  const float fit = quartic(r, 0.3594494f, 1.724674f, -21.57139f, 87.56688f, -152.5922f) +
                    r * r * r * r * r * (124.5839f - 38.38818f * r);
  return alpha * alpha / fit;
}

struct ReflectiveMaterial {
  static constexpr MaterialKind kKind = MaterialKind::Reflective;

  PLOT_FN void prepare(Bsdf& bsdf) {
    const Float3 c = bsdf.color;
    bsdf.color = {min_f(c.x, 1.0f), min_f(c.y, 1.0f), min_f(c.z, 1.0f)};
    const float alpha = sqr(min_f(bsdf.roughness, 1.0f));
    bsdf.roughness = alpha < kLeastAlpha ? 0.0f : alpha;
    bsdf.flags = alpha < kLeastAlpha ? kScatters | kSpecular : kScatters;
  }

  PLOT_FN Float3 emitted(const Bsdf&, Float3) { return splat(0.0f); }

  // `cosine`: between a direction and the facet's normal.
  PLOT_FN Float3 fresnel(Float3 color, float cosine) {
    const float m = clamp_f(1.0f - cosine, 0.0f, 1.0f), m2 = m * m;
    return color + (splat(1.0f) - color) * (m2 * m2 * m);
  }

  // Density of facets with the normal `half`.
  PLOT_FN float facets(float alpha, Float3 normal, Float3 half) {
    const Float3 across = cross(normal, half);
    const float along = dot(normal, half), a2 = alpha * alpha;
    // The sine from a cross product keeps its digits where the lobe is narrow.
    return a2 / (kPi * sqr(dot(across, across) + a2 * along * along));
  }

  PLOT_FN Float3 eval(const Bsdf& bsdf, Float3 in, Float3 out) {
    const float alpha = bsdf.roughness, a2 = alpha * alpha;
    const float cos_in = dot(bsdf.normal, in), cos_out = dot(bsdf.normal, out);
    if (!(cos_in > 0.0f) || !(cos_out > 0.0f) || alpha == 0.0f) return splat(0.0f);
    const Float3 half = normalize(in + out);
    const float visible = 0.5f / (cos_out * sqrt_f(a2 + (1.0f - a2) * cos_in * cos_in) +
                                  cos_in * sqrt_f(a2 + (1.0f - a2) * cos_out * cos_out));
    const Float3 once = fresnel(bsdf.color, dot(half, out)) * (facets(alpha, bsdf.normal, half) * visible);
    // Mean of the Fresnel term, and of what leaves after several bounces: a geometric series.
    const Float3 mean = bsdf.color + (splat(1.0f) - bsdf.color) * (1.0f / 21.0f);
    const float kept = facets_keep_on_average(alpha);
    const Float3 tint = {series(mean.x, kept), series(mean.y, kept), series(mean.z, kept)};
    const float more = facets_keep(cos_in, alpha) * facets_keep(cos_out, alpha) / (kPi * kept);
    return (once + tint * more) * cos_in;
  }

  PLOT_FN float series(float mean, float kept) { return mean * mean * (1.0f - kept) / (1.0f - mean * kept); }

  // Density of the lobe of a single bounce.
  PLOT_FN float facet_pdf(const Bsdf& bsdf, Float3 in, Float3 out, float cos_out) {
    const float alpha = bsdf.roughness, a2 = alpha * alpha;
    const float side = safe_sqrt(1.0f - cos_out * cos_out), s = 1.0f + side;
    const float k = (1.0f - a2) * s * s / (s * s + a2 * cos_out * cos_out);
    const float length = sqrt_f(a2 * side * side + cos_out * cos_out);
    return facets(alpha, bsdf.normal, normalize(in + out)) / (2.0f * (k * cos_out + length));
  }

  PLOT_FN float pdf(const Bsdf& bsdf, Float3 in, Float3 out) {
    const float cos_in = dot(bsdf.normal, in), cos_out = dot(bsdf.normal, out);
    if (!(cos_in > 0.0f) || !(cos_out > 0.0f) || bsdf.roughness == 0.0f) return 0.0f;
    const float several = facets_keep(cos_out, bsdf.roughness);
    return (1.0f - several) * facet_pdf(bsdf, in, out, cos_out) + several * cosine_hemisphere_pdf(cos_in);
  }

  PLOT_FN BsdfSample sample(const Bsdf& bsdf, Float3 out, float lobe, Sample2 u) {
    const float cos_out = dot(bsdf.normal, out), alpha = bsdf.roughness;
    if (!(cos_out > 0.0f)) return kAbsorbed;
    if (alpha == 0.0f) return {bsdf.normal * (2.0f * cos_out) - out, fresnel(bsdf.color, cos_out), 1.0f, kDelta};
    const Frame frame = make_frame(bsdf.normal);
    Float3 local;
    if (lobe < facets_keep(cos_out, alpha)) {
      local = sample_cosine_hemisphere(u);
    } else {
      const Float3 o = to_local(frame, out);
      const Float3 stretched = normalize(Float3{alpha * o.x, alpha * o.y, o.z});
      const float s = 1.0f + sqrt_f(o.x * o.x + o.y * o.y), a2 = alpha * alpha;
      const float k = (1.0f - a2) * s * s / (s * s + a2 * o.z * o.z);
      const float lowest = k * stretched.z;
      const float z = (1.0f - u.y) * (1.0f + lowest) - lowest;
      const float r = safe_sqrt(1.0f - z * z);
      const SinCos turn = sincos_f(2.0f * kPi * u.x);
      const Float3 h = stretched + Float3{r * turn.cos, r * turn.sin, z};
      const Float3 facet = normalize(Float3{alpha * h.x, alpha * h.y, h.z});
      local = facet * (2.0f * dot(facet, o)) - o;
    }
    const Float3 dir = to_world(frame, local);
    const float density = pdf(bsdf, dir, out);
    if (!(density > 0.0f)) return kAbsorbed;
    return {dir, eval(bsdf, dir, out) * (1.0f / density), density, 0};
  }
};

}  // namespace PLOT_VARIANT
