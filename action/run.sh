#!/usr/bin/env bash
# Runs tazuna-drift with the action's inputs, which come as TAZUNA_DRIFT_* variables.
set -euo pipefail

# An input that was not given arrives as an empty variable; the program takes a variable
# that is set at its word.
for name in "${!TAZUNA_DRIFT_@}"; do
  [ -n "${!name}" ] || unset "$name"
done

# Only the saved-output source can do without a tazuna.yaml.
if [ "${TAZUNA_DRIFT_SOURCE:-}" = output ] && [ ! -e "${TAZUNA_DRIFT_FILE_PATH:-}" ]; then
  unset TAZUNA_DRIFT_FILE_PATH
fi
# These mean something to the native source alone; their defaults must not be refused.
if [ "${TAZUNA_DRIFT_SOURCE:-native}" = output ]; then
  unset TAZUNA_DRIFT_BUILD_TIMEOUT
fi

folder="${RUNNER_TEMP:-$(mktemp -d)}/tazuna-drift"
mkdir -p "$folder"
# Two uses of the action in one job must not overwrite each other's reports.
use=$(mktemp -d "$folder/XXXXXX")
export TAZUNA_DRIFT_REPORT_FILE="${TAZUNA_DRIFT_REPORT_FILE:-$use/report.json}"
export TAZUNA_DRIFT_MARKDOWN_FILE="${TAZUNA_DRIFT_MARKDOWN_FILE:-$use/report.md}"
mkdir -p "$(dirname "$TAZUNA_DRIFT_REPORT_FILE")" "$(dirname "$TAZUNA_DRIFT_MARKDOWN_FILE")"

[ -z "${TOOLS:-}" ] || export PATH="$TOOLS:$PATH"
exec "$PROGRAM" run
