#!/usr/bin/env python3
"""Draws runs: time and tokens/s over N_KV, with the predicted boundaries.

    scripts/plot.py RUN… [-o FIGURE] [--title TEXT] [--mlawave PROGRAM]

RUN is a run directory or run file. Writes FIGURE.png and FIGURE.svg (default: figure, beside the first
run). Every number comes from `mlawave export --format figure`; this script only draws.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter  # noqa: E402

# Okabe and Ito's palette, told apart with every common colour blindness.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
LINES = ["-", "--", "-.", ":"]


def fail(message):
    sys.exit(f"plot.py: {message}")


def find_program(given):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    builds = [os.path.join(root, "build", preset, "harness", "cli", "mlawave")
              for preset in ("native", "cuda", "release", "host")]
    for candidate in [given] if given else [os.environ.get("MLAWAVE"), shutil.which("mlawave"), *builds]:
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    fail(f"{given or 'mlawave'}: no such program; build it or give --mlawave PROGRAM")


def load(program, run):
    done = subprocess.run([program, "export", run, "--format", "figure"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        fail(f"{run}: {done.stderr.strip()}")
    figure = json.loads(done.stdout)
    if not figure["series"]:
        fail(f"{run}: holds no timed row to draw")
    return figure


def draw_boundaries(axes, series, label_axis):
    """One vertical line for each boundary; series that share one share the line."""
    seen = {}
    for one in series:
        for boundary in one["boundaries"]:
            seen.setdefault(boundary["n_kv"], boundary["label"])
    for axis in axes:
        for n_kv in seen:
            axis.axvline(n_kv, color="0.55", linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    if len(seen) > 10:  # labels would run into each other
        return
    places = sorted(seen)
    width = 0.17 * max((p["n_kv"] for one in series for p in one["points"]), default=0)  # of a label
    stagger = any(b - a < width for a, b in zip(places, places[1:]))
    for i, (n_kv, label) in enumerate(sorted(seen.items())):
        label_axis.annotate(label, (n_kv, 1), xycoords=("data", "axes fraction"),
                            xytext=(0, 2 + 11 * (i % 2 if stagger else 0)),
                            textcoords="offset points", ha="center", va="bottom", fontsize=8, color="0.3")


def draw(figures, title, out):
    plt.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
                         "svg.hashsalt": "mlawave"})
    canvas, (time, rate) = plt.subplots(2, 1, sharex=True, figsize=(10, 7.2), layout="constrained")
    series = [s for figure in figures for s in figure["series"]]
    several = len(figures) > 1
    index = 0
    for number, figure in enumerate(figures):
        for one in figure["series"]:
            points = one["points"]
            x = [p["n_kv"] for p in points]
            colour = COLOURS[index % len(COLOURS)]
            style = {"color": colour, "linestyle": LINES[index // len(COLOURS) % len(LINES)],
                     "linewidth": 1.4, "marker": "." if len(points) < 40 else None}
            label = f"{one['name']} ({figure['subtitle']})" if several else one["name"]
            if one["backend"] == "model":
                label += " — predicted, not measured"
            for axis, key in ((time, "time_us"), (rate, "tokens_per_s")):
                axis.plot(x, [p[key] for p in points], label=label, **style)
                axis.fill_between(x, [p[key + "_lo"] for p in points],
                                  [p[key + "_hi"] for p in points], color=colour, alpha=0.25,
                                  linewidth=0)
            index += 1
    draw_boundaries((time, rate), series, rate)
    time.set_ylabel("time of one launch [µs]")
    rate.set_ylabel("tokens/s of this operation")
    rate.set_xlabel("N_KV: tokens in the cache (dashed: last one before the busiest slot takes another chunk)")
    time.set_ylim(0, time.get_ylim()[1] * (1 + 0.08 * index))  # room for the legend
    rate.set_ylim(bottom=0)
    rate.margins(x=0.01)
    for axis in (time, rate):
        axis.grid(axis="y", color="0.9", linewidth=0.6)
        axis.set_axisbelow(True)
    rate.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    rate.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,.0f}"))
    time.legend(loc="upper left", frameon=False, fontsize=9)
    canvas.suptitle(title or "MLA decode attention over the length of the cache", fontsize=12)
    if not several:
        time.set_title(figures[0]["subtitle"], fontsize=9, color="0.35")
    for ending in ("png", "svg"):
        try:
            canvas.savefig(f"{out}.{ending}", dpi=120,
                           metadata={"Date": None} if ending == "svg" else None)
        except OSError as error:
            fail(f"{out}.{ending}: {error.strerror}")
        print(f"{out}.{ending}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("-o", "--output", metavar="FIGURE", help="without its ending")
    parser.add_argument("--title")
    parser.add_argument("--mlawave", metavar="PROGRAM", help="the program that exports the runs")
    options = parser.parse_args()
    for run in options.runs:
        if not os.path.exists(run):
            fail(f"{run}: no such run directory or file")
    program = find_program(options.mlawave)
    first = options.runs[0]
    folder = first if os.path.isdir(first) else os.path.dirname(first) or "."
    draw([load(program, run) for run in options.runs], options.title,
         options.output or os.path.join(folder, "figure"))


if __name__ == "__main__":
    main()
