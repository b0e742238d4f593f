#!/usr/bin/env bash
# Runs the conformance suites against a built Wigwag.
#   conformance/run.sh [--wigwag PATH] [PYTEST ARGUMENT...]
# PATH defaults to $WIGWAG_BIN, else target/debug/wigwag. Ends with pytest's count.
set -euo pipefail
if [ "${1:-}" = --wigwag ]; then
    WIGWAG_BIN=$(realpath "$2")
    shift 2
fi
export WIGWAG_BIN=${WIGWAG_BIN:-$(cd "$(dirname "$0")/.." && pwd)/target/debug/wigwag}
cd "$(dirname "$0")"
[ -x "$WIGWAG_BIN" ] || { echo "conformance: no Wigwag binary at $WIGWAG_BIN (cargo build -p wigwag)" >&2; exit 1; }
./setup.sh
# A process for each lane: those that poll mostly wait.
exec .venv/bin/pytest -q -n 13 --dist loadgroup "$@"
