// The probes as a table for Rust.
#pragma once

#include "../probe.h"

namespace PLOT_VARIANT {

// Applies `one` to each item.
template <uint32_t inputs, uint32_t outputs, void (*one)(const SceneData*, const float*, float*)>
static void probe_each(const SceneData* scene, const float* in, float* out, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) one(scene, in + (size_t)i * inputs, out + (size_t)i * outputs);
}

#define PLOT_PROBE(name, inputs, outputs) {#name, inputs, outputs, probe_each<inputs, outputs, probe_##name>},
#define PLOT_SHAPE_PROBE(S) PLOT_PROBE(shape_##S, 32, 4)
static constexpr Probe kProbes[] = {PLOT_PROBES(PLOT_PROBE) PLOT_SHAPES(PLOT_SHAPE_PROBE)};
#undef PLOT_SHAPE_PROBE
#undef PLOT_PROBE
static constexpr uint32_t kProbeCount = sizeof kProbes / sizeof kProbes[0];

}  // namespace PLOT_VARIANT
