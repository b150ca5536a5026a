#!/bin/sh
# Make a virtual environment, unless FOLDER already holds a working one.
# Usage: make-venv.sh FOLDER     (PYTHON=/path/to/python chooses the interpreter)
set -eu

folder=$1

suits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
        >/dev/null 2>&1
}

if suits "$folder/bin/python"; then
    exit 0
fi
for python in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python; do
    if suits "$python"; then
        echo "making $folder with $("$python" --version)"
        "$python" -m venv --clear "$folder"
        exit 0
    fi
done

echo "No Python 3.11 or later with venv and pip was found." \
    "Install one (Debian, Ubuntu: apt install python3 python3-venv)," \
    "or name it: make PYTHON=/path/to/python3.11" >&2
exit 1
