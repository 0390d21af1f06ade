#!/usr/bin/env bash
# test_all.sh VERSION...: run the tests with each Python that is found, each in an environment of its own.
# Exits 1 if a run fails or no version is found; a version that is not installed is named and left out.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.."

passed=() failed=() missing=()
for version in "$@"; do
    if ! python=$(scripts/find_python.sh "$version"); then
        missing+=("$version")
        continue
    fi
    echo "== Python $version ($python)"
    if "${MAKE:-make}" test VENV=".venv-$version" PYTHON="$python"; then
        passed+=("$version")
    else
        failed+=("$version")
    fi
done

echo "passed: ${passed[*]:-none}; failed: ${failed[*]:-none}; not installed: ${missing[*]:-none}"
[[ ${#failed[@]} -eq 0 && ${#passed[@]} -gt 0 ]]
