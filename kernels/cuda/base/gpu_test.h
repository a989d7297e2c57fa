// For tests that need a GPU: skipped with a word where there is none.
#pragma once

#include <gtest/gtest.h>

#include "kernels/cuda/base/device.h"

#define MLAWAVE_SKIP_WITHOUT_GPU()                                              \
  do {                                                                          \
    if (const std::string why = ::mlawave::cuda::why_no_device(); !why.empty()) \
      GTEST_SKIP() << "no GPU: " << why;                                        \
  } while (false)
