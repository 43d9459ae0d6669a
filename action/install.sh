#!/usr/bin/env bash
# Puts tazuna-drift, and kustomize and helm where versions are named, at hand.
#
# In:  ACTION_PATH, BINARY, KUSTOMIZE_VERSION, KUSTOMIZE_SHA256, HELM_VERSION, HELM_SHA256
# Out: step outputs `program` (path of tazuna-drift) and `tools` (folder for PATH)
set -euo pipefail

# On stderr, because some callers' stdout is a value; the runner reads commands from both.
fail() {
  echo "::error title=tazuna-drift::$1" >&2
  exit 1
}

os=$(uname -s | tr '[:upper:]' '[:lower:]')
case "$(uname -m)" in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
esac
platform="$os-$arch"

root="${RUNNER_TEMP:-$(mktemp -d)}/tazuna-drift"
tools="$root/tools"
mkdir -p "$tools"

# fact FILE DOTTED.PATH: one value of a JSON file, empty where it is null or absent.
# The runner may lack jq; python3 or node serve as well.
fact() {
  if command -v jq > /dev/null; then
    jq -r --arg path "$2" 'getpath($path | split("/")) // ""' "$1"
  elif command -v python3 > /dev/null; then
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for part in sys.argv[2].split("/"):
    value = (value or {}).get(part)
print("" if value is None else value)' "$1" "$2"
  elif command -v node > /dev/null; then
    node -e '
let value = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
for (const part of process.argv[2].split("/")) value = (value ?? {})[part];
console.log(value ?? "");' "$1" "$2"
  else
    fail "this runner has none of jq, python3 and node, which reading $1 needs"
  fi
}

sha256() {
  if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# fetch URL SHA256 FILE: downloads and verifies; a file that differs never stays.
fetch() {
  local url=$1 expected=$2 file=$3 found
  curl --fail --silent --show-error --location --retry 3 --output "$file.part" "$url" \
    || fail "cannot download $url"
  found=$(sha256 "$file.part")
  if [ "$found" != "$expected" ]; then
    rm -f "$file.part"
    fail "$url has SHA-256 $found, expected $expected"
  fi
  mv "$file.part" "$file"
}

# tool NAME VERSION SHA256 URL MEMBER: installs one program out of an archive.
tool() {
  local name=$1 version=${2#v} expected=$3 url=$4 member=$5
  [ -n "$expected" ] || expected=$(fact "$ACTION_PATH/action/tools.json" "$name/$version/$platform")
  [ -n "$expected" ] || fail "the checksum of $name $version for $platform is not known: give it as $name-sha256"
  fetch "$url" "$expected" "$root/$name.tar.gz"
  tar -xzf "$root/$name.tar.gz" -C "$root" "$member"
  install -m 755 "$root/$member" "$tools/$name"
}

if [ -n "${KUSTOMIZE_VERSION:-}" ]; then
  version=${KUSTOMIZE_VERSION#v}
  tool kustomize "$version" "${KUSTOMIZE_SHA256:-}" \
    "${KUSTOMIZE_BASE:-https://github.com/kubernetes-sigs/kustomize/releases/download}/kustomize%2Fv$version/kustomize_v${version}_${os}_$arch.tar.gz" \
    kustomize
fi
if [ -n "${HELM_VERSION:-}" ]; then
  version=${HELM_VERSION#v}
  tool helm "$version" "${HELM_SHA256:-}" \
    "${HELM_BASE:-https://get.helm.sh}/helm-v$version-$os-$arch.tar.gz" "$os-$arch/helm"
fi

build() {
  command -v cargo > /dev/null \
    || fail 'there is no release for this version of the action on this platform, and no cargo to build it: install Rust, or give binary: <path>'
  # The target folder outlives the job on self-hosted runners and can be cached on others.
  CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}" \
    cargo build --release --locked --manifest-path "$ACTION_PATH/Cargo.toml" >&2
  printf '%s' "${CARGO_TARGET_DIR:-$root/target}/release/tazuna-drift"
}

case "${BINARY:-}" in
  build)
    program=$(build)
    ;;
  '')
    release="$ACTION_PATH/action/release.json"
    version=$(fact "$release" version)
    file=$(fact "$release" "files/$platform/name")
    if [ -n "$version" ] && [ -n "$file" ]; then
      program="$root/$version/tazuna-drift"
      mkdir -p "$root/$version"
      fetch "$(fact "$release" base)/$file" "$(fact "$release" "files/$platform/sha256")" "$program"
      chmod 755 "$program"
    else
      program=$(build)
    fi
    ;;
  *)
    [ -x "$BINARY" ] || fail "binary: $BINARY is not a program"
    program=$(cd "$(dirname "$BINARY")" && pwd)/$(basename "$BINARY")
    ;;
esac

{
  echo "program=$program"
  echo "tools=$tools"
} >> "$GITHUB_OUTPUT"
