#!/usr/bin/env bash
# Draws issue.png and summary.png from what the program really writes for the quickstart.
# Needs chromium; run it from the repository's root after `cargo build`.
set -euo pipefail
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
# shellcheck source=tests/e2e/github.sh
source tests/e2e/github.sh
need_github
python_tools "markdown-it-py==4.0.0"
work=$(mktemp -d)
trap 'stop_github; rm -rf "$work"' EXIT
start_github "$work"
program=$PWD/target/debug/tazuna-drift
cp -r examples/quickstart "$work/infra"
git -C "$work/infra" init --quiet --initial-branch main
git -C "$work/infra" add -A
git -C "$work/infra" -c user.name=drift -c user.email=drift@example.com commit --quiet --message platform
(
  cd "$work/infra"
  export GITHUB_ACTIONS=true GITHUB_EVENT_NAME=schedule GITHUB_REPOSITORY=acme/infra GITHUB_TOKEN=t-bot \
    GITHUB_SERVER_URL=https://github.com GITHUB_RUN_ID=4711 GITHUB_RUN_NUMBER=311 GITHUB_REF=refs/heads/main \
    GITHUB_API_URL="$GITHUB_API" GITHUB_STEP_SUMMARY="$work/summary.md" GITHUB_OUTPUT="$work/outputs"
  GITHUB_SHA=$(git rev-parse HEAD)
  export GITHUB_SHA
  "$program" run -f tazuna.yaml --state-dir state --context-name prod-tokyo --target prod --issue-author drift-bot
)
github GET /repos/acme/infra/issues/1 > "$work/issue.json"
jq -r .body "$work/issue.json" > "$work/issue.md"
mapfile -t words < <(jq -r '.title, .labels[].name' "$work/issue.json")
python docs/images/draw.py "$work/issue.md" docs/images/issue.png "${words[@]}"
python docs/images/draw.py "$work/summary.md" docs/images/summary.png
