// The stages of post-processing that work on single pixels. Each has a header of its own and a line here; what its
// values are is written in src/scene/postproc.rs.
#pragma once

#include "gamma.h"
#include "levels.h"

namespace PLOT_VARIANT {

// The stage types, one for each StageKind. Each has
//   static constexpr StageKind kKind;
//   static Float3 apply(const StageData& stage, Float3 rgb, uint32_t x, uint32_t y);   pixel (x, y) from the top left
#define PLOT_STAGES(X) \
  X(GammaStage)         \
  X(LevelsStage)

// Calls `visit` with an object of the stage's type.
template <class Visit>
PLOT_FN void with_stage(uint32_t kind, const Visit& visit) {
#define PLOT_CASE(Stage) \
  case Stage::kKind:     \
    return visit(Stage{});
  switch ((StageKind)kind) { PLOT_STAGES(PLOT_CASE) }
#undef PLOT_CASE
  PLOT_UNREACHABLE();
}

// Applies stages in order to the colour of a pixel.
PLOT_FN Float3 apply_stages(const StageData* stages, uint32_t count, Float3 rgb, uint32_t x, uint32_t y) {
  for (uint32_t i = 0; i < count; i++) {
    const StageData& data = stages[i];
    with_stage(data.kind, [&](auto type) PLOT_INLINE { rgb = type.apply(data, rgb, x, y); });
  }
  return rgb;
}

}  // namespace PLOT_VARIANT
