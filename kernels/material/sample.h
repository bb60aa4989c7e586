// What materials have in common. A material type (flat.h, diffuse.h, ...) has these static functions; directions are unit
// and leave the surface:
//
//   void prepare(bsdf)                          sets the flags, and converts the values to those of the model
//   Float3 emitted(bsdf, out)                   radiance that leaves to `out` by itself
//   Float3 eval(bsdf, in, out)                  light scattered from `in` to `out`, times the cosine of `in`
//   float pdf(bsdf, in, out)                    density by solid angle of sampling `in`
//   BsdfSample sample(bsdf, out, lobe, u)       a direction that light is scattered from; `lobe` and `u` are uniform
#pragma once

#include "../core/surface.h"
#include "../core/warp.h"

namespace PLOT_VARIANT {

// Bits of Bsdf::flags.
constexpr uint32_t kEmits = 1;      // it emits light
constexpr uint32_t kScatters = 2;   // the path may go on
constexpr uint32_t kSpecular = 4;   // it scatters into single directions only: no light can be sampled

// A material at a point of a surface.
struct Bsdf {
  uint32_t kind;    // MaterialKind
  uint32_t flags;
  Float3 normal;    // for shading, on the side of `out`
  Float3 color;
  float roughness;
};

// Bits of BsdfSample::flags.
constexpr uint32_t kDelta = 1;        // the direction is the only one: hits of lights along it count fully
constexpr uint32_t kTransmitted = 2;  // it goes to the other side of the surface

struct BsdfSample {
  Float3 dir;
  Float3 weight;   // scattering function times cosine, divided by the density
  float pdf;       // by solid angle; of a delta lobe, any positive number; 0: absorbed
  uint32_t flags;
};

constexpr BsdfSample kAbsorbed = {{0.0f, 0.0f, 0.0f}, {0.0f, 0.0f, 0.0f}, 0.0f, 0};

// A material that ends paths and shows light of its own.
struct Luminous {
  PLOT_FN void prepare(Bsdf& bsdf) { bsdf.flags = kEmits; }
  PLOT_FN Float3 eval(const Bsdf&, Float3, Float3) { return splat(0.0f); }
  PLOT_FN float pdf(const Bsdf&, Float3, Float3) { return 0.0f; }
  PLOT_FN BsdfSample sample(const Bsdf&, Float3, float, Sample2) { return kAbsorbed; }
};

}  // namespace PLOT_VARIANT
