#!/usr/bin/env bash
# A newcomer: the README's commands in a fresh clone, and what they print.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tests/e2e/check.sh
source tests/e2e/check.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git clone --quiet . "$work/clone"
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
export CARGO_TARGET_DIR
cd "$work/clone"

# The command itself is taken from the README, so that it cannot go stale.
command=$(grep -m1 '^cargo run --release -- diff' README.md)
echo "  $command"
# Neither kustomize nor kubectl may be needed.
PATH="$(dirname "$(command -v cargo)"):/usr/bin:/bin" bash -c "$command" > "$work/report.md" 2> "$work/log" \
  || { cat "$work/log" >&2; fail 'the README command failed'; }
for words in removed modified added always-sync old-lb sessions; do
  holds "$work/report.md" "$words" "the report of the quickstart shows $words"
done

program="$CARGO_TARGET_DIR/release/tazuna-drift"
quickstart=(-f examples/quickstart/tazuna.yaml --state-dir examples/quickstart/state)
"$program" diff "${quickstart[@]}" --format text > "$work/text" 2> "$work/text.log"
same tests/e2e/expected/quickstart.txt "$work/text" 'the text is the one made by hand'
equals "" "$(cat "$work/text.log")" 'nothing is told on stderr'
ends 3 "$program" diff "${quickstart[@]}" --format text --fail-on removed > /dev/null
ends 0 "$program" diff "${quickstart[@]}" --format text --fail-on never > /dev/null

size=$(wc -c < "$program")
[ "$size" -lt 20000000 ] || fail "the release binary has $size bytes"
ok "the release binary has $size bytes, below 20 MB"
equals "$(sed -n 's/^version = "\(.*\)"/tazuna-drift \1/p' Cargo.toml | head -1)" \
  "$("$program" --version)" 'it knows its version'
summary
