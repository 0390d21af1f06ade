#!/usr/bin/env bash
# Run every benchmark with the environment's Python; $BIN is its bin folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
shopt -s nullglob

scripts=(benchmarks/*.py)
if [[ ${#scripts[@]} -eq 0 ]]; then
    echo "no benchmarks in benchmarks/"
    exit 0
fi
for script in "${scripts[@]}"; do
    echo "== $script"
    "$BIN/python" "$script"
done
