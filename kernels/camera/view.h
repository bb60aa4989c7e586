// What cameras have in common. A camera type (pinhole.h, thin_lens.h, ...) has these static functions, in which x and y,
// in [-1, 1], go from the left to the right and from the bottom to the top edge of the image:
//
//   Ray ray(camera, x, y, lens)                     the ray of a sample
//   float depth(camera, point)                      depth of a point in the auxiliary buffers
//   Float3 point_in_view(camera, x, y, depth)       the point at a depth that is seen at (x, y)
//   Projection project(camera, point)               where a point is seen
//
// The last two are for the optical flow (film/flow.h); a lens counts as a point there. A camera that cannot tell where a
// point is seen answers kNoProjection, and has no flow.
#pragma once

#include "../core/hit.h"
#include "../core/sampler.h"

namespace PLOT_VARIANT {

// The sample for the point on the lens, drawn where a camera has one.
struct LensSample {
  uint32_t seed, reversed_index;

  PLOT_METHOD Sample2 draw() const { return sample_2d(seed, kDecideLens, reversed_index); }
};

struct Projection {
  float x, y;
  bool in_front;  // false: the point is seen nowhere
};

// The answer of a camera that cannot tell where a point is seen.
constexpr Projection kNoProjection = {0.0f, 0.0f, false};

}  // namespace PLOT_VARIANT
