// The OptiX module: the ray generation program, which is the shared path loop, and the intersection programs.
// nvrtc: --use_fast_math
//
// Fast arithmetic: divisions and roots exact to two units of the last place take 5 to 15 % less time than rounded ones.

#include "../camera/camera.h"
#include "../path.h"
#include "intersection.h"

extern "C" {
__constant__ LaunchParams params;
}

namespace PLOT_VARIANT {

// The samples of a pixel that a thread works on.
struct Work {
  uint32_t x, y;
  uint32_t sample, end;  // the next sample, and the end of the range
};

// Takes the next piece of work; false if none is left. Pixels are assigned in blocks of 8x4, so that threads that begin
// together begin side by side.
PLOT_FN bool take_work(Work& work) {
  const Tile& tile = params.tile;
  const uint32_t width = tile.x1 - tile.x0, height = tile.y1 - tile.y0;
  const uint32_t across = (width + 7) / 8, blocks = across * ((height + 3) / 4);
  const uint32_t rounds = params.slots ? params.sample_count : 1;
  for (;;) {
    const uint32_t n = atomicAdd(params.next, 1u);
    const uint32_t round = n / 32 / blocks, block = n / 32 % blocks;
    if (round >= rounds) return false;
    const uint32_t column = block % across * 8 + n % 8, row = block / across * 4 + n / 8 % 4;
    if (column < width && row < height) {
      work = {tile.x0 + column, tile.y0 + row, round, params.slots ? round + 1 : params.sample_count};
      return true;
    }
  }
}

PLOT_FN uint64_t pixel_of(const Work& work) { return (uint64_t)work.y * params.scene.width + work.x; }

// Keeps the values of a waiting sample for a plane, if the film has that.
PLOT_FN void keep(const Work& work, Plane plane, Float3 xyz, float w) {
  if (!plane_of(params.film, plane)) return;
  const uint64_t pixels = (uint64_t)params.scene.width * params.scene.height;
  const uint64_t row = planes_before(params.film, plane) * (uint64_t)params.sample_count + work.sample;
  ((float4*)params.slots)[row * pixels + pixel_of(work)] = {xyz.x, xyz.y, xyz.z, w};
}

PLOT_FN void keep_guides(const Work& work, const PathSample& s) {
  if (!params.slots) return accumulate_guides(params.film, pixel_of(work), s);
  keep(work, Plane::Albedo, s.albedo, s.coverage);
  keep(work, Plane::Normal, s.normal, s.depth);
}

PLOT_FN void keep_radiance(const Work& work, const PathSample& s) {
  // Samples of a pixel are added one by one and in order: sums don't depend on how passes are divided into launches.
  if (!params.slots) return accumulate_radiance(params.film, pixel_of(work), s);
  keep(work, Plane::Radiance, s.radiance, 0.0f);
}

// Persistent threads: each follows one path after another. The paths of 32 threads are traversed together, and end at
// different times: a thread whose path has ended begins the next at once, and all rays of a thread, for the path's next
// hit or for the visibility of a light, are traced at one call site, together with those of the other threads. (One
// pixel per thread, and a call site for each kind of ray, takes 1.5 to 1.9 times as long.)
PLOT_FN void follow_paths() {
  const SceneData& scene = params.scene;
  Work work = {};
  Path path = {};
  path.awaited = Awaited::kNothing;
  for (;;) {
    if (path.awaited == Awaited::kNothing) {
      if (work.sample == work.end && !take_work(work)) return;
      const uint32_t seed = pixel_seed(scene.seed, work.x, work.y);
      const uint32_t index = reverse_bits(params.first_sample + work.sample);
      start_path(path, camera_ray(scene, work.x, work.y, sample_2d(seed, kDecidePixel, index), seed, index), seed, index);
    }
    if (path.awaited == Awaited::kSegment) aim_segment(scene, path);

    const Found found = find_hit(scene, path.ray, path.tmax, path.awaited == Awaited::kShadow);
    const bool hit = found.t < path.tmax;
    if (path.awaited == Awaited::kShadow) {
      shadow_traced(path, hit);
    } else {
      // Dropped after each trace: the fewer values are kept during it, the better.
      path.out.albedo = path.out.normal = splat(0.0f);
      path.out.depth = path.out.coverage = 0.0f;
      const bool first = path.segment == 1;
      segment_traced<kBoth>(scene, path, hit ? locate_hit(scene, path.ray, found) : miss());
      if (first) keep_guides(work, path.out);
    }
    if (path.awaited == Awaited::kNothing) {
      keep_radiance(work, path.out);
      work.sample++;
    }
  }
}

extern "C" __global__ void __raygen__path() { follow_paths(); }

}  // namespace PLOT_VARIANT
