// Flat: shows its colour, whatever the light; ends the path.
#pragma once

#include "sample.h"

namespace PLOT_VARIANT {

struct FlatMaterial : Luminous {
  static constexpr MaterialKind kKind = MaterialKind::Flat;

  PLOT_FN Float3 emitted(const Bsdf& bsdf, Float3) { return bsdf.color; }
};

}  // namespace PLOT_VARIANT
