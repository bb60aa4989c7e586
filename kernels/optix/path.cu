// The OptiX module: ray generation, which is the shared path loop, and the intersection programs.
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

// A pixel of the tile that is not taken yet; false if there are none. They go out in blocks of 8x4, so that threads
// that begin together begin side by side.
PLOT_FN bool take_pixel(uint32_t* x, uint32_t* y) {
  const Tile& tile = params.tile;
  const uint32_t width = tile.x1 - tile.x0, height = tile.y1 - tile.y0;
  const uint32_t across = (width + 7) / 8, blocks = across * ((height + 3) / 4);
  for (;;) {
    const uint32_t n = atomicAdd(params.next, 1u);
    const uint32_t block = n / 32;
    if (block >= blocks) return false;
    const uint32_t column = block % across * 8 + n % 8, row = block / across * 4 + n / 8 % 4;
    if (column < width && row < height) {
      *x = tile.x0 + column;
      *y = tile.y0 + row;
      return true;
    }
  }
}

// Follows path after path. Those of 32 threads are walked together, and end at different times: a thread whose path has
// ended begins the next at once, and whatever a thread wants to know of the scene, the path's next hit or what is between
// it and a light, it asks at the same place as the others. (One pixel a thread, and a place for each kind of ray, takes
// 1.5 to 1.9 times as long.)
PLOT_FN void follow_paths() {
  const SceneData& scene = params.scene;
  uint32_t x = 0, y = 0, seed = 0, segment = 0;
  uint32_t sample = params.sample_count;  // of the pixel; as if one had just been completed
  Path path = {};
  Ray ray = {};  // that is being traced, between 0 and tmax
  float tmax = 0.0f;
  LightHit light = {0.0f, kNoLight};
  bool alive = false;     // whether the path goes on after `ray`
  bool shadowing = false;  // whether `ray` leads to a light, and not to the path's next vertex:
  Float3 arriving = {}, scattered = {};  // what then arrives if nothing is hit, and the direction in which the path goes on
  for (;;) {
    if (!shadowing) {
      if (!alive) {
        if (sample == params.sample_count) {
          if (!take_pixel(&x, &y)) return;
          seed = pixel_seed(scene.seed, x, y);
          sample = 0;
        }
        const uint32_t index = reverse_bits(params.first_sample + sample);
        start_path(path, camera_ray(scene, x, y, sample_2d(seed, kDecidePixel, index), seed, index), seed, index);
        segment = 0;
      }
      ray = path.ray;
      light = nearest_light(scene, ray);
      tmax = light.t;
      segment++;
    }

    const Found found = find_hit(scene, ray, tmax, shadowing);
    const bool hit = found.t < tmax;
    if (shadowing) {
      if (!hit) path.out.radiance = path.out.radiance + arriving;
      path.ray = {ray.origin, scattered};
      shadowing = false;
    } else {
      // Known anew, or forgotten, after each trace: the fewer values are kept during it, the better.
      path.ray = ray;
      path.out.albedo = path.out.normal = splat(0.0f);
      path.out.depth = path.out.coverage = 0.0f;
      const Vertex vertex =
          visit_vertex<kBoth>(scene, path, segment, hit ? locate_hit(scene, ray, found) : miss(), {tmax, light.index});
      if (segment == 1) accumulate_guides(params.film, (uint64_t)y * scene.width + x, path.out);
      alive = vertex.scattered;
      if (vertex.lit) {
        shadowing = true;
        ray = vertex.shadow;
        tmax = vertex.distance;
        arriving = vertex.light;
        scattered = path.ray.dir;
        continue;
      }
    }
    if (!alive) {
      // Samples of a pixel are added one by one and in order: sums don't depend on how passes are cut into launches.
      accumulate_radiance(params.film, (uint64_t)y * scene.width + x, path.out);
      sample++;
    }
  }
}

extern "C" __global__ void __raygen__path() { follow_paths(); }

}  // namespace PLOT_VARIANT
