// CUDA kernels that develop the film into an image: one thread per pixel, with the arithmetic of kernels/film. The
// order:
//   develop_mean, sum_noise                                        the linear image, and its noise
//   denoise_prepare, denoise_variance, denoise_guide, denoise_filter   if wanted
//   develop_display                                                the 8-bit image
// add_samples adds the samples that a launch left in slots; put_aside ends a block of samples; denoise_inputs prepares
// the auxiliary buffers for a denoiser other than plotrt's, and denoise_flow the flow for one that uses the previous
// image.

#include "../film/accumulate.h"
#include "../film/denoise.h"
#include "../film/flow.h"
#include "../film/noise.h"
#include "../film/post.h"

namespace PLOT_VARIANT {

PLOT_FN uint32_t pixel_count(const DevelopJob& job) { return job.width * job.height; }
PLOT_FN uint32_t thread_index() { return blockIdx.x * kBlock + threadIdx.x; }

struct Sums {
  float x[4];
};

// The sum of one pixel over all passes, in a plane that the film has.
PLOT_FN Sums sums_of(const DevelopJob& job, Plane plane, uint32_t pixel) {
  const float4 a = ((const float4*)plane_of(job.film, plane))[pixel];
  const float4* aside = (const float4*)plane_of(job.aside, plane);
  if (!aside) return {{a.x, a.y, a.z, a.w}};
  const float4 b = aside[pixel];
  return {{a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w}};
}

// The sum over the threads of a block, in the same order at every run; valid in thread 0.
PLOT_FN double sum_of_block(double mine) {
  __shared__ double sums[kBlock];
  sums[threadIdx.x] = mine;
  for (uint32_t half = kBlock / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) sums[threadIdx.x] += sums[threadIdx.x + half];
  }
  return sums[0];
}

// The denoiser's planes, one vector per pixel each, so that reading a neighbour takes few loads.
struct Planes {
  float4* normal;  // normal, its variance
  float4* place;   // coverage, depth, albedo red and green
  float4* noise;   // luminance, its variance as estimated, its variance averaged, -
  float4* light;   // radiance divided by albedo, albedo blue
  float2* smooth;  // luminance after the first filter, its variance

  PLOT_METHOD explicit Planes(const DevelopJob& job) {
    const uint64_t count = pixel_count(job);
    normal = (float4*)job.scratch;
    place = normal + count;
    noise = place + count;
    light = noise + count;
    smooth = (float2*)(light + count);
  }
  PLOT_METHOD Guide<float> guide(uint32_t i) const {
    const float4 n = normal[i], p = place[i];
    return {n.x, n.y, n.z, n.w, p.x, p.y, p.z, p.w, light[i].w};
  }
};

// The neighbourhood of one pixel. Outside of the image the depth is 0, without a hit.
struct Neighbourhood {
  const DevelopJob& job;
  const Planes& planes;
  int32_t x, y;

  PLOT_METHOD float depth(int32_t dx, int32_t dy) const {
    const int32_t qx = x + dx, qy = y + dy;
    const bool inside = qx >= 0 && qx < (int32_t)job.width && qy >= 0 && qy < (int32_t)job.height;
    return inside ? planes.place[(uint32_t)qy * job.width + (uint32_t)qx].y : 0.0f;
  }
  PLOT_METHOD DepthPlane<float> plane() const {
    return depth_plane(depth(0, 0), depth(-1, 0), depth(1, 0), depth(0, -1), depth(0, 1));
  }
  // Calls visit(q, dx, dy) for the neighbours in a square, but not for the pixel itself.
  template <int radius, class Visit>
  PLOT_METHOD void visit(Visit visit) const {
    for (int dy = -radius; dy <= radius; ++dy) {
      if (y + dy < 0 || y + dy >= (int32_t)job.height) continue;
      for (int dx = -radius; dx <= radius; ++dx) {
        if ((dx == 0 && dy == 0) || x + dx < 0 || x + dx >= (int32_t)job.width) continue;
        visit((uint32_t)(y + dy) * job.width + (uint32_t)(x + dx), (float)dx, (float)dy);
      }
    }
  }
};

PLOT_FN Neighbourhood around(const DevelopJob& job, const Planes& planes, uint32_t i) {
  return {job, planes, (int32_t)(i % job.width), (int32_t)(i / job.width)};
}

// Shows only the background, without noise: filtering would not change it.
PLOT_FN bool is_clear(const Planes& planes, uint32_t i) {
  return max_f(planes.place[i].x, planes.noise[i].y) <= 0.0f;
}

}  // namespace PLOT_VARIANT

using namespace PLOT_VARIANT;

