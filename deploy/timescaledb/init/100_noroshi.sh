#!/bin/sh
# Runs once, when the database is made: the owner of the tables, who migrates and does nothing else; the writer, which
# the service is; the reader, which Grafana is. None of them is a superuser.
# The passwords come from the environment, never from a command line that other users can see.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv database POSTGRES_DB
\getenv owner_password OWNER_DATABASE_PASSWORD
\getenv ingest_password INGEST_DATABASE_PASSWORD
\getenv grafana_password GRAFANA_DATABASE_PASSWORD

create role noroshi login password :'owner_password';

create role noroshi_writer login password :'ingest_password';

-- Behind the wall: what the pages answer from, and the readers of single organisations. Whoever writes may take the role
-- of the pages and inherits nothing from it, or the wall would stand before the ingestion too. The owner makes functions
-- that run as the pages do. The pages are no reader: in that group they would see what a reader without rows sees.
create role noroshi_walled nologin;
create role noroshi_pages nologin;
grant noroshi_pages to noroshi_writer with inherit false, set true;
grant noroshi_pages to noroshi with inherit false, set true;
grant noroshi_walled to noroshi with admin true, inherit false, set false;

create role grafana login password :'grafana_password' connection limit 20;
alter role grafana set default_transaction_read_only = on;
alter role grafana set statement_timeout = '30s';
alter role grafana set jit = off;

alter database :"database" owner to noroshi;
revoke all on database :"database" from public;
grant connect, temporary on database :"database" to noroshi_writer;
grant connect on database :"database" to grafana;
SQL
