#!/usr/bin/env python3
"""Writes State, one ConfigMap a file, in which much differs from the oracle's keys.

Usage: make_state.py ORACLE.json DIR [same]      with `same` nothing differs
"""
import json
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[2])
folder.mkdir(parents=True)
same = sys.argv[3:] == ["same"]
for number, build in enumerate(json.load(open(sys.argv[1]))):
    name = build["name"]
    entries = {}
    for place, (key, content_hash) in enumerate(sorted(build["objects"].items())):
        # One in four is not recorded yet, one in four has changed since.
        if same or place % 4 != 1:
            entries[key] = content_hash if same or place % 4 != 2 else "0" * 60 + f"{place:04}"
    if not same and number % 5 == 4:
        continue
    if not same:
        entries[f"{name}//v1/ConfigMap/gone/{'very-long-' * 8}name"] = "a" * 64
        entries[f"{name}/apps/v1/Deployment/gone/web"] = "b" * 64
        entries[f"{name}/rbac.authorization.k8s.io/v1/ClusterRole/gone"] = "c" * 64
    data = {"_metadata": '{"gitCommitHash":"","lastSyncedAt":"2026-11-12T14:03:22Z"}'}
    for key, content_hash in entries.items():
        # What a ConfigMap cannot hold is never in State.
        if same or re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", key.replace("/", "__")):
            data[key.replace("/", "__")] = json.dumps({"contentHash": content_hash}, separators=(",", ":"))
    config_map = {"apiVersion": "v1", "kind": "ConfigMap",
                  "metadata": {"name": f"tazuna-state-{name}", "namespace": "tazuna"}, "data": data}
    (folder / f"{name}.yaml").write_text(json.dumps(config_map, indent=2) + "\n")
