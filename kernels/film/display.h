// From values in [0, 1] to 8 bits.
#pragma once

#include "../core/math.h"

namespace PLOT_VARIANT {

// Into [0, 1]; NaN becomes 0.
PLOT_FN float clamp_unit(float x) { return min_f(max_f(x, 0.0f), 1.0f); }

// A value in [0, 1] to the nearest of 256 levels.
PLOT_FN uint8_t quantise(float x) { return (uint8_t)(int32_t)(x * 255.0f + 0.5f); }

}  // namespace PLOT_VARIANT
