#!/usr/bin/env python3
"""Writes the table of kernels at the limit into README.md, between its markers.

usage: readme_table.py [--mlawave PATH] [--check]

Each row of results/peers.csv is looked up in its experiment under results/h100-80gb-hbm3, as
`mlawave export` gives it; the fastest kernel and schedule that was right stands in the table. Nothing
is calculated here. --check: exit code 1 when README.md is not up to date.
"""
import argparse
import csv
import io
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- limit table: scripts/readme_table.py -->", "<!-- end of limit table -->"


def exported(mlawave, experiment):
    run = ROOT / "results" / "h100-80gb-hbm3" / experiment
    command = [mlawave, "export", str(run), "--format", "csv"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return list(csv.DictReader(io.StringIO(text)))


def fastest(rows, peer, dtype):
    def fits(row):
        shape = row["ragged"] or f"{row['batch']} x {row['n_kv']}"
        return (row["status"] == "ok" and row["dtype"] == dtype and shape == peer["batch_x_n_kv"] and
                row["heads"] == peer["heads"] and row["s_q"] == peer["s_q"])

    return min(filter(fits, rows), key=lambda row: float(row["time_us"]))


def shown(row):
    return f"{float(row['time_us']):.4g} `{row['kernel']}`, {row['schedule']}"


def table(mlawave):
    peers = list(csv.DictReader(open(ROOT / "results" / "peers.csv", encoding="utf-8")))
    runs = {e: exported(mlawave, e) for e in sorted({p["experiment"] for p in peers})}
    lines = ["| batch × n_kv, heads, s_q | FlashMLA | aim | f16 | bf16 |", "|---|---|---|---|---|"]
    for peer in peers:
        rows = runs[peer["experiment"]]
        cells = [shown(fastest(rows, peer, dtype)) for dtype in ("f16", "bf16")]
        lines.append(f"| {peer['batch_x_n_kv'].replace(' x ', ' × ')}, {peer['heads']}, {peer['s_q']} | "
                     f"{peer['flashmla_us']} | {peer['target_us']} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mlawave", default=str(ROOT / "build/release/harness/cli/mlawave"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    before, rest = old.split(BEGIN)
    after = rest.split(END)[1]
    new = f"{before}{BEGIN}\n{table(args.mlawave)}\n{END}{after}"
    if args.check:
        sys.exit(new != old)
    readme.write_text(new, encoding="utf-8")


main()
