# shellcheck shell=bash
# The programs of PostgreSQL, wherever they are. To be sourced.
read -ra client_words <<<"${PG_CLIENT:-}"

client() {
    local program=$1
    shift
    "${client_words[@]}" "${PG_CLIENT_BIN:+$PG_CLIENT_BIN/}$program" ${PGUSER:+--username="$PGUSER"} "$@"
}
