#!/usr/bin/env python3
"""Holds a JSON report of tazuna-drift, made with an empty State, against the oracle's keys.

Usage: compare.py ORACLE.json REPORT.json
"""
import json
import sys

oracle = {build["name"]: build for build in json.load(open(sys.argv[1]))}
report = {manifest["name"]: manifest for manifest in json.load(open(sys.argv[2]))["manifests"]}
wrong = [f"the Manifests are others: {sorted(oracle.keys() ^ report.keys())}"] if oracle.keys() != report.keys() else []
objects = refused = 0
for name, build in oracle.items():
    manifest = report.get(name, {"outcome": "absent", "entries": []})
    if "error" in build:
        refused += 1
        if manifest["outcome"] != "failed":
            wrong.append(f"{name}: {manifest['outcome']}, but Tazuna's libraries refuse it: {build['error']}")
        continue
    if manifest["outcome"] != "compared":
        wrong.append(f"{name}: {manifest['outcome']}: {json.dumps(manifest.get('reason'))}")
        continue
    found = {entry["key"]: entry.get("newHash") for entry in manifest["entries"]}
    objects += len(build["objects"])
    for key in sorted(build["objects"].keys() | found.keys()):
        expected, actual = build["objects"].get(key), found.get(key)
        if expected != actual:
            wrong.append(f"{key}: {actual} instead of {expected}")
for line in wrong:
    print(line, file=sys.stderr)
if wrong:
    sys.exit(1)
print(f"{len(oracle) - refused} Manifests with {objects} objects agree, {refused} are refused by both")
