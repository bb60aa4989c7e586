// The stages of post-processing that work on single pixels. Each has a header of its own and a line here; what its
// values are is written in src/scene/postproc.rs.
#pragma once

#include "gamma.h"

namespace PLOT_VARIANT {

// StageKind::Name is carried out by `NameStage`, which has
//   static Float3 apply(const StageData& stage, Float3 rgb, uint32_t x, uint32_t y);   the pixel (x, y) from the top left
#define PLOT_STAGES(stage) \
  stage(Gamma)

// Calls visit(NameStage()) for a kind.
template <class Visit>
PLOT_FN void with_stage(uint32_t kind, const Visit& visit) {
  switch ((StageKind)kind) {
#define PLOT_STAGE(name) \
  case StageKind::name:  \
    visit(name##Stage()); \
    break;
    PLOT_STAGES(PLOT_STAGE)
#undef PLOT_STAGE
  }
}

// A visitor that applies a stage to the colour of a pixel. (NVRTC has no lambdas with `auto` parameters for devices.)
struct StageOfPixel {
  const StageData& data;
  Float3& rgb;
  uint32_t x, y;
  template <class Stage>
  PLOT_METHOD void operator()(Stage) const {
    rgb = Stage::apply(data, rgb, x, y);
  }
};

// Applies stages in order to the colour of a pixel.
PLOT_FN Float3 apply_stages(const StageData* stages, uint32_t count, Float3 rgb, uint32_t x, uint32_t y) {
  for (uint32_t i = 0; i < count; i++) {
    with_stage(stages[i].kind, StageOfPixel{stages[i], rgb, x, y});
  }
  return rgb;
}

}  // namespace PLOT_VARIANT
