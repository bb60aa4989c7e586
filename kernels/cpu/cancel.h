// How long work learns that it is no longer wanted.
#pragma once

#include "../compat.h"

namespace PLOT_VARIANT {

// Another thread writes the flag; a volatile read is all that is needed to see that some time later.
PLOT_FN bool is_cancelled(const uint32_t* cancel) { return *(const volatile uint32_t*)cancel != 0; }

}  // namespace PLOT_VARIANT
