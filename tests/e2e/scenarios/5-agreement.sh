#!/usr/bin/env bash
# Agreement with Tazuna: keys, ContentHashes and text are held against a program that uses
# Tazuna's own libraries and nothing of ours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
need_kustomize
need_oracle
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
program=${PROGRAM:-$PWD/target/debug/tazuna-drift}

cp -r tests/e2e/agreement "$work/agreement"
cd "$work/agreement"
python3 make.py made
mkdir empty
# One kustomize and no other, so that it is clear who builds.
mkdir bin
ln -s "$KUSTOMIZE" bin/kustomize

# agree NAME FILE: with an empty State every object is `added`, with its hash, and what
# Tazuna's libraries refuse has failed.
agree() {
  local code=0 expected=0
  "$ORACLE" keys -f "$2" > "$work/$1.keys" 2> "$work/$1.oracle.log" \
    || { cat "$work/$1.oracle.log" >&2; fail "$1: the oracle"; }
  PATH="$PWD/bin" "$program" diff -f "$2" --state-dir empty --format json > "$work/$1.json" 2> "$work/$1.log" || code=$?
  ! grep -q '"error": ' "$work/$1.keys" || expected=4
  [ "$code" = "$expected" ] || { cat "$work/$1.log" >&2; fail "$1: exit code $code instead of $expected"; }
  python3 compare.py "$work/$1.keys" "$work/$1.json" > "$work/$1.verdict" || fail "$1: the hashes differ"
  ok "$1: $(cat "$work/$1.verdict")"
}

# texts NAME FILE: `diff --format text` is what `tazuna state diff` prints.
texts() {
  python3 make_state.py "$work/$1.keys" "$work/$1.state"
  "$ORACLE" diff -f "$2" -state "$work/$1.state" > "$work/$1.expected" 2> /dev/null
  for type in added modified removed; do holds "$work/$1.expected" "  $type " "$1: the oracle's text has $type"; done
  PATH="$PWD/bin" "$program" diff -f "$2" --state-dir "$work/$1.state" --format text > "$work/$1.text" 2> "$work/$1.log"
  same "$work/$1.expected" "$work/$1.text" "$1: the text is the same byte for byte"
  python3 make_state.py "$work/$1.keys" "$work/$1.in-sync" same
  "$ORACLE" diff -f "$2" -state "$work/$1.in-sync" > "$work/$1.expected" 2> /dev/null
  PATH="$PWD/bin" "$program" diff -f "$2" --state-dir "$work/$1.in-sync" --format text > "$work/$1.text" 2> "$work/$1.log"
  equals 'No changes detected.' "$(cat "$work/$1.text")" "$1: in sync"
  same "$work/$1.expected" "$work/$1.text" "$1: and so says the oracle"
}

echo '- kustomizations'
agree kustomizations kustomizations.yaml
texts kustomizations kustomizations.yaml
python3 - "$work/kustomizations.json" << 'PYTHON' || fail 'kustomize was not used'
import json, sys
tools = json.load(open(sys.argv[1]))["tools"]
sys.exit(0 if "kustomize" in json.dumps(tools) else 1)
PYTHON
ok 'some were built by kustomize itself'

echo '- what is built without kustomize'
# The first Manifests of the file need no other program.
awk '/Handed over/ {exit} {print}' kustomizations.yaml > here.yaml
mv bin/kustomize bin/hidden
agree here here.yaml
mv bin/hidden bin/kustomize

echo '- what kustomize itself builds of the same'
# An object that kustomize drops makes the in-process Build hand over, and changes nothing.
sed 's,path: ,path: forced/,' here.yaml > forced.yaml
mkdir forced
cp -r kustomize made forced/
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dropped, annotations: {config.kubernetes.io/local-config: "true"}}\n' > forced/dropped.yaml
for kustomization in forced/kustomize/plain/kustomization.yaml forced/made/*/kustomization.yaml; do
  cp forced/dropped.yaml "$(dirname "$kustomization")/dropped.yaml"
  bullet=$(grep -m1 -o '^ *- ' "$kustomization")
  echo "${bullet}dropped.yaml" >> "$kustomization"
done
agree forced forced.yaml
same "$work/here.keys" "$work/forced.keys" 'and both ways give the same'

echo '- what cannot be built'
agree refused refused.yaml
agree scalars scalars.yaml

echo '  SKIPPED: helmfile Manifests; the checker renders them, charts to hold against it are missing'
summary
