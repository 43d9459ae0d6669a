#!/usr/bin/env bash
# A newcomer: the README's commands in a fresh clone, and what they print.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git clone --quiet . "$work/clone"
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
export CARGO_TARGET_DIR
cd "$work/clone"

# The command itself is taken from the README, so that it cannot go stale.
command=$(grep -m1 '^cargo run --release -- diff' README.md)
echo "  $command"
# Neither kustomize nor kubectl may be needed.
PATH="$(dirname "$(command -v cargo)"):/usr/bin:/bin" bash -c "$command" > "$work/report.md" 2> "$work/log" \
  || { cat "$work/log" >&2; fail 'the README command failed'; }
for words in removed modified added always-sync old-lb sessions; do
  holds "$work/report.md" "$words" "the report of the quickstart shows $words"
done

program="$CARGO_TARGET_DIR/release/tazuna-drift"
quickstart=(-f examples/quickstart/tazuna.yaml --state-dir examples/quickstart/state)
"$program" diff "${quickstart[@]}" --format text > "$work/text" 2> "$work/text.log"
same tests/e2e/expected/quickstart.txt "$work/text" 'the text is the one made by hand'
equals "" "$(cat "$work/text.log")" 'nothing is told on stderr'
ends 3 "$program" diff "${quickstart[@]}" --format text --fail-on removed > /dev/null
ends 0 "$program" diff "${quickstart[@]}" --format text --fail-on never > /dev/null

size=$(wc -c < "$program")
[ "$size" -lt 20000000 ] || fail "the release binary has $size bytes"
ok "the release binary has $size bytes, below 20 MB"
echo '- 2,000 objects in one Manifest'
python3 - "$work" "$program" << 'PYTHON'
import pathlib, resource, subprocess, sys
work, program = pathlib.Path(sys.argv[1], "large"), sys.argv[2]
(work / "web").mkdir(parents=True)
(work / "state").mkdir()
(work / "tazuna.yaml").write_text("spec: {manifests: [{name: web, type: kustomize, path: web}]}\n")
(work / "web/kustomization.yaml").write_text("resources: [web.yaml]\n")
one = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web-%d, namespace: shop, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web-%d}}
  template:
    metadata: {labels: {app: web-%d}}
    spec: {containers: [{name: web, image: "registry.example.com/web:1.%d.0", args: [--port=8080]}]}
"""
(work / "web/web.yaml").write_text("---\n".join(one % (n, n, n, n) for n in range(2000)))
run = subprocess.run([program, "diff", "--state-dir", "state", "--format", "markdown"], cwd=work, capture_output=True, text=True, env={"PATH": ""})
assert run.returncode == 0 and "2000" in run.stdout, run.stderr
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
assert peak < 150, f"{peak} MB"
print(f"  ok: built without kustomize; the peak is {peak} MB, below 150")
PYTHON
CHECKS=$((CHECKS + 1))

equals "$(sed -n 's/^version = "\(.*\)"/tazuna-drift \1/p' Cargo.toml | head -1)" \
  "$("$program" --version)" 'it knows its version'
summary
