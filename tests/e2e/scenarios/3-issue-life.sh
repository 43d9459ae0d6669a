#!/usr/bin/env bash
# The whole life of one issue: a real kube-apiserver holds State, a GitHub emulator behind
# GitHub's own API description holds the issue.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
# shellcheck source=tests/e2e/github.sh
source tests/e2e/github.sh
need_kube
need_github
work=$(mktemp -d)
trap 'stop_github; stop_kube "$work/kube"; rm -rf "$work"' EXIT
bash tests/e2e/kube-up.sh "$TOOLS/kube" "$work/kube"
start_github "$work"
KUBECONFIG="$work/kube/kubeconfig" WORK="$work" PROGRAM="${PROGRAM:-$PWD/target/debug/tazuna-drift}" \
  PROXY_LOG="$work/proxy.log" python3 tests/e2e/issue_life.py
