#!/usr/bin/env bash
# Bring Mosquitto for the demonstration, where that is quick and allowed. Never fails: without Mosquitto
# the demonstration uses the broker that comes with pip.
set -uo pipefail
cd "$(dirname "$0")" || exit 0
# shellcheck source=deploy/setup/debian.sh
. ./debian.sh

if command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ]; then exit 0; fi
if is_debian_family && [ "$(id -u)" = 0 ] && install_packages mosquitto; then exit 0; fi
echo "Mosquitto is not on this machine (Debian, Ubuntu: apt install mosquitto): the demonstration uses its own broker"
