# shellcheck shell=bash
# Functions that bring a RabbitMQ that speaks MQTT 5 (3.13 or newer). To be sourced after debian.sh and timescaledb.sh.
# Debian 13 has it as a package. Beside an older Debian or Ubuntu it goes into the root of Debian 13.

RABBITMQ_PACKAGE=rabbitmq-server
RABBITMQ_FIRST=3.13

has_rabbitmq() {
    local root server version
    for root in "" "$ROOT"; do
        [ -z "$root" ] || [ "$(id -u)" = 0 ] || continue
        for server in "$root"/usr/lib/rabbitmq/lib/rabbitmq_server-*; do
            version=${server##*-}
            if [ -e "$server" ] && dpkg --compare-versions "$version" ge "$RABBITMQ_FIRST"; then return 0; fi
        done
    done
    return 1
}

# The version that this machine's own packages offer is new enough.
offers_rabbitmq() {
    local offered
    offered=$(apt-cache policy "$RABBITMQ_PACKAGE" 2>/dev/null | awk '/Candidate:/ { print $2 }')
    [ -n "$offered" ] && [ "$offered" != "(none)" ] && dpkg --compare-versions "$offered" ge "$RABBITMQ_FIRST"
}

install_rabbitmq() {
    has_rabbitmq && return
    are_known "$RABBITMQ_PACKAGE" || quietly apt-get update || true
    if offers_rabbitmq; then install_packages "$RABBITMQ_PACKAGE"; else install_rabbitmq_in_root; fi
}

# Nothing starts in there: a root has no services, and this file says no to whoever asks.
install_rabbitmq_in_root() {
    [ -d "$ROOT" ] || make_root "$RABBITMQ_PACKAGE" || return
    has_rabbitmq && return
    echo "installing $RABBITMQ_PACKAGE in $ROOT"
    printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
    chmod 755 "$ROOT/usr/sbin/policy-rc.d"
    quietly chroot "$ROOT" apt-get update &&
        quietly chroot "$ROOT" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "$RABBITMQ_PACKAGE" </dev/null || return
    chroot "$ROOT" apt-get clean
}
