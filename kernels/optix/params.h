// Arguments of the GPU's programs and kernels, beyond layout.h: plain data, filled by Rust (src/device/optix).
// All pointers are to device memory.
#pragma once

#include "../layout.h"

// `params`, the launch parameters of every OptiX program; the constant has this name in every module.
//
// Threads take pieces of work until none is left, so a launch is one-dimensional and as wide as the number of threads
// that the GPU runs at once, whatever the size of the tile: kThreads for each multiprocessor are sufficient for all.
//
// In the scene, `accel` is the handle of a traversable: of the structure over the instances, in which index i is
// instance i of the scene; or, if the scene has one instance whose transform is the identity, of the geometry itself,
// which is faster. Each geometry's `accel` points to its primitives as prepare_geometry packs them.
struct LaunchParams {
  SceneData scene;
  FilmData film;
  Tile tile;
  uint32_t first_sample;  // index of the first pass, from 0
  uint32_t sample_count;
  uint32_t* next;  // index of the next piece of work: 0 when the launch begins
  // Slots of samples that wait to be added to the film, four floats for each plane that the film has: the first plane
  // of the first pass for all pixels of the image, then of the second, and so on, then the next plane. Null: samples are
  // added at once, and a piece of work is all samples of a pixel instead of one.
  float* slots;
};
enum ThreadCount : uint32_t { kThreads = 2048 };

// `params` of intersect.cu, which is its own pipeline. A launch is as wide as there are rays.
struct IntersectParams {
  SceneData scene;
  const float* rays;  // kRayFloats each: origin, direction, maximum distance
  void* hits;         // one Hit each (core/hit.h)
  uint32_t any;       // 1: any hit will do, not the nearest
  uint32_t pad;
};

// Data of a hit group's record in the shader binding table: one record per geometry, and the record's index is the
// `sbtOffset` of the geometry's instances. The header before it takes 32 bytes.
struct HitGroupData {
  const void* primitives;  // the geometry's `accel`
};

enum PackedFloats : uint32_t {
  // An axis-aligned box in the format of acceleration structures: lo.x, lo.y, lo.z, hi.x, hi.y, hi.z. All are NaN for a
  // primitive that cannot be hit.
  kBoundsFloats = 6,
  // A packed primitive. Sphere: centre, radius. Others: their edge frame, which is the corner and three rows.
  kSphereFloats = 4,
  kFrameFloats = 12,
  // A ray of IntersectParams.
  kRayFloats = 7,
  // A pixel of the denoiser's scratch space.
  kDenoiseFloats = 18,
};

// The kernel prepare_geometry, one thread per primitive: packs the primitives and computes their bounds.
struct PrepareJob {
  GeometryData geometry;  // `accel` is not read
  float* primitives;      // aligned to 16 bytes; may be the buffer of geometry.pos if the stride is kSphereFloats
  float* bounds;          // kBoundsFloats each
};

// The kernels that develop the film, one thread per pixel: see film.cu.
struct DevelopJob {
  FilmData film;
  FilmData aside;         // sums of earlier blocks of samples; null pointers: none
  float* linear;          // RGB, interleaved
  uint8_t* rgba;          // 8 bits a channel, opaque
  float* scratch;         // kDenoiseFloats a pixel, aligned to 16 bytes; for the denoiser
  double* noise;          // one per block of develop_mean; the first is the sum after sum_noise
  uint32_t width, height;
  uint32_t passes;        // in film and aside together, at least 1
  uint32_t tonemapped;    // 0: clamp only
  float exposure;
  float inverse_gamma;
  float blend;            // share of the means in the denoised image, in [0, 1)
  uint32_t pad;
};

// The kernel denoise_flow, one thread per pixel: where pixels were in the previous image.
struct FlowJob {
  CameraData now, before;
  float* flow;   // 2 per pixel: see film/flow.h
  float* trust;  // how far the flow can be trusted, in [0, 1]
  uint32_t still;  // only the camera has changed; otherwise the flow is not trusted at all
  uint32_t pad;
};

// Threads of a block, in all kernels that are not OptiX programs; blocks and grids are one-dimensional.
enum BlockSize : uint32_t { kBlock = 256 };
