# shellcheck shell=bash
# The programs of PostgreSQL, wherever they are. To be sourced.
read -ra client_words <<<"${PG_CLIENT:-}"

# A name with = or :// in it would be taken for the whole address of another server, one with a quote for SQL.
check_database_name() {
    case $1 in
    "" | -* | *[!A-Za-z0-9_.-]*)
        echo "PGDATABASE: a database is called by letters, digits and _ . - here: nothing was done" >&2
        exit 2
        ;;
    esac
}

client() {
    local program=$1
    shift
    "${client_words[@]}" "${PG_CLIENT_BIN:+$PG_CLIENT_BIN/}$program" ${PGUSER:+--username="$PGUSER"} "$@"
}
