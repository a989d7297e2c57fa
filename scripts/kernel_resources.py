#!/usr/bin/env python3
"""Registers, stack, local and static shared memory of every compiled kernel, and a check of them.

usage: kernel_resources.py [--cuobjdump PROGRAM] [--hgmma LIBRARY]… LIBRARY…

Reads libraries of a CUDA build with cuobjdump (of the toolkit, or the PyPI package nvidia-cuda-cuobjdump); needs no
GPU. Exit code 1: a kernel uses stack or local memory (spills live there), a library has no kernel, or a
`decode` kernel of a library given with --hgmma has no warpgroup product (HGMMA). 77: no cuobjdump, nothing was checked.
"""
import argparse
import re
import shutil
import subprocess
import sys


def run(program, *arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(arguments)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def short_names(mangled):
    """namespace::kernel<arguments>, without mlawave::cuda:: and the parameters."""
    if not shutil.which("c++filt") or not mangled:
        return {name: name for name in mangled}
    names = sorted(mangled)
    out = subprocess.run(["c++filt"], input="\n".join(names), check=True, stdout=subprocess.PIPE, text=True).stdout
    short = {}
    for name, text in zip(names, out.splitlines()):
        text = re.sub(r"^void |\(anonymous namespace\)::|mlawave::(cuda::)?", "", text)
        text = re.sub(r"\(api::Dtype\)(\d)", lambda m: ["f16", "bf16"][int(m[1])], text)
        short[name] = re.sub(r"\((?!\w+(::\w+)*\)\d).*$", "", text)
    return short


def resources(cuobjdump, library):
    """(architecture, function, {"REG": …, "STACK": …, "SHARED": …, "LOCAL": …}) of each kernel."""
    arch = function = None
    for line in run(cuobjdump, "--dump-resource-usage", library).splitlines():
        if found := re.match(r"\s*arch = (\w+)", line):
            arch = found[1]
        elif found := re.match(r"\s*Function (\S+?):", line):
            function = found[1]
        elif function and "REG:" in line:
            yield arch, function, {k: int(v) for k, v in re.findall(r"(REG|STACK|SHARED|LOCAL):(\d+)", line)}
            function = None


def hgmma_counts(cuobjdump, library):
    counts, function = {}, None
    for line in run(cuobjdump, "-sass", library).splitlines():
        if found := re.match(r"\s*Function : (\S+)", line):
            function = found[1]
            counts.setdefault(function, 0)
        elif function and "HGMMA" in line:
            counts[function] += 1
    return counts


def check(cuobjdump, libraries, hgmma):
    errors, rows = [], []
    for library in libraries:
        found = [(library, *r) for r in resources(cuobjdump, library)]
        if not found:
            errors.append(f"{library}: no kernels in it")
        rows += found
    counts = {}
    for library in hgmma:
        decode = {f: n for f, n in hgmma_counts(cuobjdump, library).items() if "decode" in f}
        if not decode:
            errors.append(f"{library}: no decode kernel in it")
        counts.update(decode)
    names = short_names({row[2] for row in rows} | set(counts))
    errors += [f"{names[f]}: no HGMMA in its SASS" for f, n in counts.items() if n == 0]
    print(f"{'arch':8} {'registers':>9} {'stack':>6} {'local':>6} {'static shared':>13} {'HGMMA':>6}  kernel")
    for _, arch, function, r in sorted(rows, key=lambda row: (row[1], names[row[2]])):
        print(f"{arch:8} {r['REG']:9} {r['STACK']:6} {r['LOCAL']:6} {r['SHARED']:13} "
              f"{counts.get(function, '') if arch.startswith('sm_90') else '':>6}  {names[function]}")
        if r["STACK"] or r["LOCAL"]:
            errors.append(f"{arch} {names[function]}: {r['STACK']} bytes of stack, {r['LOCAL']} of local memory")
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuobjdump", default="cuobjdump")
    parser.add_argument("--hgmma", action="append", default=[], metavar="LIBRARY")
    parser.add_argument("libraries", nargs="+", metavar="LIBRARY")
    options = parser.parse_args()
    if not shutil.which(options.cuobjdump):
        print("skipped: cuobjdump was not found; the package cuda-cuobjdump has it, PyPI's nvidia-cuda-cuobjdump too")
        sys.exit(77)
    errors = check(options.cuobjdump, options.libraries, options.hgmma)
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    sys.exit(1 if errors else 0)


main()
