#!/bin/sh
# Put the program of this checkout, and only what it needs, into /opt/noroshi: the first time, and at each update.
# At the versions and hashes of requirements.lock; UV_DEFAULT_INDEX names another index than the public one.
# A running service keeps what it has loaded until it is started again.
set -eu
cd "$(dirname "$0")/../.."
target=${1:-/opt/noroshi}

[ -x "$target/bin/python" ] || python3 -m venv "$target"
only=$(mktemp)
trap 'rm -f "$only"' EXIT
# The lines of the list that belong to one package, its hashes included.
awk '/^[^ ]/ { inside = index($0, "uv==") == 1 } inside' requirements.lock >"$only"
"$target/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$only"

export VIRTUAL_ENV="$target"
"$target/bin/uv" pip install --quiet --require-hashes --only-binary :all: --constraints requirements.lock -r pyproject.toml
"$target/bin/uv" pip install --quiet --no-deps --build-constraints deploy/build-requirements.lock --reinstall-package noroshi .

rm -rf "$target/deploy" "$target/docs"
cp -R deploy docs "$target/"
# Of the checkout's own authority nothing belongs here.
rm -rf "$target/deploy/tls/certificates"
chmod -R a+rX "$target"
"$target/bin/noroshi" --version
