// Cosine: shows its colour times the cosine between view and normal; ends the path.
#pragma once

#include "../core/surface.h"

namespace PLOT_VARIANT {

PLOT_FN Float3 cosine_radiance(const Surface& s, Float3 ray_dir) { return s.color * fabsf(dot(s.normal, ray_dir)); }

}  // namespace PLOT_VARIANT
