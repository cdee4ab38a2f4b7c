#!/bin/sh
# Remake the lock files from pyproject.toml: every version and hash, for every system, no index named.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "uv is needed: pip install uv" >&2; exit 3; }
export UV_CUSTOM_COMPILE_COMMAND=tools/lock.sh
flags="--quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-annotate"
uv pip compile $flags pyproject.toml -o requirements.lock
uv pip compile $flags pyproject.toml --group dev -o requirements-dev.lock
