#!/bin/sh
# Before the first `docker compose up`: write .env with a fresh password or token for everything that has one.
# Run again, it fills in only what is missing; what is there is never changed.
set -eu
cd "$(dirname "$0")/.."
umask 077

fresh_password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

unfinished=$(mktemp .env.XXXXXX)
trap 'rm -f "$unfinished"' EXIT
if [ -e .env ]; then cat .env >"$unfinished"; else cat .env.example >"$unfinished"; fi

# A file that somebody wrote may end without an end of line, or have those of Windows.
sed -i 's/\r$//; $a\' "$unfinished"

# These stand in an address (docker-compose.yml): another character would end the password, or name another server.
for name in OWNER_DATABASE_PASSWORD INGEST_DATABASE_PASSWORD SIMULATOR_BROKER_PASSWORD; do
    value=$(sed -n "s/^$name=//p" "$unfinished" | tail -n 1 | sed "s/^'\(.*\)'\$/\1/; s/^\"\(.*\)\"\$/\1/")
    case $value in
    *[!0-9A-Za-z._~-]*)
        echo ".env: $name に使える文字は英数字と . _ ~ - だけです。何も書きませんでした" >&2
        echo ".env: $name may have letters, digits and . _ ~ - only: nothing was written" >&2
        exit 2
        ;;
    esac
done

made=
# shellcheck disable=SC2013  # a name of a variable is one word
for name in $(sed -n -E 's/^([A-Z_]*_(PASSWORD|TOKEN))=.*/\1/p' .env.example); do
    # A line of the name without a value goes, the new one takes its place at the end of the file.
    sed -i "/^$name=[[:space:]'\"]*\$/d" "$unfinished"
    grep -q "^$name=" "$unfinished" && continue
    printf '%s=%s\n' "$name" "$(fresh_password)" >>"$unfinished"
    made="$made $name"
done

if [ -z "$made" ]; then
    echo ".env に不足はありません。 / Nothing is missing in .env."
    exit
fi
chmod 600 "$unfinished"
mv "$unfinished" .env
trap - EXIT
echo ".env に書き込みました:$made"
echo "Written to .env:$made"
echo "次 next: docker compose up --build --detach    Grafana: http://127.0.0.1:3000 (admin / GRAFANA_ADMIN_PASSWORD)"
echo "画面の最初の管理者のリンク / the link of the first admin of the pages: docker compose logs access-first"
