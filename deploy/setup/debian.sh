# shellcheck shell=bash
# Functions for scripts that install Debian or Ubuntu packages. To be sourced.

is_debian_family() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# A word of /etc/os-release: ID, VERSION_ID, VERSION_CODENAME.
os_release() (
    . /etc/os-release
    eval "echo \"\${$1:-}\""
)

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Those of the named packages that are not installed, on one line.
missing_packages() {
    local package missing=()
    for package in "$@"; do is_installed "$package" || missing+=("$package"); done
    echo "${missing[*]}"
}

# Run quietly; show everything it said if it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    [ "$status" = 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

are_known() {
    local package
    for package in "$@"; do apt-cache show "$package" >/dev/null 2>&1 || return 1; done
}

apt_install() { DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" </dev/null; }

# Install what is missing of the named packages. Services that they bring are neither started nor enabled.
install_packages() {
    local missing status=0
    read -ra missing <<<"$(missing_packages "$@")"
    [ "${#missing[@]}" = 0 ] && return
    echo "installing ${missing[*]}"
    are_known "${missing[@]}" || quietly apt-get update || true
    forbid_service_starts
    # Old lists name packages that the mirror no longer has: fetch them once more before giving up.
    apt_install "${missing[@]}" >/dev/null 2>&1 ||
        { quietly apt-get update && quietly apt_install "${missing[@]}"; } || status=$?
    allow_service_starts
    disable_services "${missing[@]}"
    return "$status"
}

POLICY=/usr/sbin/policy-rc.d
POLICY_MARK="# written by deploy/setup/debian.sh, for as long as it installs packages"

# Debian starts a service as it installs it, unless this file says no. One that is there already is left alone.
forbid_service_starts() {
    [ -e "$POLICY" ] && return
    trap allow_service_starts EXIT
    printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >"$POLICY"
    chmod 755 "$POLICY"
}

allow_service_starts() {
    if grep -qsF "$POLICY_MARK" "$POLICY"; then rm -f "$POLICY"; fi
}

# Not at the next boot either: the tests start their own, on their own ports.
disable_services() {
    local package unit
    [ -d /run/systemd/system ] || return 0
    for package in "$@"; do
        dpkg-query -L "$package" 2>/dev/null | sed -n 's|.*/systemd/system/\([^/@]*\.service\)$|\1|p' |
            while read -r unit; do quietly systemctl disable --now "$unit" || true; done
    done
}