// Adds the samples that wait in the slots of a launch, one after the other. One thread per pixel.
extern "C" __global__ void add_samples(FilmData film, const float* slots, uint32_t sample_count, uint64_t pixels) {
  const uint64_t pixel = (uint64_t)blockIdx.x * kBlock + threadIdx.x;
  if (pixel >= pixels) return;
  for (uint32_t k = 0; k < sample_count; ++k) {
    const auto slot = [&](Plane plane) -> float4 {
      if (!plane_of(film, plane)) return {0.0f, 0.0f, 0.0f, 0.0f};
      return ((const float4*)slots)[(planes_before(film, plane) * (uint64_t)sample_count + k) * pixels + pixel];
    };
    const float4 radiance = slot(Plane::Radiance), albedo = slot(Plane::Albedo), normal = slot(Plane::Normal);
    const PathSample sample = {{radiance.x, radiance.y, radiance.z}, {albedo.x, albedo.y, albedo.z},
                               {normal.x, normal.y, normal.z},       normal.w,
                               plane_of(film, Plane::Albedo) ? albedo.w : 1.0f};
    accumulate(film, pixel, sample);
  }
}

// Adds the sums to those set aside before, and clears them. `count` floats.
extern "C" __global__ void put_aside(float* aside, float* sums, uint64_t count) {
  const uint64_t i = (uint64_t)blockIdx.x * kBlock + threadIdx.x;
  if (i >= count) return;
  aside[i] += sums[i];
  sums[i] = 0.0f;
}

// Means. Each block writes the sum of the standard errors of its pixels' luminance to job.noise.
extern "C" __global__ void develop_mean(DevelopJob job) {
  const uint32_t i = thread_index();
  const float n = (float)job.passes;
  double noise = 0.0;
  if (i < pixel_count(job)) {
    const Sums sum = sums_of(job, Plane::Radiance, i);
    for (uint32_t c = 0; c < 3; ++c) job.linear[3 * (uint64_t)i + c] = sum.x[c] / n;
    if (job.passes >= 2) noise = (double)sqrt_f(variance_of_mean(luminance(load3(sum.x)), sum.x[3], n));
  }
  noise = sum_of_block(noise);
  if (threadIdx.x == 0) job.noise[blockIdx.x] = noise;
}

// One block: adds up the results of the `blocks` blocks of develop_mean, into job.noise[0].
extern "C" __global__ void sum_noise(DevelopJob job, uint32_t blocks) {
  double sum = 0.0;
  for (uint32_t i = threadIdx.x; i < blocks; i += kBlock) sum += job.noise[i];
  sum = sum_of_block(sum);
  if (threadIdx.x == 0) job.noise[0] = sum;
}

extern "C" __global__ void develop_display(DevelopJob job) {
  const uint32_t i = thread_index();
  if (i >= pixel_count(job)) return;
  const Float3 linear = load3(job.linear + 3 * (uint64_t)i);
  const Float3 shown = apply_stages(job.stages, job.stage_count, linear, i % job.width, i / job.width);
  const float channels[3] = {shown.x, shown.y, shown.z};
  uint32_t rgba = 0xff000000u;
  for (uint32_t c = 0; c < 3; ++c) rgba |= (uint32_t)quantise(clamp_unit(channels[c])) << (8 * c);
  ((uint32_t*)job.rgba)[i] = rgba;
}

// Means of albedo and normal over all passes, RGB and XYZ interleaved, one after the other in job.scratch; a plane that
// the film lacks is left as it is.
extern "C" __global__ void denoise_inputs(DevelopJob job) {
  const uint32_t i = thread_index();
  const uint32_t count = pixel_count(job);
  if (i >= count) return;
  const float n = (float)job.passes;
  const auto write = [&](Plane plane, float* out) {
    if (!plane_of(job.film, plane)) return;
    const Sums sum = sums_of(job, plane, i);
    for (uint32_t c = 0; c < 3; ++c) out[3 * (uint64_t)i + c] = sum.x[c] / n;
  };
  write(Plane::Albedo, job.scratch);
  write(Plane::Normal, job.scratch + 3 * (uint64_t)count);
}

// The flow of the point that is seen through the middle of each pixel, at its mean depth. It is trusted in proportion
// to the pixel's coverage.
extern "C" __global__ void denoise_flow(DevelopJob job, FlowJob out) {
  const uint32_t i = thread_index();
  if (i >= pixel_count(job)) return;
  const float hits = sums_of(job, Plane::Albedo, i).x[3];
  Flow flow = {0.0f, 0.0f, false};
  if (hits > 0.0f && out.still) {
    const float depth = sums_of(job, Plane::Normal, i).x[3] / hits;
    const float x = (float)(int32_t)(i % job.width) + 0.5f, y = (float)(int32_t)(i / job.width) + 0.5f;
    flow = flow_to(out.now, out.before, x, y, depth, (float)(int32_t)job.width, (float)(int32_t)job.height);
  }
  out.flow[2 * (uint64_t)i] = flow.x;
  out.flow[2 * (uint64_t)i + 1] = flow.y;
  out.trust[i] = flow.known ? hits / (float)job.passes : 0.0f;
}

