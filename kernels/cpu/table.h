// The functions of one variant of the kernels for Rust (mirrored in src/device/kernels): the structs are plain data,
// and every function can be called from any number of threads at once.
#pragma once

#include "../layout.h"

#include <stddef.h>

// A tile and the passes to trace of it.
struct TraceJob {
  const SceneData* scene;
  FilmData film;
  Tile tile;
  uint32_t first_sample;  // index of the first pass, from 0
  uint32_t sample_count;
  const uint32_t* cancel;  // polled; not 0 means stop
  uint64_t rays;           // out: rays that were traced
};

// Size, alignment and offsets of the fields of one struct, in order of declaration.
struct StructLayout {
  const char* name;
  uint32_t size, alignment;
  const uint32_t* offsets;
  uint32_t offset_count;
};

struct LayoutTable {
  const StructLayout* structs;
  uint32_t count;
};

// Single kernels for the tests. `in` and `out` are arrays of floats; probe.h documents the meaning for each probe.
struct Probe {
  const char* name;
  uint32_t inputs, outputs;  // floats per item
  void (*run)(const SceneData* scene, const float* in, float* out, uint32_t count);
};

struct ProbeTable {
  const Probe* probes;
  uint32_t count;
};

namespace PLOT_VARIANT {

struct DevelopTable;
struct BvhTable;

// All functions of one variant.
struct KernelTable {
  const char* variant;
  LayoutTable layout;
  ProbeTable probes;
  const DevelopTable* develop;
  uint32_t (*trace_tile)(TraceJob* job);
  // For the tests, null without PLOT_TESTING: the brute-force reference, or the fault of kWrongNormals; `strategy` is a
  // LightStrategy.
  uint32_t (*trace_for_tests)(TraceJob* job, uint32_t strategy);
  const BvhTable* bvh;
};

}  // namespace PLOT_VARIANT
