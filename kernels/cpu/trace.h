// The tile loop: pixels and samples of a tile through the path loop into the film.
#pragma once

#include "../camera/camera.h"
#include "../path.h"
#include "cancel.h"
#include "table.h"

namespace PLOT_VARIANT {

// Counts what the path loop asks of a tracer, which here has one more function: closest_run(rays, tmax, hits), for
// kRun camera rays at once.
template <class Tracer>
struct CountingTracer {
  const Tracer& tracer;
  uint64_t& rays;

  PLOT_METHOD Hit closest(const Ray& ray, float tmax) const {
    rays++;
    return tracer.closest(ray, tmax);
  }
  PLOT_METHOD void closest_run(const Ray* run, const float* tmax, uint32_t count, Hit* hits) const {
    rays += count;
    tracer.closest_run(run, tmax, hits);
  }
  PLOT_METHOD bool occluded(const Ray& ray, float tmax) const {
    rays++;
    return tracer.occluded(ray, tmax);
  }
};

// Pixels of a row whose camera rays are made and traced together.
constexpr uint32_t kRun = 8;

// Seeds and places in the pixel of a run of pixels, in a plain loop that compilers turn into SIMD.
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

// Adds the samples of the job to the film. Returns 0 when it was cancelled, and then leaves the tile half done.
// A pixel's samples are added one by one and in order: sums don't depend on how passes are cut into jobs.
template <LightStrategy strategy, class Tracer>
PLOT_FN uint32_t trace_tile(TraceJob* job, const Tracer& tracer) {
  const SceneData& scene = *job->scene;
  const Tile tile = job->tile;
  uint64_t rays = 0;
  const CountingTracer<Tracer> counting = {tracer, rays};
  for (uint32_t y = tile.y0; y < tile.y1; y++) {
    for (uint32_t x0 = tile.x0; x0 < tile.x1; x0 += kRun) {
      const uint32_t count = tile.x1 - x0 < kRun ? tile.x1 - x0 : kRun;
      for (uint32_t k = 0; k < job->sample_count; k++) {
        if (is_cancelled(job->cancel)) return 0;
        const uint32_t index = reverse_bits(job->first_sample + k);
        uint32_t seeds[kRun];
        Sample2 in_pixel[kRun];
        sample_run(scene.seed, x0, y, index, seeds, in_pixel);
        Ray run[kRun];
        LightHit lights[kRun];
        float tmax[kRun];
        Hit hits[kRun];
        // What is beyond the tile repeats its last pixel.
        for (uint32_t i = 0; i < kRun; i++) {
          const uint32_t p = i < count ? i : count - 1;
          run[i] = camera_ray(scene, x0 + p, y, in_pixel[p], seeds[p], index);
          lights[i] = nearest_light(scene, run[i]);
          tmax[i] = lights[i].t;
        }
        counting.closest_run(run, tmax, count, hits);
        for (uint32_t i = 0; i < count; i++) {
          // Where a ray may meet a million primitives, a run of paths takes longer than a cancel may.
          if (is_cancelled(job->cancel)) return 0;
          const PathSample sample =
              follow_path<strategy>(scene, counting, run[i], hits[i], lights[i], seeds[i], index);
          accumulate(job->film, (uint64_t)y * scene.width + x0 + i, sample);
        }
      }
    }
  }
  job->rays = rays;
  return 1;
}

}  // namespace PLOT_VARIANT
