// The denoiser on the CPU: planes of the film, filtered eight pixels at a time. The arithmetic is in film/denoise.h.
//
// The sums of a strip of rows become planes of means, which go through the stages; each of these reads some rows more
// of the previous one on either side. Strips are processed in parallel and share nothing, so the threads cannot change
// the result, and a large image needs no more memory than its strips in work.
#pragma once

#include "../film/denoise.h"
#include "../film/noise.h"
#include "../film/planes.h"
#include "cancel.h"
#include "simd.h"

namespace PLOT_VARIANT {

enum DenoisePlane : uint32_t {
  kRed,  // radiance divided by albedo
  kGreen,
  kBlue,
  kLuminance,  // luminance of those
  kVarianceRaw,
  kVarianceMean,
  kGuideLuminance,
  kGuideVariance,
  kNormalX,
  kNormalY,
  kNormalZ,
  kNormalVariance,
  kCoverage,
  kDepth,
  kAlbedoRed,
  kAlbedoGreen,
  kAlbedoBlue,
  kSlopeX,
  kSlopeY,
  kInverseSquare,
  kDenoisePlanes
};

// Rows beyond the strip on which each stage works.
constexpr int kGuideReach = kFilterRadius;
constexpr int kVarianceReach = kGuideReach + kSmallRadius;
constexpr int kPrepareReach = kVarianceReach + kSmallRadius;
// Columns beside the image, with pixels that are similar to no other, so that the filter needs no test for the border;
// on the right also the rest of the last eight.
constexpr uint32_t kBorder = 8;
constexpr float kOutside = -1e3f;  // coverage of those pixels

static_assert(kFilterRadius <= (int)kBorder, "the border is as wide as the filter");

PLOT_FN uint32_t denoise_stride(uint32_t width) { return (width + kLanes - 1) / kLanes * kLanes + 2 * kBorder; }

// Floats that the planes of a strip take.
static uint64_t denoise_scratch(uint32_t width, uint32_t rows) {
  return (uint64_t)kDenoisePlanes * denoise_stride(width) * (rows + 2 * kPrepareReach) + kLanes;
}

// The planes of the strip of rows from `begin` on. Coordinates are those of the image.
struct DenoisePlanes {
  float* origin;
  int64_t stride, size;

