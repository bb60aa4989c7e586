// The similarity of two pixels: the arithmetic of the denoiser.
//
// The denoiser is a joint bilateral filter of the radiance divided by the albedo. The weight of a neighbour depends on
// the similarity of its auxiliary values (normal, coverage, albedo, distance from the plane that the depths span) and
// of its brightness, measured against the variance that the film has estimated: differences within the noise are
// averaged, so that the filter has less effect with more passes. Auxiliary values are means over the samples of a pixel
// and have noise of their own where a pixel mixes surfaces; it is subtracted from their distance, so that pixels on one
// edge are averaged with each other and not with the faces beside it.
//
// P. Bauszat et al., "Guided Image Filtering for Interactive High-quality Global Illumination", EGSR 2011 (auxiliary
// values, division by the albedo); F. Rousselle et al., "Adaptive Rendering with Non-Local Means Filtering", SIGGRAPH
// Asia 2012, and "Robust Denoising using Feature and Color Information", Pacific Graphics 2013 (distances of colours
// and auxiliary values less their variance); C. Schied et al., "Spatiotemporal Variance-Guided Filtering", HPG 2017
// (distance from the plane of the depths, filtered variance).
#pragma once

#include "../core/math.h"
#include "../shape/lane.h"
#include "noise.h"

namespace PLOT_VARIANT {

// Differences that count as one unit of distance; at 8 units the weight of a neighbour is 0.
constexpr float kNormalScale = 0.2f;     // length of the difference of two unit normals
constexpr float kCoverageScale = 0.05f;  // share of the pixel's area
constexpr float kAlbedoScale = 0.1f;     // difference in any channel
constexpr float kDepthScale = 2.0f;      // relative to the change of depth from pixel to pixel
constexpr float kDepthTolerance = 1e-3f;  // relative to the depth, added to that change
// Only a share of the variance of the auxiliary values is subtracted: with all of it the faces beside an edge would be
// averaged in.
constexpr float kGuideVarianceShare = 0.3f;
// Smallest relevant relative difference of luminance: below the steps of 8 bits.
constexpr float kLuminanceTolerance = 1e-3f;
// Smallest albedo to divide by: below, the division would only amplify noise.
constexpr float kLeastAlbedo = 0.01f;
// Values beyond are clamped, so that squares and sums of them stay finite.
constexpr float kLargestRadiance = 1e15f;

// Stages, each of which reads neighbours in a square:
//   variance   the noisy estimate of the variance is averaged over similar neighbours
//   guide      a first, small filter: a less noisy luminance with which the last stage compares pixels
//   filter     the main filter
constexpr int kSmallRadius = 2;   // for the first two stages
constexpr int kFilterRadius = 5;  // for the last stage
// Differences of luminance that count as one unit, in variances.
constexpr float kGuideTolerance = 16.0f;
constexpr float kFilterTolerance = 4.0f;

template <class F>
struct Guide {
  F nx, ny, nz;       // mean normal of the hits
  F normal_variance;  // share of the variance of that mean
  F coverage;         // in [0, 1]
  F depth;            // mean of the hits, 0 without any
  F r, g, b;          // mean albedo of the hits, 1 without any
};

// A pixel as the stages read it, from its sums in the film; all values are finite.
struct DenoisePixel {
  Float3 light;  // radiance divided by albedo
  float luminance, variance;  // of `light`
  Guide<float> guide;
};

PLOT_FN float limited_radiance(float x) { return min_f(max_f(x, 0.0f), kLargestRadiance); }

PLOT_FN Float3 albedo_divisor(Float3 albedo) {
  return {max_f(albedo.x, kLeastAlbedo), max_f(albedo.y, kLeastAlbedo), max_f(albedo.z, kLeastAlbedo)};
}

// `radiance`, `albedo` and `normal`: the 4 sums of each after n passes.
PLOT_FN DenoisePixel prepare_pixel(const float* radiance, const float* albedo, const float* normal, float n) {
  DenoisePixel out;
  const float hits = albedo[3];
  const float per_hit = hits > 0.0f ? 1.0f / hits : 0.0f;
  Float3 color = {1.0f, 1.0f, 1.0f};
  if (hits > 0.0f) color = load3(albedo) * per_hit;
  const Float3 divisor = albedo_divisor(color);
  out.light = {limited_radiance(radiance[0] / n / divisor.x), limited_radiance(radiance[1] / n / divisor.y),
               limited_radiance(radiance[2] / n / divisor.z)};
  out.luminance = luminance(out.light);
  // One pass gives no estimate of the noise: it is assumed to be as large as the value.
  const float divisor_luminance = luminance(divisor);
  const float variance = n < 2.0f ? out.luminance * out.luminance
                                  : variance_of_mean(luminance(load3(radiance)), radiance[3], n) /
                                        (divisor_luminance * divisor_luminance);
  out.variance = min_f(variance, kLargestRadiance * kLargestRadiance);
  const Float3 mean = load3(normal) * per_hit;
  const float scatter = hits > 0.0f ? max_f(1.0f - dot(mean, mean), 0.0f) : 0.0f;
  out.guide = {mean.x,   mean.y,  mean.z,  kGuideVarianceShare * scatter * per_hit, hits / n, normal[3] * per_hit,
               color.x, color.y, color.z};
  return out;
}

// The plane that the depths around a pixel span.
template <class F>
struct DepthPlane {
  F dx, dy;          // change from pixel to pixel
  F inverse_square;  // inverse square of the distance from the plane that counts as one unit
};

template <class F>
struct Fraction {
  F num, den;
};

// A step of depth to one side may be the edge of the surface; the smaller of the two steps is along it.
template <class F>
PLOT_FN F depth_slope(F before, F here, F after) {
  const F a = here - before, b = after - here;
  return select(abs_of(a) < abs_of(b), a, b);
}

template <class F>
PLOT_FN DepthPlane<F> depth_plane(F here, F left, F right, F above, F below) {
  const F dx = depth_slope(left, here, right), dy = depth_slope(above, here, below);
  const F unit = kDepthScale * (abs_of(dx) + abs_of(dy) + kDepthTolerance * abs_of(here)) + 1e-18f;
  return {dx, dy, F(1.0f) / (unit * unit)};
}

// Squared distance of two normals less the part that their noise explains.
template <class F>
PLOT_FN Fraction<F> normal_distance(const Guide<F>& p, const Guide<F>& q) {
  const F x = p.nx - q.nx, y = p.ny - q.ny, z = p.nz - q.nz;
  const F variance = p.normal_variance + q.normal_variance;
  return {max_of(x * x + y * y + z * z - variance, F(0.0f)), kNormalScale * kNormalScale + variance};
}

// Squared distance of q, (x, y) pixels away from p, in the auxiliary values that are taken as exact.
template <class F>
PLOT_FN F exact_distance(const Guide<F>& p, const DepthPlane<F>& plane, const Guide<F>& q, F x, F y) {
  const F off_plane = q.depth - p.depth - plane.dx * x - plane.dy * y;
  const F coverage = p.coverage - q.coverage;
  const F r = p.r - q.r, g = p.g - q.g, b = p.b - q.b;
  return off_plane * off_plane * plane.inverse_square +
         coverage * coverage * (1.0f / (kCoverageScale * kCoverageScale)) +
         (r * r + g * g + b * b) * (1.0f / (kAlbedoScale * kAlbedoScale));
}

// Squared difference of two luminances less the part that their variances explain, in units of `tolerance` variances.
template <class F>
PLOT_FN Fraction<F> luminance_distance(F p, F p_variance, F q, F q_variance, F tolerance) {
  const F difference = p - q;
  const F variance = p_variance + q_variance;
  const F visible = kLuminanceTolerance * p;
  return {max_of(difference * difference - variance, F(0.0f)), tolerance * variance + visible * visible + 1e-30f};
}

// An approximation of e^-distance: falls to exactly 0, and is 0 for NaN.
template <class F>
PLOT_FN F falloff(F distance) {
  const F t = max_of(F(1.0f) - F(0.125f) * distance, F(0.0f));
  const F t2 = t * t;
  const F t4 = t2 * t2;
  return t4 * t4;
}

// Weight of q by its auxiliary values alone.
template <class F>
PLOT_FN F guide_weight(const Guide<F>& p, const DepthPlane<F>& plane, const Guide<F>& q, F x, F y) {
  const Fraction<F> normal = normal_distance(p, q);
  return falloff(exact_distance(p, plane, q, x, y) + normal.num / normal.den);
}

// Weight of q by its auxiliary values and its luminance; one division for both fractions.
template <class F>
PLOT_FN F joint_weight(const Guide<F>& p, const DepthPlane<F>& plane, const Guide<F>& q, F x, F y, Fraction<F> luminance) {
  const Fraction<F> normal = normal_distance(p, q);
  const F fractions =
      (normal.num * luminance.den + luminance.num * normal.den) / (normal.den * luminance.den);
  return falloff(exact_distance(p, plane, q, x, y) + fractions);
}

}  // namespace PLOT_VARIANT
