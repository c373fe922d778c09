#!/bin/sh
# Before the first `docker compose up`: write .env with a fresh password for everything that has one.
# Run again, it fills in only what is missing; a password that is there is never changed.
set -eu
cd "$(dirname "$0")/.."
umask 077

fresh_password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

unfinished=$(mktemp .env.XXXXXX)
trap 'rm -f "$unfinished"' EXIT
if [ -e .env ]; then cat .env >"$unfinished"; else cat .env.example >"$unfinished"; fi

made=
# shellcheck disable=SC2013  # a name of a variable is one word
for name in $(sed -n 's/^\([A-Z_]*_PASSWORD\)=.*/\1/p' .env.example); do
    grep -q "^$name=..*" "$unfinished" && continue
    # A line of the name without a value goes, the new one takes its place at the end of the file.
    sed -i "/^$name=\$/d" "$unfinished"
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
