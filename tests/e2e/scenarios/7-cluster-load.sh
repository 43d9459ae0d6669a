#!/usr/bin/env bash
# A real kube-apiserver with much State: few requests, little memory; tokens that expire;
# a server that goes away in the middle.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
need_kube
need_oracle
work=$(mktemp -d)
trap 'kill -KILL $(cat "$work"/kube/*.pid) 2> /dev/null; rm -rf "$work"' EXIT
bash tests/e2e/kube-up.sh "$TOOLS/kube" "$work/kube"
KUBE="$work/kube" WORK="$work" PROGRAM="${PROGRAM:-$PWD/target/debug/tazuna-drift}" python3 tests/e2e/cluster_load.py
