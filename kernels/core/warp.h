// Maps from the unit square to disks, hemispheres and cones, with their densities.
#pragma once

#include "math.h"
#include "sampler.h"

namespace PLOT_VARIANT {

// Uniform on the unit disk; keeps neighbours together and strata compact.
// P. Shirley and K. Chiu, "A Low Distortion Map Between Disk and Square", JGT 2(3), 1997.
PLOT_FN Sample2 sample_disk(Sample2 u) {
  const float a = 2.0f * u.x - 1.0f, b = 2.0f * u.y - 1.0f;
  const bool wide = fabsf(a) > fabsf(b);
  const float r = wide ? a : b;
  if (r == 0.0f) return {0.0f, 0.0f};
  const float angle = (kPi / 4.0f) * ((wide ? b : a) / r);
  const float s = r * sin_core(angle), c = r * cos_core(angle);
  return wide ? Sample2{c, s} : Sample2{s, c};
}

// Density cos(theta) / pi over the hemisphere around +z.
PLOT_FN Float3 sample_cosine_hemisphere(Sample2 u) {
  const Sample2 d = sample_disk(u);
  return {d.x, d.y, safe_sqrt(1.0f - d.x * d.x - d.y * d.y)};
}
PLOT_FN float cosine_hemisphere_pdf(float cos_theta) { return cos_theta > 0.0f ? cos_theta * kInvPi : 0.0f; }

// Uniform in the cone around +z whose opening is given as 1 - cos(half angle), which keeps small cones exact.
// Density 1 / (2 pi one_minus_cos).
PLOT_FN Float3 sample_cone(Sample2 u, float one_minus_cos) {
  // The disk's squared radius is uniform in [0, 1), so it also gives 1 - cos, scaled; its angle is uniform, too.
  const Sample2 d = sample_disk(u);
  const float r2 = d.x * d.x + d.y * d.y;
  const float h = r2 * one_minus_cos;  // 1 - cos(theta)
  // sin(theta) / r, with sin^2 = h (2 - h).
  const float scale = safe_sqrt(one_minus_cos * (2.0f - h));
  return {d.x * scale, d.y * scale, 1.0f - h};
}
PLOT_FN float cone_pdf(float one_minus_cos) { return 1.0f / (2.0f * kPi * one_minus_cos); }

}  // namespace PLOT_VARIANT