  DenoisePlanes(float* scratch, uint32_t width, int64_t begin, int64_t end)
      : stride(denoise_stride(width)), size(stride * (end - begin + 2 * kPrepareReach)) {
    const uintptr_t lanes = kLanes * sizeof(float), misaligned = (uintptr_t)scratch % lanes;
    if (misaligned != 0) scratch += (lanes - misaligned) / sizeof(float);
    origin = scratch + (kPrepareReach - begin) * stride + kBorder;
  }
  PLOT_METHOD float* at(uint32_t plane, int64_t x, int64_t y) const {
    return origin + (int64_t)plane * size + y * stride + x;
  }
};

PLOT_FN Guide<Float8> load_guide(const DenoisePlanes& planes, const float* first) {
  const auto plane = [&](uint32_t index) { return load8_anywhere(first + (int64_t)index * planes.size); };
  return {plane(kNormalX), plane(kNormalY), plane(kNormalZ),    plane(kNormalVariance), plane(kCoverage),
          plane(kDepth),   plane(kAlbedoRed), plane(kAlbedoGreen), plane(kAlbedoBlue)};
}

PLOT_FN DepthPlane<Float8> load_depth_plane(const DenoisePlanes& planes, const float* first) {
  const auto plane = [&](uint32_t index) { return load8_anywhere(first + (int64_t)index * planes.size); };
  return {plane(kSlopeX), plane(kSlopeY), plane(kInverseSquare)};
}

static void prepare_planes(const DenoiseJob& job, const DenoisePlanes& planes, uint32_t x, uint32_t y) {
  const uint64_t pixel = 4 * ((uint64_t)y * job.width + x);
  const DenoisePixel p =
      prepare_pixel(plane_of(job.film, Plane::Radiance) + pixel, plane_of(job.film, Plane::Albedo) + pixel,
                    plane_of(job.film, Plane::Normal) + pixel, (float)job.passes);
  float* out = planes.at(0, x, y);
  const auto set = [&](uint32_t plane, float value) { out[(int64_t)plane * planes.size] = value; };
  set(kRed, p.light.x);
  set(kGreen, p.light.y);
  set(kBlue, p.light.z);
  set(kLuminance, p.luminance);
  set(kVarianceRaw, p.variance);
  set(kNormalX, p.guide.nx);
  set(kNormalY, p.guide.ny);
  set(kNormalZ, p.guide.nz);
  set(kNormalVariance, p.guide.normal_variance);
  set(kCoverage, p.guide.coverage);
  set(kDepth, p.guide.depth);
  set(kAlbedoRed, p.guide.r);
  set(kAlbedoGreen, p.guide.g);
  set(kAlbedoBlue, p.guide.b);
}

// `y` may be outside of the image.
static void prepare_row(const DenoiseJob& job, const DenoisePlanes& planes, int64_t y) {
  const bool inside = y >= 0 && y < (int64_t)job.height;
  const int64_t first = -(int64_t)kBorder, end = first + planes.stride;
  for (uint32_t plane = 0; plane < kDenoisePlanes; ++plane) {
    const float value = plane == kCoverage ? kOutside : 0.0f;
    float* out = planes.at(plane, 0, y);
    for (int64_t x = first; x < (inside ? 0 : end); ++x) out[x] = value;
    if (inside) {
      for (int64_t x = job.width; x < end; ++x) out[x] = value;
    }
  }
  if (!inside) return;
  for (uint32_t x = 0; x < job.width; ++x) prepare_planes(job, planes, x, (uint32_t)y);
}

// Calls visit(q, dx, dy) for the neighbours of the eight pixels at `p` in a square, but not for the pixels themselves.
template <int radius, class Visit>
PLOT_FN void for_neighbours(const DenoisePlanes& planes, const float* p, Visit visit) {
  for (int dy = -radius; dy <= radius; ++dy) {
    for (int dx = -radius; dx <= radius; ++dx) {
      if (dx == 0 && dy == 0) continue;
      visit(p + dy * planes.stride + dx, Float8((float)dx), Float8((float)dy));
    }
  }
}

// Whether eight pixels all show only the background, without noise: filtering would not change them.
PLOT_FN bool all_clear(const DenoisePlanes& planes, const float* p) {
  const Float8 hits = load8_anywhere(p + kCoverage * planes.size);
  const Float8 noise = load8_anywhere(p + kVarianceRaw * planes.size);
  return bits_of(max_of(hits, noise) <= Float8(0.0f)) == 0xffu;
}

static void variance_row(const DenoiseJob& job, const DenoisePlanes& planes, int64_t y) {
  for (uint32_t x = 0; x < job.width; x += kLanes) {
    float* p = planes.at(0, x, y);
    const auto plane = [&](uint32_t index, int64_t offset) {
      return load8_anywhere(p + (int64_t)index * planes.size + offset);
    };
    const DepthPlane<Float8> depths = depth_plane(plane(kDepth, 0), plane(kDepth, -1), plane(kDepth, 1),
                                                  plane(kDepth, -planes.stride), plane(kDepth, planes.stride));
    store8(p + kSlopeX * planes.size, depths.dx);
    store8(p + kSlopeY * planes.size, depths.dy);
    store8(p + kInverseSquare * planes.size, depths.inverse_square);

    if (all_clear(planes, p)) {
      store8(p + kVarianceMean * planes.size, Float8(0.0f));
      continue;
    }
    const Guide<Float8> guide = load_guide(planes, p);
    Float8 sum = plane(kVarianceRaw, 0), weights = 1.0f;
    for_neighbours<kSmallRadius>(planes, p, [&](const float* q, Float8 dx, Float8 dy) {
      const Float8 w = guide_weight(guide, depths, load_guide(planes, q), dx, dy);
      sum = sum + w * load8_anywhere(q + kVarianceRaw * planes.size);
      weights = weights + w;
    });
    store8(p + kVarianceMean * planes.size, sum / weights);
  }
}

static void guide_row(const DenoiseJob& job, const DenoisePlanes& planes, int64_t y) {
  for (uint32_t x = 0; x < job.width; x += kLanes) {
    float* p = planes.at(0, x, y);
    const Float8 l = load8_anywhere(p + kLuminance * planes.size);
    if (all_clear(planes, p)) {
      store8(p + kGuideLuminance * planes.size, l);
      store8(p + kGuideVariance * planes.size, Float8(0.0f));
      continue;
    }
    const Guide<Float8> guide = load_guide(planes, p);
    const DepthPlane<Float8> depths = load_depth_plane(planes, p);
    const Float8 variance = load8_anywhere(p + kVarianceMean * planes.size);
    Float8 sum = l, variances = variance, weights = 1.0f;
    for_neighbours<kSmallRadius>(planes, p, [&](const float* q, Float8 dx, Float8 dy) {
      const Float8 ql = load8_anywhere(q + kLuminance * planes.size);
      const Float8 q_variance = load8_anywhere(q + kVarianceMean * planes.size);
      const Fraction<Float8> light = luminance_distance<Float8>(l, variance, ql, q_variance, kGuideTolerance);
      const Float8 w = joint_weight(guide, depths, load_guide(planes, q), dx, dy, light);
      sum = sum + w * ql;
      variances = variances + w * w * q_variance;
      weights = weights + w;
    });
    store8(p + kGuideLuminance * planes.size, sum / weights);
    store8(p + kGuideVariance * planes.size, variances / (weights * weights));
  }
}

static void filter_row(const DenoiseJob& job, const DenoisePlanes& planes, int64_t y) {
  for (uint32_t x = 0; x < job.width; x += kLanes) {
    const float* p = planes.at(0, x, y);
    if (all_clear(planes, p)) continue;
    const Guide<Float8> guide = load_guide(planes, p);
    const DepthPlane<Float8> depths = load_depth_plane(planes, p);
    const Float8 l = load8_anywhere(p + kGuideLuminance * planes.size);
    const Float8 variance = load8_anywhere(p + kGuideVariance * planes.size);
    Float8 r = load8_anywhere(p + kRed * planes.size);
    Float8 g = load8_anywhere(p + kGreen * planes.size);
    Float8 b = load8_anywhere(p + kBlue * planes.size);
    Float8 weights = 1.0f;
    for_neighbours<kFilterRadius>(planes, p, [&](const float* q, Float8 dx, Float8 dy) {
      const Fraction<Float8> light =
          luminance_distance<Float8>(l, variance, load8_anywhere(q + kGuideLuminance * planes.size),
                                     load8_anywhere(q + kGuideVariance * planes.size), kFilterTolerance);
      const Float8 w = joint_weight(guide, depths, load_guide(planes, q), dx, dy, light);
      r = r + w * load8_anywhere(q + kRed * planes.size);
      g = g + w * load8_anywhere(q + kGreen * planes.size);
      b = b + w * load8_anywhere(q + kBlue * planes.size);
      weights = weights + w;
    });
    alignas(32) float out[3][kLanes];
    store8(out[0], r / weights * max_of(guide.r, Float8(kLeastAlbedo)));
    store8(out[1], g / weights * max_of(guide.g, Float8(kLeastAlbedo)));
    store8(out[2], b / weights * max_of(guide.b, Float8(kLeastAlbedo)));
    for (uint32_t i = 0; i < kLanes && x + i < job.width; ++i) {
      float* pixel = job.linear + 3 * ((uint64_t)y * job.width + x + i);
      for (uint32_t c = 0; c < 3; ++c) {
        pixel[c] = job.blend == 0.0f ? out[c][i] : out[c][i] + job.blend * (pixel[c] - out[c][i]);
      }
    }
  }
}

// Denoises the rows begin <= y < end; `scratch` holds denoise_scratch(width, end - begin) floats.
static void denoise_rows(const DenoiseJob* job, float* scratch, uint32_t begin, uint32_t end) {
  const DenoisePlanes planes(scratch, job->width, begin, end);
  const auto rows = [&](int reach, void (*work)(const DenoiseJob&, const DenoisePlanes&, int64_t)) {
    const int64_t first = (int64_t)begin - reach, last = (int64_t)end + reach;
    for (int64_t y = first > 0 ? first : 0; y < last && y < (int64_t)job->height; ++y) {
      if (is_cancelled(job->cancel)) return;
      work(*job, planes, y);
    }
  };
  for (int64_t y = (int64_t)begin - kPrepareReach; y < (int64_t)end + kPrepareReach; ++y) {
    if (is_cancelled(job->cancel)) return;
    prepare_row(*job, planes, y);
  }
  rows(kVarianceReach, variance_row);
  rows(kGuideReach, guide_row);
  rows(0, filter_row);
}

}  // namespace PLOT_VARIANT
