#!/bin/sh
# Make sure that the GUI tests have what they need: Qt's system libraries and xvfb.
# Installs them through apt where that is permitted; else names them in one line.
set -eu

packages="libegl1 libgl1 libdbus-1-3 libfontconfig1 libglib2.0-0 libxkbcommon-x11-0
libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-randr0
libxcb-sync1 libxcb-xfixes0 xvfb xauth"

# Without dpkg (not Debian or Ubuntu) only the display server can be looked for.
if ! command -v dpkg-query >/dev/null 2>&1; then
    if command -v xvfb-run >/dev/null 2>&1; then
        exit 0
    fi
    echo "GUI tests need xvfb-run and the libraries of Qt 6 (EGL, xkbcommon-x11," \
        "xcb-cursor): install them with your system's package manager" >&2
    exit 1
fi

# Newer releases renamed some packages (libglib2.0-0t64), which then provide the old
# name; so ask for installed packages by name and by what they provide.
installed=$(dpkg-query -W -f '${db:Status-Abbrev}|${Package}, ${Provides}\n' |
    sed -n 's/^ii *|//p' | tr ',' '\n' | sed 's/ *(.*//; s/^ *//; s/ *$//' | sort -u)
missing=
for package in $packages; do
    echo "$installed" | grep -qx "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "GUI tests need these packages: sudo apt-get install$missing" >&2
    exit 1
fi

echo "installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# $as_root and $missing are lists of words on purpose.
if ! { $as_root apt-get update &&
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt could not install these packages:$missing" >&2
    exit 1
fi
