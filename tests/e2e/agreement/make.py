#!/usr/bin/env python3
"""Makes the kustomizations that are too large, too odd or too many to be kept as files.

Usage: make.py DIR      the same every time: the generator of random numbers is seeded
"""
import json
import pathlib
import random
import sys

root = pathlib.Path(sys.argv[1])
dice = random.Random(20)


def kustomization(name, files):
    folder = root / name
    folder.mkdir(parents=True)
    for file, text in files.items():
        (folder / file).write_bytes(text.encode())
    names = "".join(f"- {file}\n" for file in files)
    (folder / "kustomization.yaml").write_text("resources:\n" + names)


def schema(depth):
    """An OpenAPI schema as controller-gen writes them: deep, wordy, repeated."""
    kind = dice.choice(["string", "integer", "boolean", "object", "array"] if depth else ["string", "integer"])
    node = {
        "description": " ".join(dice.choice(["The", "desired", "state", "`of`", "this:", "field", "é", "<a>&b", "e.g. 1.5"])
                                for _ in range(dice.randint(3, 40))),
        "type": kind,
    }
    if kind == "object":
        node["properties"] = {f"field{n}": schema(depth - 1) for n in range(dice.randint(1, 9))}
        node["x-kubernetes-map-type"] = "atomic"
    if kind == "array":
        node["items"] = schema(depth - 1)
    if kind == "integer":
        node.update(format="int64", minimum=dice.randint(-9, 9), maximum=dice.randint(10, 65536))
    if kind == "string":
        node.update(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z]+)*$", default="on")
    return node


def emit(value, indent=0):
    """Block YAML; strings that could be read as something else are JSON, which is YAML."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        out = ""
        for key, item in value.items():
            nested = isinstance(item, (dict, list)) and item
            out += f"{pad}{key}:" + ("\n" + emit(item, indent + 1) if nested else f" {json.dumps(item, ensure_ascii=False)}\n")
        return out
    if isinstance(value, list) and value:
        return "".join(f"{pad}-\n{emit(item, indent + 1)}" if isinstance(item, (dict, list)) and item
                       else f"{pad}- {json.dumps(item, ensure_ascii=False)}\n" for item in value)
    return f"{pad}{json.dumps(value, ensure_ascii=False)}\n"


def definition(number):
    fields = {}
    while len(json.dumps(fields)) < 200_000:
        fields[f"part{len(fields)}"] = schema(5)
    node = {"type": "object", "properties": fields}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"larges{number}.example.com", "annotations": {"controller-gen.kubebuilder.io/version": "v0.17.2"}},
        "spec": {"group": "example.com", "names": {"kind": f"Large{number}", "plural": f"larges{number}"},
                 "scope": "Namespaced",
                 "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": node}}]},
        "status": {"conditions": []},
    }


kustomization("crds", {f"large{n}.yaml": emit(definition(n)) for n in range(3)})

# What people write into a value, in every style that stays plain.
PLAIN = [
    "1", "-1", "0", "1.0", "0.1", "true", "false", "null", "~",
    '"1"', "'1'", '"yes"', '"no"', "'on'", '"0644"', '"2001-12-14"', '"null"', '"~"', '""', "''", '"1e3"',
    "a word", "two:words", "http://a.example/?b=c&d", "50%", "10Mi", "500m", "v1.2.3",
    "1.2.3", "1.2.3.4", "10.0.0.0/8", "a#b", '"a # b"', "'it''s'", r'"\u00e9\n\t\\"', '"<a href=\'x\'>&amp;</a>"',
    "žluť", "漢字", "🚀", "[]", "{}", "[1, 2, three]", "{a: 1, b: two}", "[{a: [1]}]", "--x", "=",
    "|\n      line\n      line", "|-\n      line\n        deeper\n      line", ">-\n      folded\n      words",
    '"{{ template }}"', '"*.example.com"', "'@at'", '"`tick`"', "a, b", "a]b", "x{y}",
    "1 2", "0x", "1_0a", "+", ".", "..", "...a", "e1", "1e", "infinity", "nan", "None", "Null1", "yesterday",
]
# What makes kustomize rewrite, refuse or keep in ways of its own.
ODD = [
    "-0.5", "12345678901234567890", "1e2", "1E-7", '"\u2028"', "|+\n      kept\n\n",
    "2001-12-14", "2001-12-14T01:02:03Z", "2001-1-1", "yes", "no", "on", "off", "y", "N", "Yes", "OFF", "True", "FALSE",
    "Null", "NULL", "0644", "0o17", "0x1F", "0b11", "1_000", "1_0.5", "190:20", ".5", "+1", "-0", "-0.0", "1.", "08", "09.5",
    '"1e400"', "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "-9223372036854775809", "0.1e-9", "123456789.123456789", "!!str 1", "!!int '7'", "!!float 3", "!!bool 'true'",
    ">\n      folded\n        deeper\n      back", ">+\n      kept\n\n", "|2\n        deep\n      less",
    "{a: , b: }", "[~, null]", "&x anchored", "!local text", "<<", "'<<'", "0.0", "00", "0_1", "1__0", "_1", ".inf", "-.NaN", "*missing", "@at", "a: b: c", "!!int x",
]


def objects(values, count, first):
    """Objects whose spec, data and labels hold random values."""
    documents = []
    for number in range(count):
        lines = [f"apiVersion: example.com/v1\nkind: Sample\nmetadata:\n  name: sample-{first + number}\n  namespace: made\nspec:"]
        for field in range(dice.randint(1, 8)):
            lines.append(f"    field{field}: {dice.choice(values)}")
        if dice.random() < 0.5:
            lines.append("    list:")
            # A null in a list is not plain.
            single = [v for v in values if chr(10) not in v and v not in ("null", "~")]
            lines += [f"    - {dice.choice(single)}" for _ in range(dice.randint(1, 4))]
        documents.append("\n".join(lines) + "\n")
    return "---\n".join(documents)


kustomization("plain", {f"part{n}.yaml": objects(PLAIN, 60, n * 60) for n in range(4)})

# Some of these are refused; each has a Manifest of its own, so that one does not hide the others.
declared = "# Some of these cannot be built; which, is for Tazuna's libraries to say.\nspec:\n  manifests:\n"
for n in range(80):
    kustomization(f"scalars-{n}", {"objects.yaml": objects(PLAIN + ODD * 2, 2, 0)})
    declared += f"    - {{name: scalars-{n}, type: kustomize, path: {root.name}/scalars-{n}}}\n"
(root.parent / "scalars.yaml").write_text(declared)

WINDOWS = """# Written by an editor that ends lines in two characters.
apiVersion: v1
kind: ConfigMap
metadata:
  name: windows
data:
  plain: words
  literal: |
    first
    second
  double: "over
    lines"
---
apiVersion: v1
kind: Service
metadata: {name: windows}
spec:
  ports:
  - port: 80
"""
kustomization("windows", {
    "lines.yaml": WINDOWS.replace("\n", "\r\n"),
    "mark.yaml": "\ufeffapiVersion: v1\nkind: ConfigMap\nmetadata: {name: mark}\n",
    "end.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: end}\ndata:\n  text: |\n    no line feed at the end",
})
