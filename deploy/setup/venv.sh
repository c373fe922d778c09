#!/usr/bin/env bash
# Make .venv with exactly what requirements.lock names, and this checkout in it.
# Where packages come from is the machine's own affair: pip's settings count, for uv too.
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=deploy/setup/debian.sh
. deploy/setup/debian.sh

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Debian and Ubuntu keep the part of Python that makes environments in a package of its own.
can_make_environments() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if fits "$candidate"; then
            # The program itself, not a version manager's shim for it.
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

may_install() { is_debian_family && [ "$(id -u)" = 0 ]; }

need_python() {
    python=$(find_python) && return
    if may_install; then install_packages python3 python3-venv && python=$(find_python) && return; fi
    echo "Python 3.11 or newer is needed, and none is on this machine. Debian, Ubuntu: apt install python3-venv" >&2
    return 1
}

need_venv() {
    can_make_environments "$python" && return
    if may_install; then
        install_packages "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" && return
    fi
    echo "$python cannot make environments. Debian, Ubuntu: apt install python3-venv" >&2
    return 1
}

# uv reads its own variables only. Hand it what pip was told, unless it was told something itself.
translate_pip_settings() {
    local pip=".venv/bin/python -m pip" value
    pip_setting() { $pip config get "global.$1" 2>/dev/null || true; }
    value=${PIP_INDEX_URL:-$(pip_setting index-url)}
    if [ -n "$value" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX=$value; fi
    value=${PIP_EXTRA_INDEX_URL:-$(pip_setting extra-index-url)}
    if [ -n "$value" ] && [ -z "${UV_INDEX:-}${UV_EXTRA_INDEX_URL:-}" ]; then export UV_INDEX=$value; fi
    value=${PIP_FIND_LINKS:-$(pip_setting find-links)}
    if [ -n "$value" ] && [ -z "${UV_FIND_LINKS:-}" ]; then export UV_FIND_LINKS=${value// /,}; fi
    value=${PIP_CERT:-$(pip_setting cert)}
    if [ -n "$value" ] && [ -z "${SSL_CERT_FILE:-}" ]; then export SSL_CERT_FILE=$value; fi
    value=${PIP_DEFAULT_TIMEOUT:-$(pip_setting timeout)}
    if [ -n "$value" ] && [ -z "${UV_HTTP_TIMEOUT:-}" ]; then export UV_HTTP_TIMEOUT=$value; fi
    # An office with a certificate authority of its own has told the machine, not every program on it.
    if [ -z "${SSL_CERT_FILE:-}" ] && [ -s /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS=1; fi
    if [ -n "${PIP_NO_INDEX:-$(pip_setting no-index)}" ]; then export UV_NO_INDEX=1; fi
}

# The lines of requirements.lock that belong to one package, hashes included.
locked() { awk -v name="$1" '/^[^ ]/ { inside = index($0, name "==") == 1 } inside' requirements.lock; }

bootstrap_uv() {
    local only
    only=$(mktemp)
    locked uv >"$only"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$only"
    rm -f "$only"
}

main() {
    local python
    if ! fits .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        need_python
        need_venv
        echo "making .venv with $("$python" --version)"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    translate_pip_settings
    # An activated environment elsewhere is not where this goes.
    export VIRTUAL_ENV=$PWD/.venv
    unset CONDA_PREFIX PYTHONPATH PYTHONHOME
    [ -x .venv/bin/uv ] || bootstrap_uv
    .venv/bin/uv pip sync --quiet --require-hashes requirements.lock
    .venv/bin/uv pip install --quiet --no-deps --build-constraints deploy/build-requirements.lock -e .
    # uv follows the list and takes pip away; the next run needs it to read pip's settings.
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
}

main
