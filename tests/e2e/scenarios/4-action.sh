#!/usr/bin/env bash
# The action under act, as `uses: ./` and as a remote action, on a platform whose names
# try everything: summary, outputs, annotations and the issue stay harmless.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
# shellcheck source=tests/e2e/github.sh
source tests/e2e/github.sh
need_github
need_act
work=$(mktemp -d)
trap 'stop_github; rm -rf "$work"' EXIT
start_github "$work"
program=${PROGRAM:-$PWD/target/debug/tazuna-drift}

commit() {
  git -C "$1" add -A
  git -C "$1" -c user.name=drift -c user.email=drift@example.com commit --quiet --message "$2"
}

# play NAME FOLDER FLAGS...: one workflow run, with what it said in $work/NAME.
play() {
  local name=$1 folder=$2
  shift 2
  mkdir -p "$work/$name" "$work/cache"
  (cd "$folder" && env -u GITHUB_ACTIONS XDG_CACHE_HOME="$work/cache" act workflow_dispatch -W .github/workflows/e2e.yml \
    -P ubuntu-latest=-self-hosted --no-cache-server --json --secret GITHUB_TOKEN=t-bot \
    --env GITHUB_API_URL="$GITHUB_API" --env GITHUB_REPOSITORY=acme/infra \
    --env E2E_PROGRAM="$program" --env E2E_OUT="$work/$name" "$@") \
    > "$work/$name/log.json" 2> "$work/$name/stderr" < /dev/null \
    || { tail -n 40 "$work/$name/log.json" "$work/$name/stderr" >&2; fail "$name: the workflow failed"; }
  jq -r '.msg // empty' "$work/$name/log.json" > "$work/$name/log" 2> /dev/null || cp "$work/$name/log.json" "$work/$name/log"
}

echo '- uses: ./'
git clone --quiet . "$work/local"
git -C "$work/local" remote set-url origin https://github.com/acme/infra
python3 tests/e2e/hostile.py "$work/local/platform"
rm -r "$work/local/.github/workflows"
mkdir -p "$work/local/.github/workflows"
cp tests/e2e/workflows/local.yml "$work/local/.github/workflows/e2e.yml"
commit "$work/local" 'a hostile platform'
play local "$work/local" --env GITHUB_EVENT_NAME=workflow_dispatch
holds "$work/local/outputs" 'drift=true' 'later steps read the outputs'
holds "$work/local/outputs" 'removed=2' 'with the counts'
holds "$work/local/outputs" 'issue=1' 'and the issue'
jq -e '.schemaVersion == 1' "$work/local/report.json" > /dev/null || fail 'no JSON report'
ok 'the JSON report is there to keep'
python3 tests/e2e/harmless.py "$work/local/report.md" markdown
github GET /repos/acme/infra/issues/1 | jq -r .body > "$work/issue.md"
python3 tests/e2e/harmless.py "$work/issue.md" markdown
python3 tests/e2e/harmless.py "$work/local/log" log
holds "$work/local/log" '::error file=platform/tazuna.yaml' 'an annotation names file and line'

echo '- uses: acme/tazuna-drift@v1'
mkdir -p "$work/remote/.github/workflows"
git -C "$work/remote" init --quiet --initial-branch main
git -C "$work/remote" remote add origin https://github.com/acme/infra
cp -r examples/quickstart "$work/remote/platform"
cp tests/e2e/workflows/remote.yml "$work/remote/.github/workflows/e2e.yml"
sed -i 's/target: e2e/target: remote/' "$work/remote/.github/workflows/e2e.yml"
commit "$work/remote" 'a platform'
git clone --quiet . "$work/action"
play remote "$work/remote" --local-repository "acme/tazuna-drift@v1=$work/action"
holds "$work/remote/outputs" 'removed=4' 'the remote action gives its outputs'
holds "$work/remote/outputs" 'issue=2' 'and keeps an issue of its own'
lacks "$work/proxy.log" 'UNPROCESSABLE' 'no request was refused by the contract'
summary
