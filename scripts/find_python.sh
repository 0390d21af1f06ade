#!/usr/bin/env bash
# Print the first interpreter among the arguments (names, paths or versions such as 3.12) that this project
# supports; with none of them, exit 1. A version is also looked for in pyenv, whose shims exist even for
# versions that are not active: so every candidate is run before it is believed.
set -u

supported='import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 14))'

try() { # candidate [version it must have]
    local found
    found=$("$1" -c 'import sys; print(sys.executable, "%d.%d" % sys.version_info[:2])' 2>/dev/null) || return 1
    [[ -z ${2-} || ${found##* } == "$2" ]] || return 1
    "$1" -c "$supported" 2>/dev/null || return 1
    echo "${found% *}"
}

for candidate in "$@"; do
    if [[ $candidate =~ ^3\.[0-9]+$ ]]; then
        try "python$candidate" "$candidate" && exit 0
        if command -v pyenv >/dev/null 2>&1; then
            for installed in "$(pyenv root)/versions/$candidate".*/bin/python; do
                try "$installed" "$candidate" && exit 0
            done
        fi
    else
        try "$candidate" && exit 0
    fi
done
exit 1
