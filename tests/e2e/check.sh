# shellcheck shell=bash
# Small assertions for the scenarios; sourced. Each says what it checked, and summary
# prints the closing line that a reader of the log looks for.

CHECKS=0

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

ok() {
  CHECKS=$((CHECKS + 1))
  echo "  ok: $*"
}

# same EXPECTED_FILE ACTUAL_FILE WHAT
same() {
  diff -u "$1" "$2" || fail "$3"
  ok "$3"
}

# holds FILE TEXT WHAT: the file has this text.
holds() {
  grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "$3: no '$2'"; }
  ok "$3"
}

# lacks FILE TEXT WHAT
lacks() {
  ! grep -qF -- "$2" "$1" || { cat "$1" >&2; fail "$3: there is '$2'"; }
  ok "$3"
}

# equals EXPECTED ACTUAL WHAT
equals() {
  [ "$1" = "$2" ] || fail "$3: expected '$1', found '$2'"
  ok "$3: $2"
}

# ends CODE COMMAND...: runs it and checks its exit code.
ends() {
  local expected=$1 code=0
  shift
  "$@" || code=$?
  [ "$code" = "$expected" ] || fail "exit code $code instead of $expected: $*"
  CHECKS=$((CHECKS + 1))
}

summary() {
  echo "$CHECKS passed, 0 failed"
}
