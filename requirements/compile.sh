#!/bin/sh
# Pins what pyproject.toml names, with hashes and without addresses, for every platform and Python >= 3.11.
# Needs uv (pip install uv). Run it after a change of pyproject.toml, or with --upgrade to move the pins.
set -eu
cd "$(dirname "$0")/.."
export UV_CUSTOM_COMPILE_COMMAND="requirements/compile.sh"
pin() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes "$@"; }
pin pyproject.toml --group build -o requirements/run.txt
pin pyproject.toml --extra parquet --extra plot --extra postgres --group build --group dev \
  -c requirements/run.txt -o requirements/dev.txt
pin pyproject.toml --group build --group dev --group browser -c requirements/dev.txt -o requirements/browser.txt
pin pyproject.toml --extra labs --extra spark --extra parquet --extra plot --extra postgres \
  --group build --group dev -c requirements/dev.txt -o requirements/labs.txt
