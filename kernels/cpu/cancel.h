// The flag that stops long work.
#pragma once

#include "../compat.h"

namespace PLOT_VARIANT {

// Another thread writes the flag; a volatile read is sufficient to see that eventually.
PLOT_FN bool is_cancelled(const uint32_t* cancel) { return *(const volatile uint32_t*)cancel != 0; }

}  // namespace PLOT_VARIANT
