# shellcheck shell=bash
# Functions that bring Debian's own TimescaleDB (apache tier). To be sourced after debian.sh.
# Debian 13 and newer have it as a package. Beside an older Debian goes a root of Debian 13 of its own,
# a folder in the user's cache that the tests enter by chroot: 700 MB, under a minute.

TIMESCALEDB_PACKAGE=postgresql-17-timescaledb
ROOT_SUITE=trixie
ROOT=${XDG_CACHE_HOME:-$HOME/.cache}/noroshi/$ROOT_SUITE
CONTROL=usr/share/postgresql/17/extension/timescaledb.control

has_timescaledb() {
    local control
    for control in /usr/share/postgresql/*/extension/timescaledb.control; do [ -e "$control" ] && return; done
    [ -e "$ROOT/$CONTROL" ] && [ "$(id -u)" = 0 ]
}

install_timescaledb() {
    has_timescaledb && return
    are_known "$TIMESCALEDB_PACKAGE" || [ "$(debian_mirror)" ] || quietly apt-get update
    if are_known "$TIMESCALEDB_PACKAGE"; then install_timescaledb_package; else make_root "$TIMESCALEDB_PACKAGE"; fi
}

# The package of a PostgreSQL makes a cluster and starts it, unless it is told not to.
install_timescaledb_package() {
    local note=/etc/postgresql-common/createcluster.d/noroshi-tests.conf status=0 new=
    is_installed postgresql-common || new=yes
    if [ "$new" ]; then
        mkdir -p "${note%/*}"
        echo "create_main_cluster = false" >"$note"
    fi
    install_packages "$TIMESCALEDB_PACKAGE" || status=$?
    if [ "$new" ]; then rm -f "$note"; fi
    return "$status"
}

# Where this machine's own Debian packages come from, whatever the form of its sources.
debian_mirror() {
    if [ -n "${NOROSHI_DEBIAN_MIRROR:-}" ]; then
        echo "$NOROSHI_DEBIAN_MIRROR"
    elif [ "$(os_release ID)" = debian ]; then
        # shellcheck disable=SC2016  # apt fills in the names
        apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
            awk -v suite="$(os_release VERSION_CODENAME)" '$1 == suite && $2 == "main" { print $3; exit }'
    fi
}

# make_root PACKAGE: a root with it. One that is there already without it is made anew.
# Built under another name and renamed when complete: an interrupted run leaves nothing that looks finished.
make_root() {
    local package=$1 mirror unfinished
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then
        echo "no Debian mirror is known here: set NOROSHI_DEBIAN_MIRROR to one for the tests with $package" >&2
        return 1
    fi
    install_packages debootstrap || return
    mkdir -p "${ROOT%/*}"
    rm -rf "$ROOT".unfinished.*
    unfinished=$(mktemp -d "$ROOT.unfinished.XXXXXX")
    chmod 755 "$unfinished"
    echo "making a Debian $ROOT_SUITE root with $package in $ROOT"
    if quietly debootstrap --variant=minbase "--include=$package" "$ROOT_SUITE" "$unfinished" "$mirror"; then
        rm -rf "$unfinished"/var/cache/apt/archives/*.deb "$ROOT"
        mv "$unfinished" "$ROOT"
    else
        rm -rf "$unfinished"
        return 1
    fi
}
