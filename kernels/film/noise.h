// The noise of the film's pixels.
#pragma once

#include "../core/vec.h"

namespace PLOT_VARIANT {

// Variance of the mean of `n` samples, from their sum and the sum of their squares. `n` is at least 2. The samples
// of a pixel are stratified, so this unbiased estimate for independent ones is an upper bound on average.
PLOT_FN float variance_of_mean(float sum, float sum_of_squares, float n) {
  return max_f((sum_of_squares - sum * sum / n) / (n * (n - 1.0f)), 0.0f);
}

}  // namespace PLOT_VARIANT
