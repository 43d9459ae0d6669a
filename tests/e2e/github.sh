# shellcheck shell=bash
# A GitHub on loopback: the emulator holds state, the proxy in front of it checks every
# request and answer against GitHub's own description.
# Sourced after tools.sh. start_github sets GITHUB_API (the proxy) and GITHUB_STATE (the
# emulator itself); stop_github ends both by their pids.

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for() {
  local url=$1 pid=$2
  for _ in $(seq 150); do
    curl --silent --output /dev/null --max-time 2 "$url" && return
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.2
  done
  echo "$url does not answer" >&2
  return 1
}

start_github() {
  local folder=$1 emulator proxy
  emulator=$(free_port)
  cat > "$folder/seed.yaml" << 'SEED'
tokens:
  t-bot: {login: drift-bot, scopes: [repo]}
  t-person: {login: someone, scopes: [repo]}
github:
  users: [{login: drift-bot}, {login: someone}]
  orgs: [{login: acme, members: [{login: drift-bot, role: admin}]}]
  repos: [{owner: acme, name: infra, auto_init: true}]
SEED
  "$NODE24" "$EMULATE" start --service github --port "$emulator" --seed "$folder/seed.yaml" \
    > "$folder/emulator.log" 2>&1 < /dev/null &
  EMULATOR_PID=$!
  GITHUB_STATE="http://127.0.0.1:$emulator"
  wait_for "$GITHUB_STATE/rate_limit" "$EMULATOR_PID" || { cat "$folder/emulator.log" >&2; return 1; }
  proxy=$(free_port)
  "$PRISM" proxy "$TOOLS/gh-trim.json" "$GITHUB_STATE" --port "$proxy" --errors \
    > "$folder/proxy.log" 2>&1 < /dev/null &
  PROXY_PID=$!
  GITHUB_API="http://127.0.0.1:$proxy"
  wait_for "$GITHUB_API/rate_limit" "$PROXY_PID" || { cat "$folder/proxy.log" >&2; return 1; }
  export GITHUB_API GITHUB_STATE
}

stop_github() {
  kill "${PROXY_PID:-}" "${EMULATOR_PID:-}" 2> /dev/null || true
}

# github METHOD PATH [BODY]: asks the emulator itself, as the bot.
github() {
  curl --silent --show-error --request "$1" --header 'Authorization: Bearer t-bot' \
    --header 'Content-Type: application/json' ${3:+--data "$3"} "$GITHUB_STATE$2"
}
