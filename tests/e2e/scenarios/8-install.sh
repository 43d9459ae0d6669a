#!/usr/bin/env bash
# How the action finds its program: a release by checksum, a path, cargo; and how it
# installs kustomize and helm. A server on loopback stands for the places of download.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
# shellcheck source=tests/e2e/github.sh
source tests/e2e/github.sh
work=$(mktemp -d)
trap 'kill "${SERVER_PID:-}" 2> /dev/null; rm -rf "$work"' EXIT

case "$(uname -m)" in x86_64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
os=$(uname -s | tr '[:upper:]' '[:lower:]')
sum() { sha256sum "$1" | cut -d ' ' -f 1; }

# What is to be downloaded.
mkdir -p "$work/served/v1.2.3" "$work/served/kustomize%2Fv9.9.9" "$work/pack/$os-$arch"
printf '#!/bin/sh\necho "tazuna-drift 1.2.3"\n' > "$work/served/v1.2.3/tazuna-drift-$os-$arch"
printf '#!/bin/sh\necho v9.9.9\n' > "$work/pack/kustomize"
printf '#!/bin/sh\necho v8.8.8\n' > "$work/pack/$os-$arch/helm"
chmod +x "$work/pack/kustomize" "$work/pack/$os-$arch/helm"
mkdir -p "$work/served/kustomize/v9.9.9"
tar -czf "$work/served/kustomize/v9.9.9/kustomize_v9.9.9_${os}_$arch.tar.gz" -C "$work/pack" kustomize
tar -czf "$work/served/helm-v8.8.8-$os-$arch.tar.gz" -C "$work/pack" "$os-$arch/helm"
port=$(free_port)
python3 -m http.server --bind 127.0.0.1 --directory "$work/served" "$port" > "$work/server.log" 2>&1 &
SERVER_PID=$!
wait_for "http://127.0.0.1:$port/" "$SERVER_PID"

# release SHA256: the action's tree with a release in it.
release() {
  rm -rf "$work/tree"
  mkdir -p "$work/tree"
  cp -r action "$work/tree/"
  cat > "$work/tree/action/release.json" << JSON
{"version": "1.2.3", "base": "http://127.0.0.1:$port/v1.2.3",
 "files": {"$os-$arch": {"name": "tazuna-drift-$os-$arch", "sha256": "$1"}}}
JSON
}

# install VARIABLE=VALUE...: runs the script; outputs in $work/outputs, words in $work/log.
install_with() {
  : > "$work/outputs"
  env RUNNER_TEMP="$work/temp" GITHUB_OUTPUT="$work/outputs" ACTION_PATH="$work/tree" "$@" \
    bash action/install.sh > "$work/log" 2>&1
}

echo '- a release'
release "$(sum "$work/served/v1.2.3/tazuna-drift-$os-$arch")"
install_with A=B
program=$(sed -n 's/^program=//p' "$work/outputs")
equals 'tazuna-drift 1.2.3' "$("$program")" 'the right file is run'
release "$(printf 0%.0s {1..64})"
rm -rf "$work/temp"
ends 1 install_with A=B
holds "$work/log" 'expected 0000' 'another file is refused'
[ -z "$(find "$work/temp" -type f)" ] || fail 'a refused file was kept'
ok 'and not kept'

echo '- without jq, and without python3'
mkdir -p "$work/bin"
for tool in bash env uname tr cut cat mkdir mktemp curl mv rm chmod sha256sum node dirname basename; do
  ln -sf "$(command -v "$tool")" "$work/bin/$tool"
done
release "$(sum "$work/served/v1.2.3/tazuna-drift-$os-$arch")"
install_with PATH="$work/bin"
equals 'tazuna-drift 1.2.3' "$("$(sed -n 's/^program=//p' "$work/outputs")")" 'node reads release.json as well'

echo '- a path'
install_with BINARY=tests/e2e/scenarios/8-install.sh || true
holds "$work/log" 'is not a program' 'what cannot be run is refused'
cp "$work/served/v1.2.3/tazuna-drift-$os-$arch" "$work/mine"
chmod +x "$work/mine"
install_with BINARY="$work/mine"
holds "$work/outputs" "program=$work/mine" 'the path is taken'

echo '- no release in the tree and no cargo'
cp action/release.json "$work/tree/action/release.json"
ends 1 install_with PATH="$work/bin"
holds "$work/log" 'no cargo to build it' 'is told, with what to do'

echo '- kustomize and helm'
bases=(KUSTOMIZE_BASE="http://127.0.0.1:$port" HELM_BASE="http://127.0.0.1:$port" BINARY="$work/mine")
install_with "${bases[@]}" KUSTOMIZE_VERSION=v9.9.9 \
  KUSTOMIZE_SHA256="$(sum "$work/served/kustomize/v9.9.9/kustomize_v9.9.9_${os}_$arch.tar.gz")" \
  HELM_VERSION=8.8.8 HELM_SHA256="$(sum "$work/served/helm-v8.8.8-$os-$arch.tar.gz")"
tools=$(sed -n 's/^tools=//p' "$work/outputs")
equals 'v9.9.9 v8.8.8' "$("$tools/kustomize") $("$tools/helm")" 'both are installed'
ends 1 install_with "${bases[@]}" KUSTOMIZE_VERSION=9.9.9
holds "$work/log" 'kustomize-sha256' 'a version without a known checksum is refused'
ends 1 install_with "${bases[@]}" KUSTOMIZE_VERSION=9.9.9 KUSTOMIZE_SHA256=00
holds "$work/log" 'expected 00' 'a wrong checksum is refused'
summary
