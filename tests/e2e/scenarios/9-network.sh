#!/usr/bin/env bash
# The way to GitHub on a self-hosted runner: a private CA and a proxy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
# shellcheck source=tests/e2e/github.sh
source tests/e2e/github.sh
need_github
debian openssl openssl
work=$(mktemp -d)
trap 'stop_github; kill "${NETWORK_PID:-}" 2> /dev/null; rm -rf "$work"' EXIT
start_github "$work"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=a private CA' \
  -keyout "$work/ca.key" -out "$work/ca.pem" 2> /dev/null
openssl req -newkey rsa:2048 -nodes -subj '/CN=github.internal' -keyout "$work/server.key" -out "$work/server.csr" 2> /dev/null
printf 'subjectAltName=DNS:github.internal,DNS:localhost\n' > "$work/names"
openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
  -days 2 -extfile "$work/names" -out "$work/server.pem" 2> /dev/null
python3 tests/e2e/network.py "$work" &
NETWORK_PID=$!
for _ in $(seq 50); do [ -e "$work/ports" ] && break; sleep 0.1; done
read -r tls proxy < "$work/ports"
program=${PROGRAM:-target/debug/tazuna-drift}

# run_drift VARIABLE=VALUE...: one run that keeps an issue, with its words in $work/log.
run_drift() {
  env -u HTTPS_PROXY -u NO_PROXY GITHUB_TOKEN=t-bot "$@" \
    "$program" run -f examples/quickstart/tazuna.yaml --state-dir examples/quickstart/state \
    --context-name e2e --target e2e --issue --issue-repo acme/infra --issue-author drift-bot \
    > "$work/out" 2> "$work/log"
}

echo '- a private CA'
ends 1 run_drift GITHUB_API_URL="https://localhost:$tls"
holds "$work/log" 'certificate' 'a CA nobody knows is told'
ends 0 run_drift GITHUB_API_URL="https://localhost:$tls" SSL_CERT_FILE="$work/ca.pem"
equals 1 "$(github GET '/repos/acme/infra/issues' | jq length)" 'SSL_CERT_FILE makes it known'

echo '- a proxy'
ends 0 run_drift GITHUB_API_URL=https://github.internal SSL_CERT_FILE="$work/ca.pem" HTTPS_PROXY="http://127.0.0.1:$proxy"
holds "$work/connects" 'CONNECT github.internal:443' 'HTTPS_PROXY leads to a host that only it knows'
: > "$work/connects"
ends 0 run_drift GITHUB_API_URL="https://localhost:$tls" SSL_CERT_FILE="$work/ca.pem" \
  HTTPS_PROXY="http://127.0.0.1:$proxy" NO_PROXY=localhost
equals '' "$(cat "$work/connects")" 'NO_PROXY goes past it'
equals 1 "$(github GET '/repos/acme/infra/issues' | jq length)" 'it is one issue all the while'
summary
