// The tile loop: traces the samples of a tile's pixels with the path loop and adds them to the film.
#pragma once

#include "../camera/camera.h"
#include "../path.h"
#include "cancel.h"

namespace PLOT_VARIANT {

// Pixels of a row whose camera rays are generated and traced together.
constexpr uint32_t kRun = 8;
// Paths that are followed in parallel, segment by segment: enough to keep the tracer's walkers busy, and few enough to
// stay in a core's caches.
constexpr uint32_t kPaths = 128;

// Seeds of a run of pixels and sample positions in them, in a plain loop that compilers turn into SIMD.
PLOT_FN void sample_run(uint64_t image_seed, uint32_t x, uint32_t y, uint32_t index, uint32_t* seeds,
                        Sample2* in_pixel) {
  float at_x[kRun], at_y[kRun];
  for (uint32_t i = 0; i < kRun; i++) {
    seeds[i] = pixel_seed(image_seed, x + i, y);
    const Sample2 s = sample_2d(seeds[i], kDecidePixel, index);
    at_x[i] = s.x;
    at_y[i] = s.y;
  }
  for (uint32_t i = 0; i < kRun; i++) in_pixel[i] = {at_x[i], at_y[i]};
}

// Paths that are followed together, one sample of one pixel each. A tracer here has, with the semantics of core/hit.h,
//   void closest_run(rays, tmax, hits)                for kRun camera rays of neighbours
//   void closest_many(rays, tmax, count, hits)
//   void occluded_many(rays, tmax, count, occluded)   1 or 0 each
template <LightStrategy strategy, class Tracer>
struct PathBatch {
  const SceneData& scene;
  const Tracer& tracer;
  uint32_t count = 0;
  uint64_t rays = 0;
  uint64_t pixels[kPaths];
  Path paths[kPaths];
  // Rays for the tracer, and its results.
  Ray asked[kPaths];
  float tmax[kPaths];
  Hit hits[kPaths];
  uint32_t occluded[kPaths];

  PLOT_METHOD PathBatch(const SceneData& s, const Tracer& t) : scene(s), tracer(t) {}

  // Begins the paths of up to kRun pixels of a row.
  PLOT_METHOD void add_run(uint32_t x, uint32_t y, uint32_t width, uint32_t index) {
    uint32_t seeds[kRun];
    Sample2 in_pixel[kRun];
    sample_run(scene.seed, x, y, index, seeds, in_pixel);
    // Pixels beyond the tile repeat its last pixel.
    Path* const added = paths + count;
    for (uint32_t i = 0; i < kRun; i++) {
      const uint32_t p = i < width ? i : width - 1;
      start_path(added[i], camera_ray(scene, x + p, y, in_pixel[p], seeds[p], index), seeds[p], index);
      aim_segment(scene, added[i]);
      asked[i] = added[i].ray;
      tmax[i] = added[i].tmax;
    }
    tracer.closest_run(asked, tmax, hits + count);
    rays += width;
    for (uint32_t i = 0; i < width; i++, count++) pixels[count] = (uint64_t)y * scene.width + x + i;
  }

  // Follows all paths to their ends. False when it was cancelled.
  PLOT_METHOD bool follow(const uint32_t* cancel) {
    uint8_t alive[kPaths], lit[kPaths];
    uint32_t alive_count = count;
    for (uint32_t i = 0; i < count; i++) alive[i] = (uint8_t)i;
    for (;;) {
      if (is_cancelled(cancel)) return false;
      uint32_t lit_count = 0;
      for (uint32_t k = 0; k < alive_count; k++) {
        Path& path = paths[alive[k]];
        segment_traced<strategy>(scene, path, hits[k]);
        if (path.awaited != Awaited::kShadow) continue;
        lit[lit_count] = alive[k];
        asked[lit_count] = path.ray;
        tmax[lit_count] = path.tmax;
        lit_count++;
      }
      tracer.occluded_many(asked, tmax, lit_count, occluded);
      for (uint32_t k = 0; k < lit_count; k++) shadow_traced(paths[lit[k]], occluded[k] != 0);
      uint32_t going_on = 0;
      for (uint32_t k = 0; k < alive_count; k++) {
        Path& path = paths[alive[k]];
        if (path.awaited != Awaited::kSegment) continue;
        aim_segment(scene, path);
        alive[going_on] = alive[k];
        asked[going_on] = path.ray;
        tmax[going_on] = path.tmax;
        going_on++;
      }
      rays += lit_count + going_on;
      if (going_on == 0) return true;
      if (is_cancelled(cancel)) return false;
      alive_count = going_on;
      tracer.closest_many(asked, tmax, alive_count, hits);
    }
  }
};

// Adds the samples of the job to the film. Returns 0 when it was cancelled, which leaves the tile incomplete. A pixel's
// samples are added one by one and in order: sums don't depend on how passes are divided into jobs.
template <LightStrategy strategy, class Tracer>
PLOT_FN uint32_t trace_tile(TraceJob* job, const Tracer& tracer) {
  const SceneData& scene = *job->scene;
  const Tile tile = job->tile;
  PathBatch<strategy, Tracer> batch(scene, tracer);
  const auto finish = [&] {
    if (!batch.follow(job->cancel)) return false;
    for (uint32_t i = 0; i < batch.count; i++) accumulate(job->film, batch.pixels[i], batch.paths[i].out);
    batch.count = 0;
    return true;
  };
  for (uint32_t k = 0; k < job->sample_count; k++) {
    const uint32_t index = reverse_bits(job->first_sample + k);
    for (uint32_t y = tile.y0; y < tile.y1; y++) {
      for (uint32_t x = tile.x0; x < tile.x1; x += kRun) {
        if (is_cancelled(job->cancel)) return 0;
        const uint32_t width = tile.x1 - x < kRun ? tile.x1 - x : kRun;
        batch.add_run(x, y, width, index);
        if (batch.count + kRun > kPaths && !finish()) return 0;
      }
    }
  }
  if (!finish()) return 0;
  job->rays = batch.rays;
  return 1;
}

}  // namespace PLOT_VARIANT
