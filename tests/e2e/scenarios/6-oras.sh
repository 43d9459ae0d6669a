#!/usr/bin/env bash
# A real registry and the oras CLI: what it pushes is built, with Tazuna's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
go_tool registry github.com/distribution/distribution/v3/cmd/registry@v3.0.0
go_tool oras oras.land/oras/cmd/oras@v1.3.6
debian htpasswd apache2-utils
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2> /dev/null || true; rm -rf "$work"' EXIT
program=$(realpath "${PROGRAM:-target/debug/tazuna-drift}")
export HOME="$work/home" XDG_CACHE_HOME="$work/cache" DOCKER_CONFIG="$work/docker"
mkdir -p "$HOME" "$work/state" "$work/docker"

# start_registry NAME [CONFIG]: sets $address.
start_registry() {
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  address="127.0.0.1:$port"
  printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %s}\n%s\n' \
    "$work/$1" "$address" "${2:-}" > "$work/$1.yaml"
  OTEL_TRACES_EXPORTER=none registry serve "$work/$1.yaml" > "$work/$1.log" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do
    curl --silent --output "$work/ping" "http://$address/v2/" && return
    sleep 0.1
  done
  fail "the registry does not answer: $(cat "$work/$1.log")"
}

# push NAME [FLAG...]: an artifact with one ConfigMap of that name, as `v1`.
push() {
  local name=$1
  shift
  rm -rf "$work/app" && mkdir -p "$work/app"
  printf 'resources: [a.yaml]\n' > "$work/app/kustomization.yaml"
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n' "$name" > "$work/app/a.yaml"
  tar -czf "$work/app.tar.gz" -C "$work" app
  (cd "$work" && oras push --plain-http "$@" "$address/acme/base:v1" app.tar.gz:application/gzip > push.log)
}

declare_it() {
  printf 'spec:\n  manifests:\n  - name: base\n    type: oras\n    oras:\n      reference: %s\n      target: app\n      plainHTTP: true\n      delegate: {type: kustomize}\n' \
    "$1" > "$work/tazuna.yaml"
}

drift() { "$program" diff -f "$work/tazuna.yaml" --state-dir "$work/state" "$@"; }

echo '- what oras pushes is built'
start_registry open
push one
declare_it "$address/acme/base:v1"
drift --format json > "$work/report"
holds "$work/report" '/v1/ConfigMap/one' 'the object of the artifact is there'
digest=$(oras resolve --plain-http "$address/acme/base:v1")
holds "$work/report" "$digest" 'the digest that was compared is told'
[ -d "$work/cache/tazuna/oras/blobs/${digest/:/-}" ] || fail 'the artifact is in the cache of Tazuna'

echo '- a tag that moved'
push two
drift --format json > "$work/report"
holds "$work/report" 'artifact-moved' 'a moved tag is told'
holds "$work/report" '/v1/ConfigMap/one' 'and the cache is compared, as Tazuna would'
drift --no-cache --format text > "$work/text"
holds "$work/text" '/v1/ConfigMap/two' '--no-cache takes the new one'

echo '- a digest'
declare_it "$address/acme/base@$digest"
drift --no-cache --format text > "$work/text"
holds "$work/text" '/v1/ConfigMap/one' 'a digest stays what it is'

echo '- offline'
drift --offline --format text > "$work/text"
holds "$work/text" '/v1/ConfigMap/one' 'the cache is enough'
ends 4 drift --offline --cache-dir "$work/empty" > "$work/text" 2> "$work/log"
holds "$work/log" 'not in the cache' 'what is not there is told'

echo '- two layers, as oras pushes two files'
printf x > "$work/x"
(cd "$work" && oras push --plain-http "$address/acme/base:two" app.tar.gz:application/gzip x:text/plain > push.log)
declare_it "$address/acme/base:two"
ends 4 drift > "$work/text" 2> "$work/log"
holds "$work/log" '2 layers' 'two layers are refused'

echo '- a registry that wants a password'
htpasswd -Bbn bot hunter2 > "$work/htpasswd" 2> /dev/null
start_registry closed "auth: {htpasswd: {realm: acme, path: $work/htpasswd}}"
push three --username bot --password hunter2
declare_it "$address/acme/base:v1"
ends 4 drift > "$work/text" 2> "$work/log"
holds "$work/log" 'wants credentials' 'missing credentials are told'
sed 's/plainHTTP: true/&\n      auth: {username: bot, password: wrongpass}/' "$work/tazuna.yaml" > "$work/wrong.yaml"
ends 4 "$program" diff -f "$work/wrong.yaml" --state-dir "$work/state" > "$work/text" 2> "$work/log"
holds "$work/log" 'refuses the credentials' 'wrong ones are told'
lacks "$work/log" 'wrongpass' 'and not shown'
oras login --plain-http --username bot --password hunter2 "$address" > "$work/login" 2>&1
drift --format text > "$work/text"
holds "$work/text" '/v1/ConfigMap/three' 'a login of docker or oras is enough'
summary
