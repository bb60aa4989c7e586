// Levels: black and white points of each channel.
#pragma once

#include "../core/vec.h"
#include "../layout.h"

namespace PLOT_VARIANT {

// Values: the RGB that becomes 0, the RGB that becomes 1.
struct LevelsStage {
  static constexpr StageKind kKind = StageKind::Levels;

  PLOT_FN Float3 apply(const StageData& stage, Float3 rgb, uint32_t, uint32_t) {
    const Float3 low = load3(stage.value), high = load3(stage.value + 3);
    return {map(rgb.x, low.x, high.x), map(rgb.y, low.y, high.y), map(rgb.z, low.z, high.z)};
  }
  // Where both are the same, a step.
  PLOT_FN float map(float x, float low, float high) {
    const float range = high - low;
    return range == 0.0f ? (x < low ? 0.0f : 1.0f) : (x - low) / range;
  }
};

}  // namespace PLOT_VARIANT
