#!/usr/bin/env python3
"""Writes the tables of kernels at the limit into README.md, between their markers.

usage: readme_table.py [--mlawave PATH] [--check]

Each row of results/peers.csv is looked up in its experiment under results/h100-80gb-hbm3 and
results/h200, as `mlawave export` gives it; the fastest kernel and schedule that was right stands in
the table, and beside it FlashMLA and the fastest of ours from the run that had both (side_by_side).
The aims and FlashMLA's figures of another day are an H100's. Nothing is calculated here. --check:
exit code 1 when README.md is not up to date.
"""
import argparse
import csv
import io
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
H100, H200 = "h100-80gb-hbm3", "h200"
BEGIN, END = "<!-- limit table of {}: scripts/readme_table.py -->", "<!-- end of limit table -->"


def exported(mlawave, card, experiment):
    run = ROOT / "results" / card / experiment
    command = [mlawave, "export", str(run), "--format", "csv"]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return list(csv.DictReader(io.StringIO(text)))


def fastest(rows, peer, dtype, is_flashmla=False):
    def fits(row):
        shape = row["ragged"] or f"{row['batch']} x {row['n_kv']}"
        return (row["status"] == "ok" and row["dtype"] == dtype and shape == peer["batch_x_n_kv"] and
                row["heads"] == peer["heads"] and row["s_q"] == peer["s_q"] and
                (row["kernel"] == "flashmla") == is_flashmla)

    return min(filter(fits, rows), key=lambda row: float(row["time_us"]))


def time_of(row):
    return f"{float(row['time_us']):.4g}"


def shown(row):
    return f"{time_of(row)} `{row['kernel']}`, {row['schedule']}"


def beside(rows, peer, dtype):
    if not peer["side_by_side"]:
        return ""
    return f"{time_of(fastest(rows, peer, dtype))} : {time_of(fastest(rows, peer, dtype, True))}"


def table(mlawave, card):
    peers = list(csv.DictReader(open(ROOT / "results" / "peers.csv", encoding="utf-8")))
    names = {p["experiment"] for p in peers} | {p["side_by_side"] for p in peers} - {""}
    runs = {name: exported(mlawave, card, name) for name in sorted(names)}

    def line(shape, aim, measured, other_day):
        cells = [shape, aim, *measured, other_day] if card == H100 else [shape, *measured]
        return f"| {' | '.join(cells)} |"

    head = line("batch × n_kv, heads, s_q", "aim",
                ["f16", "bf16", "ours : FlashMLA in one run, f16", "bf16"], "FlashMLA on another day")
    lines = [head, "|---" * (head.count("|") - 1) + "|"]
    for peer in peers:
        rows, both = runs[peer["experiment"]], runs.get(peer["side_by_side"], [])
        shape = peer["batch_x_n_kv"].replace(" x ", " × ") + f", {peer['heads']}, {peer['s_q']}"
        measured = [*(shown(fastest(rows, peer, d)) for d in ("f16", "bf16")),
                    *(beside(both, peer, d) for d in ("f16", "bf16"))]
        lines.append(line(shape, peer["target_us"], measured, peer["flashmla_us"]))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mlawave", default=str(ROOT / "build/release/harness/cli/mlawave"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    new = old
    for card in (H100, H200):
        begin = BEGIN.format(card)
        before, rest = new.split(begin)
        after = rest.split(END, 1)[1]
        new = f"{before}{begin}\n{table(args.mlawave, card)}\n{END}{after}"
    if args.check:
        sys.exit(new != old)
    readme.write_text(new, encoding="utf-8")


main()
