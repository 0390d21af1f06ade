#!/usr/bin/env bash
# make_venv.sh FOLDER REQUIREMENT: create the virtual environment FOLDER where it is missing or broken, with
# $PYTHON if that is a version we support and else with any that is, and install REQUIREMENT in editable form.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=$1
requirement=$2

if ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then
    if ! python=$(scripts/find_python.sh "${PYTHON:-python3}" 3.11 3.12 3.13); then
        echo "error: no Python 3.11, 3.12 or 3.13 found. Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2
        exit 1
    fi
    echo "creating $venv with $python"
    if ! "$python" -m venv --clear "$venv"; then
        echo "error: $python could not create a virtual environment (on Debian and Ubuntu: apt install python3-venv)" >&2
        exit 1
    fi
fi

echo "installing neurofluxon and what it needs into $venv (some minutes the first time)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "$requirement"
