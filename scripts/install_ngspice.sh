#!/usr/bin/env bash
# Install ngspice (the program) and libngspice.so (the library that PySpice opens) where they are missing and we may.
# ngspice is there to check the native engine against, so whatever happens here is no failure: say what to do, and carry
# on.
set -u

# Debian's ngspice package brings neither; libngspice0-dev has the unversioned name that PySpice opens.
packages=(ngspice libngspice0-dev)

have_program() { command -v ngspice >/dev/null 2>&1; }
have_library() {
    [[ -n ${NGSPICE_LIBRARY_PATH-} && -e $NGSPICE_LIBRARY_PATH ]] && return 0
    local folder
    for folder in /usr/lib /usr/lib/*-linux-gnu /usr/lib64 /usr/local/lib /opt/homebrew/lib; do
        [[ -e $folder/libngspice.so || -e $folder/libngspice.dylib ]] && return 0
    done
    return 1
}
complete() { have_program && have_library; }
explain() {
    have_program || echo "ngspice (the program) is not installed."
    have_library || echo "libngspice.so (the library that PySpice opens) is not installed."
    echo "It is optional: the circuit level runs on the native engine; tests against ngspice are skipped. To install:"
    echo "    Debian, Ubuntu:  sudo apt-get install ${packages[*]}"
    echo "    Fedora:          sudo dnf install ngspice libngspice-devel"
    echo "    macOS:           brew install ngspice libngspice"
    echo "then 'neurosim doctor' shows what was found."
}

complete && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    explain
    exit 0
elif [[ $(id -u) -eq 0 ]]; then
    as_root=()
elif sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
else
    explain
    exit 0
fi

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -qq -y \
        -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=60 "$@" </dev/null >/dev/null 2>&1
}

echo "installing ${packages[*]} with apt-get"
# The package lists of a fresh container are empty or old: refresh them only when the first try shows the need.
apt install --no-install-recommends "${packages[@]}" ||
    { apt update; apt install --no-install-recommends "${packages[@]}"; }

complete || explain
exit 0
