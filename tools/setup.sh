#!/bin/sh
# Make this checkout ready: system libraries of Qt and EGL, a virtual environment, locked dependencies.
# A second run finds everything in place and is instant. "dev" adds what the tests need; other words are those of
# setup.py (--collect FOLDER, --offline FOLDER: docs/offline.md).
set -eu
cd "$(dirname "$0")/.."

lock=requirements.lock
packages="python3 python3-venv
libegl1 libgl1 libglx-mesa0 libegl-mesa0 libgl1-mesa-dri libopengl0
libglib2.0-0 libdbus-1-3 libfontconfig1 libfreetype6 libx11-6 libx11-xcb1 libxext6 libxrender1
libxkbcommon0 libxkbcommon-x11-0 libxcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
libxcb-render0 libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-util1 libxcb-xfixes0 libxcb-xkb1"
if [ "${1:-}" = dev ]; then
    lock=requirements-dev.lock
    packages="$packages xvfb xauth"
    # A database server is nobody's wish on a person's own machine; tests without one say that they were skipped.
    [ -z "${CI:-}" ] || packages="$packages postgresql-15-postgis-3"
fi

# --- system packages (Debian and its relatives) ---------------------------------------------------------------------
if command -v dpkg-query >/dev/null 2>&1; then
    missing=""
    for package in $packages; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || missing="$missing $package"
    done
    if [ -n "$missing" ]; then
        as_root=""
        if [ "$(id -u)" -ne 0 ]; then
            if command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
                as_root=sudo
            else
                echo "缺少系统软件包，且没有 root 或 sudo 权限。请管理员执行：" >&2
                echo "System packages are missing, and there is neither root nor sudo. Please ask for:" >&2
                echo "  apt-get install -y --no-install-recommends$missing" >&2
                exit 3
            fi
        fi
        echo "系统软件包 / system packages:$missing"
        $as_root apt-get update -qq
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    fi
fi

# --- the newest Python there is -------------------------------------------------------------------------------------
python=""
for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "需要带 venv 的 Python 3.11 或更高版本。/ Python 3.11 or newer with venv is needed." >&2
    exit 3
fi
exec "$python" tools/setup.py "$@"