extern "C" __global__ void denoise_prepare(DevelopJob job) {
  const uint32_t i = thread_index();
  if (i >= pixel_count(job)) return;
  const Sums radiance = sums_of(job, Plane::Radiance, i);
  const Sums albedo = sums_of(job, Plane::Albedo, i);
  const Sums normal = sums_of(job, Plane::Normal, i);
  const DenoisePixel p = prepare_pixel(radiance.x, albedo.x, normal.x, (float)job.passes);
  const Planes planes(job);
  planes.normal[i] = {p.guide.nx, p.guide.ny, p.guide.nz, p.guide.normal_variance};
  planes.place[i] = {p.guide.coverage, p.guide.depth, p.guide.r, p.guide.g};
  planes.noise[i] = {p.luminance, p.variance, 0.0f, 0.0f};
  planes.light[i] = {p.light.x, p.light.y, p.light.z, p.guide.b};
}

extern "C" __global__ void denoise_variance(DevelopJob job) {
  const uint32_t i = thread_index();
  if (i >= pixel_count(job)) return;
  const Planes planes(job);
  if (is_clear(planes, i)) return;  // stays 0
  const Neighbourhood here = around(job, planes, i);
  const Guide<float> guide = planes.guide(i);
  const DepthPlane<float> depths = here.plane();
  float sum = planes.noise[i].y, weights = 1.0f;
  here.visit<kSmallRadius>([&](uint32_t q, float dx, float dy) {
    const float w = guide_weight(guide, depths, planes.guide(q), dx, dy);
    sum = sum + w * planes.noise[q].y;
    weights = weights + w;
  });
  planes.noise[i].z = sum / weights;
}

extern "C" __global__ void denoise_guide(DevelopJob job) {
  const uint32_t i = thread_index();
  if (i >= pixel_count(job)) return;
  const Planes planes(job);
  const float l = planes.noise[i].x, variance = planes.noise[i].z;
  if (is_clear(planes, i)) {
    planes.smooth[i] = {l, 0.0f};
    return;
  }
  const Neighbourhood here = around(job, planes, i);
  const Guide<float> guide = planes.guide(i);
  const DepthPlane<float> depths = here.plane();
  float sum = l, variances = variance, weights = 1.0f;
  here.visit<kSmallRadius>([&](uint32_t q, float dx, float dy) {
    const float4 noise = planes.noise[q];
    const Fraction<float> light = luminance_distance(l, variance, noise.x, noise.z, kGuideTolerance);
    const float w = joint_weight(guide, depths, planes.guide(q), dx, dy, light);
    sum = sum + w * noise.x;
    variances = variances + w * w * noise.z;
    weights = weights + w;
  });
  planes.smooth[i] = {sum / weights, variances / (weights * weights)};
}

extern "C" __global__ void denoise_filter(DevelopJob job) {
  const uint32_t i = thread_index();
  if (i >= pixel_count(job)) return;
  const Planes planes(job);
  if (is_clear(planes, i)) return;
  const Neighbourhood here = around(job, planes, i);
  const Guide<float> guide = planes.guide(i);
  const DepthPlane<float> depths = here.plane();
  const float2 smooth = planes.smooth[i];
  const float4 own = planes.light[i];
  Float3 light = {own.x, own.y, own.z};
  float weights = 1.0f;
  here.visit<kFilterRadius>([&](uint32_t q, float dx, float dy) {
    const float2 other = planes.smooth[q];
    const float4 n = planes.normal[q], p = planes.place[q], l = planes.light[q];
    const Guide<float> there = {n.x, n.y, n.z, n.w, p.x, p.y, p.z, p.w, l.w};
    const Fraction<float> distance = luminance_distance(smooth.x, smooth.y, other.x, other.y, kFilterTolerance);
    const float w = joint_weight(guide, depths, there, dx, dy, distance);
    light = light + Float3{l.x, l.y, l.z} * w;
    weights = weights + w;
  });
  const Float3 divisor = albedo_divisor({guide.r, guide.g, guide.b});
  const float out[3] = {light.x / weights * divisor.x, light.y / weights * divisor.y, light.z / weights * divisor.z};
  float* pixel = job.linear + 3 * (uint64_t)i;
  for (uint32_t c = 0; c < 3; ++c) {
    pixel[c] = job.blend == 0.0f ? out[c] : out[c] + job.blend * (pixel[c] - out[c]);
  }
}
