#!/usr/bin/env bash
# Bring a dump that backup.sh made into a new database. A database that has tables already is left alone.
#   deploy/backup/restore.sh DIRECTORY/noroshi-....dump
# The same variables as for backup.sh; PGUSER must be a superuser. The roles that own and read the tables must exist
# (deploy/timescaledb/init makes them). The service must not be running.
set -euo pipefail
export LC_ALL=C

dump=${1:?usage: restore.sh FILE}
database=${PGDATABASE:-noroshi}
# shellcheck source=deploy/backup/client.sh
. "$(dirname "$0")/client.sh"
check_database_name "$database"

# ask DATABASE SQL [NAME=VALUE]: a value never becomes part of the SQL; there it is called :'NAME' or :"NAME".
ask() {
    client psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$1" ${3:+--set "$3"} <<<"$2"
}
refuse() {
    echo "$1" >&2
    exit 2
}

(cd "$(dirname "$dump")" && sha256sum --check --strict --quiet "$(basename "$dump").sha256") ||
    refuse "$dump is not what backup.sh wrote: nothing was done"

dumped=$(sed -n 's/^timescaledb //p' "$dump.about")
case $dumped in
"" | *[!0-9A-Za-z.+-]*) refuse "$dump.about does not say which TimescaleDB the dump is of: nothing was done" ;;
esac

if [ -z "$(ask postgres "select 1 from pg_database where datname = :'name'" "name=$database")" ]; then
    ask postgres 'create database :"name"' "name=$database"
fi
[ "$(ask "$database" "select count(*) from pg_tables where schemaname = 'public'")" = 0 ] ||
    refuse "database $database has tables already: nothing was done; if they may go (a new installation): dropdb $database, and run this again"

if [ "$dumped" != none ]; then
    offered=$(ask "$database" "select string_agg(version, ' ') from pg_available_extension_versions where name = 'timescaledb'")
    case " $offered " in
    *" $dumped "*) ;;
    *) refuse "the dump is of TimescaleDB $dumped, this server offers ${offered:-none}: install $dumped, restore, then update" ;;
    esac
    installed=$(ask "$database" "select extversion from pg_extension where extname = 'timescaledb'")
    [ -n "$installed" ] || ask "$database" "create extension timescaledb version :'version'" "version=$dumped"
    [ -z "$installed" ] || [ "$installed" = "$dumped" ] ||
        refuse "database $database has TimescaleDB $installed, the dump is of $dumped: drop the database and run this again"
    ask "$database" "select timescaledb_pre_restore()" >/dev/null
fi

# Roles are in no dump, and figures of the dump belong to one of these (../timescaledb/wall-roles.sql).
for role in noroshi_walled noroshi_pages; do
    [ -n "$(ask "$database" "select 1 from pg_roles where rolname = :'role'" "role=$role")" ] ||
        ask "$database" 'create role :"role" nologin' "role=$role"
done

client pg_restore --exit-on-error --dbname="$database" <"$dump"

if [ "$dumped" != none ]; then ask "$database" "select timescaledb_post_restore()" >/dev/null; fi
ask "$database" "analyze"

# What deploy/timescaledb/init says of the database itself is in no dump: a database made here would be the superuser's.
client psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "$database" <<'SQL'
select format(words, current_database())
from (
    values ('noroshi', 'alter database %I owner to noroshi'),
        ('noroshi', 'revoke all on database %I from public'),
        ('noroshi_writer', 'grant connect, temporary on database %I to noroshi_writer'),
        ('grafana', 'grant connect on database %I to grafana')
) as said (role, words)
where exists (select from pg_roles where rolname = role) \gexec
SQL
echo "$database: $(tr '\n' ' ' <"$dump.about")"
echo "next: as the owner of the tables: systemctl start noroshi-migrate, or docker compose run --rm database-roles; then noroshi db status"
