#!/usr/bin/env bash
# Sets up, builds and runs all tests: the host build under the sanitizers and, where nvcc is, the
# CUDA build. Tests that need a GPU are reported as skipped where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache
fi
export RC_PARAMS=${RC_PARAMS:-max_success=2000}  # cases of each property test

nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null || true)
if [[ -n $nvcc ]]; then
  # Without a GPU two architectures show that everything compiles: the portable kernels' oldest,
  # and the one whose instructions no other has.
  architectures="80;90a"
  if nvidia-smi -L >/dev/null 2>&1; then architectures=native; fi
  echo "test: CUDA build for $architectures"
  CUDACXX=$nvcc cmake --preset cuda -DCMAKE_CUDA_ARCHITECTURES="$architectures" -DMLAWAVE_WERROR=ON
  cmake --build --preset cuda
  ctest --preset cuda --label-regex "gpu|binary" --no-tests=error
else
  echo "test: no nvcc, the CUDA kernels are left out"
fi

echo "test: host build with address and undefined-behaviour sanitizers"
cmake --preset host
cmake --build --preset host
ctest --preset host --parallel "$(nproc)" --no-tests=error
