// The probes of kernels/probe.h as CUDA kernels of the same names, one thread per item, for the tests.
// nvrtc: --use_fast_math

#include "../probe.h"

#define PLOT_PROBE(name, inputs, outputs)                                                                              \
  extern "C" __global__ void probe_##name(SceneData scene, const float* in, float* out, uint32_t count) {     \
    const uint32_t i = blockIdx.x * kBlock + threadIdx.x;                                                              \
    if (i < count) PLOT_VARIANT::probe_##name(&scene, in + (uint64_t)i * inputs, out + (uint64_t)i * outputs);                       \
  }
PLOT_PROBES(PLOT_PROBE)
#define PLOT_SHAPE_PROBE(S) PLOT_PROBE(shape_##S, 32, 4)
PLOT_SHAPES(PLOT_SHAPE_PROBE)
