// Cosine: shows its colour times the cosine between view and normal; ends the path.
#pragma once

#include "sample.h"

namespace PLOT_VARIANT {

struct CosineMaterial : Luminous {
  static constexpr MaterialKind kKind = MaterialKind::Cosine;

  PLOT_FN Float3 emitted(const Bsdf& bsdf, Float3 out) { return bsdf.color * fabsf(dot(bsdf.normal, out)); }
};

}  // namespace PLOT_VARIANT
