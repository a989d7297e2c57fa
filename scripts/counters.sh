#!/usr/bin/env bash
# Hardware counters of each baseline / tile-reuse pair, and of tile_reuse_sm90_q, which has no twin, at
# 1 x 65536, read with Nsight Compute on the GPU of this machine: bytes from device memory and from
# L2 to the SMs, tensor pipe, occupancy. Every pass starts with flushed caches (--cache-control all),
# so that they are cold; clocks stay as they are.
#   scripts/counters.sh MLAWAVE OUT.csv
set -euo pipefail
mlawave=$1 out=$2
metrics=gpu__time_duration.sum,dram__bytes_read.sum,l1tex__m_xbar2l1tex_read_bytes.sum
metrics+=,sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_elapsed
metrics+=,sm__warps_active.avg.pct_of_peak_sustained_active
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "kernel,heads,metric,unit,value" >"$out"
for heads in 16 64 128; do
  for kernel in baseline tile_reuse baseline_sm90_t tile_reuse_sm90_t baseline_sm90 tile_reuse_sm90 tile_reuse_sm90_q; do
    # The first launch is the check; the second one is read.
    ncu --clock-control none --cache-control all --csv --page raw --print-units base \
      --kernel-name regex:decode --launch-skip 1 --launch-count 1 --metrics "$metrics" \
      --log-file "$work/ncu.csv" \
      "$mlawave" sweep --backend cuda --kernel "$kernel" --heads "$heads" --n-kv 65536 --chunk 64 \
      --max-samples 9 --no-progress --out "$work/$kernel-$heads" >"$work/sweep.log" 2>&1 || {
      echo "counters: $kernel with $heads heads:" >&2
      tail -n 3 "$work/sweep.log" "$work/ncu.csv" >&2
      continue
    }
    python3 - "$kernel" "$heads" "$metrics" "$work/ncu.csv" >>"$out" <<'PY'
import csv
import sys

kernel, heads, wanted, path = sys.argv[1:]
lines = [line for line in open(path, encoding="utf-8") if line.startswith('"')]
names, units, values = list(csv.reader(lines))[:3]
for name, unit, value in zip(names, units, values):
    if name in wanted.split(","):  # ncu adds minima, maxima and its own
        print(f"{kernel},{heads},{name},{unit},{value.replace(',', '')}")
PY
  done
done
