#!/bin/sh
# Install dciodvfy, which holds DICOM objects against the standard, where apt permits.
# Without it the tests that ask it are skipped, and say so.
set -eu

if command -v dciodvfy >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    exit 0
fi
echo "installing dicom3tools"
{
    $as_root apt-get update -qq &&
        $as_root apt-get install -qq -y --no-install-recommends dicom3tools
} >/dev/null 2>&1 || echo "dicom3tools could not be installed" >&2
