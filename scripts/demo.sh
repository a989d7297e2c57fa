#!/usr/bin/env bash
# Sets up, builds, runs the main job and shows its result: on the GPU where there is one, else on
# the CPU, whose worker threads stand for SMs.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh

if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_CUDA_COMPILER_LAUNCHER=ccache
fi
nvcc=$(command -v nvcc || ls /usr/local/cuda/bin/nvcc 2>/dev/null || true)
preset=release config=configs/cpu.json
if nvidia-smi -L >/dev/null 2>&1; then
  if [[ -n $nvcc ]]; then
    export CUDACXX=$nvcc
    preset=native config=configs/pr408.json
  else
    echo "demo: a GPU, but no nvcc to build for it (install the CUDA Toolkit): measuring the CPU"
  fi
fi
echo "demo: building (preset $preset)"
cmake --preset "$preset" -DMLAWAVE_TESTS=OFF >/dev/null
cmake --build --preset "$preset" --target mlawave
mlawave=build/$preset/harness/cli/mlawave

name=$(basename "$config" .json)
out=out/demo-$name
"$mlawave" devices
echo
echo "demo: mlawave sweep $config --out $out --resume"
"$mlawave" sweep "$config" --out "$out" --resume
"$mlawave" export "$out" --format csv -o "$out/run.csv"
python=python3
"$python" -c 'import matplotlib' 2>/dev/null || python=/usr/bin/python3
"$python" scripts/plot.py "$out" --mlawave "$mlawave" >/dev/null
echo
"$mlawave" explain "$out"
echo "records  $out/run.jsonl"
echo "table    $out/run.csv"
echo "picture  $out/figure.png  (and .svg)"

if [[ $preset == release ]]; then
  # No GPU: what the RTX 4080 of the pull request would show, from kernels fitted on an H100.
  predicted=out/demo-rtx4080
  rm -rf "$predicted"
  echo
  echo "demo: PREDICTED, not measured: an RTX 4080"
  "$mlawave" predict --gpu "RTX 4080" --model deepseek-v2-lite --kernel baseline,tile_reuse \
    --n-kv 256:66560:256 --chunk 256 --out "$predicted"
  "$python" scripts/plot.py "$predicted" --mlawave "$mlawave" \
    --title "RTX 4080, predicted from an H100, not measured" >/dev/null
  echo
  "$mlawave" explain "$predicted"
  echo "records  $predicted/run.jsonl"
  echo "picture  $predicted/figure.png  (and .svg)"
fi
