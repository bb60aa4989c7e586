// The tile loop: pixels and samples of a tile through the path loop into the film.
#pragma once

#include "../camera/camera.h"
#include "../path.h"
#include "table.h"

namespace PLOT_VARIANT {

// Counts what the path loop asks of a tracer.
template <class Tracer>
struct CountingTracer {
  const Tracer& tracer;
  uint64_t& rays;

  PLOT_METHOD Hit closest(const Ray& ray, float tmax) const {
    rays++;
    return tracer.closest(ray, tmax);
  }
  PLOT_METHOD bool occluded(const Ray& ray, float tmax) const {
    rays++;
    return tracer.occluded(ray, tmax);
  }
};

// Another thread writes the flag; a volatile read is all that is needed to see that some time later.
PLOT_FN bool is_cancelled(const uint32_t* cancel) { return *(const volatile uint32_t*)cancel != 0; }

// Adds the samples of the job to the film. Returns 0 when it was cancelled, and then leaves the tile half done.
// A pixel's samples are added one by one and in order: sums don't depend on how passes are cut into jobs.
template <LightStrategy strategy, class Tracer>
PLOT_FN uint32_t trace_tile(TraceJob* job, const Tracer& tracer) {
  const SceneData& scene = *job->scene;
  const Tile tile = job->tile;
  uint64_t rays = 0;
  const CountingTracer<Tracer> counting = {tracer, rays};
  for (uint32_t y = tile.y0; y < tile.y1; y++) {
    if (is_cancelled(job->cancel)) return 0;
    for (uint32_t x = tile.x0; x < tile.x1; x++) {
      const uint32_t seed = pixel_seed(scene.seed, x, y);
      for (uint32_t k = 0; k < job->sample_count; k++) {
        const uint32_t index = reverse_bits(job->first_sample + k);
        const Ray ray = camera_ray(scene, x, y, seed, index);
        const LightHit light = nearest_light(scene, ray);
        const Hit hit = counting.closest(ray, light.t);
        const PathSample sample = follow_path<strategy>(scene, counting, ray, hit, light, seed, index);
        accumulate(job->film, (uint64_t)y * scene.width + x, sample);
      }
    }
  }
  job->rays = rays;
  return 1;
}

}  // namespace PLOT_VARIANT
