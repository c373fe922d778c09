#!/usr/bin/env bash
# Dump the database, prove that the dump can be read to its end, and let go of old ones.
#   deploy/backup/backup.sh DIRECTORY
# PGHOST, PGPORT, PGUSER, PGPASSFILE... say where, as for every program of PostgreSQL; PGDATABASE is noroshi unless said.
# KEEP newest dumps stay (14), and of the KEEP_MONTHS newest months (12) the first one each.
# With containers: PG_CLIENT="docker compose exec -T timescaledb" PGUSER=postgres deploy/backup/backup.sh DIRECTORY
# Elsewhere than on PATH: PG_CLIENT_BIN=/usr/lib/postgresql/18/bin
set -euo pipefail
umask 077
export LC_ALL=C

directory=${1:?usage: backup.sh DIRECTORY}
keep=${KEEP:-14}
keep_months=${KEEP_MONTHS:-12}
database=${PGDATABASE:-noroshi}
# shellcheck source=deploy/backup/client.sh
. "$(dirname "$0")/client.sh"
check_database_name "$database"

mkdir -p "$directory"
# Two at once would each let go of what the other has just made.
exec 9>"$directory/.lock"
flock --nonblock 9 || { echo "another backup into $directory is running" >&2; exit 1; }

name=noroshi-$(date -u +%Y%m%dT%H%M%SZ).dump
unfinished=$directory/.unfinished
trap 'rm -f "$unfinished"' EXIT

about=$(client psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$database" <<'SQL'
select 'postgresql ' || current_setting('server_version');
select 'timescaledb ' || coalesce((select extversion from pg_extension where extname = 'timescaledb'), 'none');
select 'schema ' || max(version) from schema_migration;
SQL
)
client pg_dump --format=custom --dbname="$database" >"$unfinished"
# Its table of contents stands at the beginning: only reading all of it shows that the end is there.
client pg_restore --file=/dev/null <"$unfinished"

mv "$unfinished" "$directory/$name"
trap - EXIT
printf '%s\n' "$about" >"$directory/$name.about"
(cd "$directory" && sha256sum "$name" "$name.about" >"$name.sha256")
sync "$directory/$name" "$directory/$name.about" "$directory/$name.sha256" "$directory"

# The names sort by time. What stays: the newest, and the first of each month.
shopt -s nullglob
dumps=("$directory"/noroshi-*.dump)
firsts=()
month=
for dump in "${dumps[@]}"; do
    of=$(basename "$dump")
    of=${of:8:6}
    if [ "$of" != "$month" ]; then firsts+=("$dump"); fi
    month=$of
done
stays() {
    local dump
    for dump in "${dumps[@]: -$((keep < ${#dumps[@]} ? keep : ${#dumps[@]}))}" \
        "${firsts[@]: -$((keep_months < ${#firsts[@]} ? keep_months : ${#firsts[@]}))}"; do
        [ "$dump" = "$1" ] && return
    done
    return 1
}
for dump in "${dumps[@]}"; do
    stays "$dump" || rm -f "$dump" "$dump.about" "$dump.sha256"
done
echo "$directory/$name"
