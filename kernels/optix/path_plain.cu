// The path loop for plain scenes: those of spheres, parallelograms and boxes, without textures, of materials that are flat,
// cosine or diffuse, seen by a pinhole, a thin lens or in parallel. What a scene does not use would cost registers all the same, and so up to a tenth of the time.
// nvrtc: --use_fast_math

#define PLOT_PLAIN
#include "path.cu"
