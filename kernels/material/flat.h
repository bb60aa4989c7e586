// Flat: shows its colour, whatever the light; ends the path.
#pragma once

#include "../core/surface.h"

namespace PLOT_VARIANT {

PLOT_FN Float3 flat_radiance(const Surface& s) { return s.color; }

}  // namespace PLOT_VARIANT
