// Tone mapping: exposure and gamma.
#pragma once

#include "../core/pow.h"
#include "display.h"

namespace PLOT_VARIANT {

// Values: exposure, 1 / gamma.
struct GammaStage {
  static constexpr StageKind kKind = StageKind::Gamma;

  // Linear radiance to display values in [0, 1]: (exposure * x)^(1 / gamma).
  PLOT_FN Float3 apply(const StageData& stage, Float3 rgb, uint32_t, uint32_t) {
    return {map(stage, rgb.x), map(stage, rgb.y), map(stage, rgb.z)};
  }
  PLOT_FN float map(const StageData& stage, float x) {
    return clamp_unit(pow_positive(clamp_unit(stage.value[0] * x), stage.value[1]));
  }
};

}  // namespace PLOT_VARIANT
