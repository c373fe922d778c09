#!/usr/bin/env bash
# Bring the real servers that the tests want onto this machine: as root on Debian or Ubuntu only what is missing.
# Anybody else is told what is missing and which package brings it; their tests of it are skipped.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=deploy/setup/debian.sh
. ./debian.sh
# shellcheck source=deploy/setup/timescaledb.sh
. ./timescaledb.sh
# shellcheck source=deploy/setup/rabbitmq.sh
. ./rabbitmq.sh

# program (or file), and the package that brings it
WANTED=(
    "mosquitto mosquitto"
    "mosquitto_pub mosquitto-clients"
    "chromium chromium"
    "pdftotext poppler-utils"
    "prometheus prometheus"
    "prometheus-alertmanager prometheus-alertmanager"
    "ps procps"
    "ip iproute2"
    "faketime faketime"
    "pgbouncer pgbouncer"
    "systemd-analyze systemd"
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc fonts-noto-cjk"
)

is_here() {
    case $1 in
    /*) [ -e "$1" ] ;;
    chromium) command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ;;
    *) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ;;
    esac
}

wanted_packages() {
    local line
    for line in "${WANTED[@]}"; do is_here "${line% *}" || echo "${line#* }"; done
}

# Ubuntu's package `chromium` holds no browser: it asks the snap store for one, which a server or a container lacks.
without_snap_stubs() {
    if [ "$(os_release ID)" = ubuntu ]; then grep -vx chromium || true; else cat; fi
}

install_all() {
    local packages
    read -ra packages <<<"$(wanted_packages | without_snap_stubs | xargs)"
    # What can be had is installed even if one package of the list cannot.
    [ "${#packages[@]}" = 0 ] || install_packages "${packages[@]}" ||
        for package in "${packages[@]}"; do install_packages "$package" || echo "$package: not installed" >&2; done
    install_timescaledb || echo "TimescaleDB (apache): not installed" >&2
    install_rabbitmq || echo "RabbitMQ: not installed" >&2
}

report_missing() {
    local line
    for line in "${WANTED[@]}"; do
        is_here "${line% *}" && continue
        if [ "${line#* }" = chromium ] && [ "$(os_release ID)" = ubuntu ]; then
            echo "missing: chromium. Ubuntu's package only fetches a snap: put Debian's chromium or Google Chrome on PATH"
        else
            echo "missing: ${line% *}, which comes with the package ${line#* }"
        fi
    done
    has_timescaledb || echo "missing: TimescaleDB (apache), which comes with Debian's $TIMESCALEDB_PACKAGE"
    has_rabbitmq || echo "missing: RabbitMQ $RABBITMQ_FIRST or newer, which comes with Debian 13's $RABBITMQ_PACKAGE"
}

if is_debian_family && [ "$(id -u)" = 0 ]; then install_all; fi
report_missing
