#!/usr/bin/env python3
"""Every line that the program writes fits docs/schema/run.schema.json, and a changed one does not.

usage: schema_test.py SCHEMA COMMAND…   (COMMAND prints a run file; exit code 77: not run here)
"""
import copy
import json
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


OPTIONAL = {"plugins"}  # runs from before it lack it


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def main():
    schema = json.load(open(sys.argv[1], encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    fits = jsonschema.Draft7Validator(schema)
    text = subprocess.run(sys.argv[2:], check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [json.loads(line, parse_constant=no_constant) for line in text.splitlines()]
    kinds = {line["kind"] for line in lines}
    assert kinds == {"run", "case", "aa", "resume"}, kinds
    for line in lines:
        fits.validate(line)
        for key in line.keys() - OPTIONAL:  # nothing else optional, nothing unknown
            without = {k: v for k, v in line.items() if k != key}
            assert not fits.is_valid(without), f"{line['kind']} without {key} passes"
        more = copy.deepcopy(line)
        more["unknown_key"] = 1
        assert not fits.is_valid(more), f"{line['kind']} with an unknown key passes"
    print(f"{len(lines)} lines fit")


main()
