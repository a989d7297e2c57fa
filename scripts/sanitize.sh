#!/usr/bin/env bash
# compute-sanitizer over the CUDA kernels' tests, on the GPU of this machine: memcheck and initcheck,
# and racecheck where a second build of the tests is given, made with -DMLAWAVE_EVERY_LANE_ARRIVES=ON
# (racecheck counts an arrival at a barrier for the lane that arrives alone). racecheck fails at
# kernels whose CTAs form a cluster, so it sees head tiles of 16, 32 and 64 rows only.
#   scripts/sanitize.sh CUDA_KERNELS_TEST [CUDA_KERNELS_TEST_FOR_RACECHECK]
set -euo pipefail
[[ $# -ge 1 && $# -le 2 ]] || { sed -n '2,/^set/{/^#/p}' "$0" >&2; exit 2; }
for test in "$@"; do [[ -x $test ]] || { echo "sanitize: $test: expected a program" >&2; exit 2; }; done
log=$(mktemp)
trap 'rm -f "$log"' EXIT

check() {  # tool, test, filter, further options
  local status=0
  echo "sanitize: $1 of $3"
  MLAWAVE_RANDOM_SHAPES=${MLAWAVE_RANDOM_SHAPES:-20} \
    compute-sanitizer --tool "$1" --error-exitcode 3 "${@:4}" "$2" --gtest_filter="$3" >"$log" 2>&1 || status=$?
  if [[ $status -ne 0 ]] || grep -qE "SKIPPED|Running 0 tests" "$log"; then
    cat "$log" >&2
    echo "sanitize: $1: status $status, or tests that did not run" >&2
    return 1
  fi
  grep -E "^=+ (ERROR|RACECHECK) SUMMARY|PASSED" "$log"
}
cases=CudaKernels.RaggedBatches:CudaKernels.RandomShapes:CudaKernels.RepeatedLaunchesGiveTheSameBits
cases+=:CudaKernels.ScheduleMadeAnewOnTheDevice:CudaKernels.ScoresThatGrow:CudaKernels.FewTiles*
check memcheck "$1" "$cases"
check initcheck "$1" "$cases"
[[ $# -eq 1 ]] || check racecheck "$2" '*FewTilesOf16Rows:*FewTilesOf32Rows:*FewTilesOf64Rows' --racecheck-report all
