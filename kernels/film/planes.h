// The planes of the film: see Plane and FilmData in layout.h.
#pragma once

#include "../compat.h"
#include "../layout.h"

namespace PLOT_VARIANT {

// The sums of a plane; null if the film does not have it.
PLOT_FN float* plane_of(const FilmData& film, Plane plane) { return film.plane[(uint32_t)plane]; }

// Number of planes that the film has before `plane`.
PLOT_FN uint32_t planes_before(const FilmData& film, Plane plane) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < (uint32_t)plane; i++) count += film.plane[i] ? 1 : 0;
  return count;
}

}  // namespace PLOT_VARIANT
