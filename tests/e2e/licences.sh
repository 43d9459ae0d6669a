#!/usr/bin/env bash
# Licences, sources and bans of dependencies by deny.toml, without network. Advisories need
# one: `cargo deny check advisories` where there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/e2e/tools.sh
source tests/e2e/tools.sh
need_cargo_deny 0.20.2
cargo deny --offline --log-level error check licenses bans sources
