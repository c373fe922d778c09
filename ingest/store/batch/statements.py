"""Every statement the writer sends, named and described."""

from ingest.store.batch.pack import READING_COLUMNS, UPLINK_COLUMNS

QUARANTINE_COLUMNS = (
    "message_id, time, part, received_at, reason, detail, part_name, part_value, topic, payload, device_id, project_id,"
    " retained"
)

GATEWAY_COLUMNS = (
    "time, received_at, message_id, gateway_id, kind, online, received, received_ok, wanted, sent, latitude, longitude,"
    " altitude, more"
)

COPY_UPLINKS = f"copy uplink_packed ({UPLINK_COLUMNS}) from stdin (format binary)"
COPY_READINGS = f"copy reading_packed ({READING_COLUMNS}) from stdin (format binary)"
COPY_GATEWAY_EVENTS = f"copy gateway_event ({GATEWAY_COLUMNS}) from stdin"
COPY_QUARANTINE = f"copy quarantine ({QUARANTINE_COLUMNS}) from stdin"

# Only our connection sees the temporary tables: to wait for a standby with them would be in vain.
NEED_NO_STANDBY = "set local synchronous_commit = local"

# Where a batch waits that may hold something already stored; `ordinal` keeps the order of arrival.
TEMPORARY_TABLES = f"""
create temporary table if not exists incoming_uplink on commit delete rows as
    select 0::bigint as ordinal, {UPLINK_COLUMNS} from uplink_packed with no data;
create temporary table if not exists incoming_reading on commit delete rows as
    select 0::bigint as ordinal, {READING_COLUMNS}, 0::bigint as message_id, time as received_at
    from reading_packed with no data;
create temporary table if not exists incoming_quarantine on commit delete rows as
    select {QUARANTINE_COLUMNS} from quarantine with no data;
create temporary table if not exists incoming_gateway_event on commit delete rows as
    select {GATEWAY_COLUMNS} from gateway_event with no data;
create temporary sequence if not exists incoming_order;
alter table incoming_uplink alter column ordinal set default nextval('incoming_order');
alter table incoming_reading alter column ordinal set default nextval('incoming_order');
"""  # noqa: S608  the columns are constants of this module

EMPTY_TEMPORARY_TABLES = "truncate incoming_uplink, incoming_reading, incoming_quarantine, incoming_gateway_event"

COPY_INCOMING_UPLINKS = f"copy incoming_uplink ({UPLINK_COLUMNS}) from stdin (format binary)"
COPY_INCOMING_READINGS = (
    f"copy incoming_reading ({READING_COLUMNS}, message_id, received_at) from stdin (format binary)"
)
COPY_INCOMING_GATEWAY_EVENTS = f"copy incoming_gateway_event ({GATEWAY_COLUMNS}) from stdin"
COPY_INCOMING_QUARANTINE = f"copy incoming_quarantine ({QUARANTINE_COLUMNS}) from stdin"

MERGE_UPLINKS = f"""
insert into uplink_packed ({UPLINK_COLUMNS})
select distinct on (device_id, time, message_id) {UPLINK_COLUMNS}
from incoming_uplink order by device_id, time, message_id, ordinal
on conflict do nothing
returning device_id, (extract(epoch from time) * 1000000)::bigint, message_id
"""  # noqa: S608

# How many readings are new, by device.
MERGE_READINGS = f"""
with placed as (
    insert into reading_packed ({READING_COLUMNS})
    select distinct on (device_id, quantity_id, channel, time) {READING_COLUMNS}
    from incoming_reading order by device_id, quantity_id, channel, time, ordinal
    on conflict do nothing
    returning device_id
)
select device_id, count(*) from placed group by device_id
"""  # noqa: S608

# The same device, quantity and time with another value: the first value counts, the second is recorded.
# What is stored is looked up by series and hour in the unique index, then joined: `offset 0` lets the planner turn
# nothing round. Left to itself it takes a span of time for empty that came after the last `analyze`, reads all of it,
# and searches the whole batch for each row. The bounds let it leave out every chunk the batch does not touch.
RECORD_CONFLICTS = """
with incoming as materialized (
    select *, coalesce(exact, amount::double precision / per) as value
    from incoming_reading where time between %(first)s and %(last)s
), wanted as materialized (
    select device_id, quantity_id, channel, min(time) as first, max(time) as last
    from incoming group by device_id, quantity_id, channel, date_bin('1 hour', time, '2000-01-01')
), stored as materialized (
    select r.* from wanted w
    cross join lateral (
        select device_id, quantity_id, channel, time, value from reading
        where device_id = w.device_id and quantity_id = w.quantity_id and channel = w.channel
          and time between w.first and w.last and time between %(first)s and %(last)s
        offset 0
    ) r
), clash as (
    select i.* from incoming i join stored s using (device_id, quantity_id, channel, time) where i.value <> s.value
), kept as (
    insert into reading_conflict (time, value, device_id, quantity_id, channel, quality, message_id, received_at)
    select time, value, device_id, quantity_id, channel, quality, message_id, received_at from clash
    on conflict do nothing
)
select device_id, count(*) from clash group by device_id
"""

MERGE_QUARANTINE = f"""
insert into quarantine ({QUARANTINE_COLUMNS})
select distinct on (message_id, time, part) {QUARANTINE_COLUMNS}
from incoming_quarantine order by message_id, time, part
on conflict do nothing
returning message_id, (extract(epoch from time) * 1000000)::bigint, part
"""  # noqa: S608

# As the trigger of the sums does for devices: nothing for a watch that was not there for a week.
NOTE_LATE_DOWNLINKS = """
insert into watch_touched (watcher, gateway_id, starts, ends)
select p.name, t.gateway_id, t.starts, t.ends
from unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) t (gateway_id, starts, ends), watch_progress p
where p.name = 'airtime' and p.updated_at > now() - interval '7 days'
"""

MERGE_GATEWAY_EVENTS = f"""
insert into gateway_event ({GATEWAY_COLUMNS})
select distinct on (gateway_id, time, message_id) {GATEWAY_COLUMNS}
from incoming_gateway_event order by gateway_id, time, message_id
on conflict do nothing
returning gateway_id, (extract(epoch from time) * 1000000)::bigint, message_id
"""  # noqa: S608

# For what a batch looks up: by the unique index (anything else reads the whole table, or a span of time that may hold
# more than the statistics know of), and never row by row against the whole batch.
PREFER_INDEX = (
    "set local enable_seqscan = off; set local enable_bitmapscan = off;"
    " set local enable_nestloop = off; set local plan_cache_mode = force_custom_plan"
)

NOTE_DELIVERIES = """
insert into delivery (client_id, packet_id, message_id, received_at, position)
select %(client_id)s, *
from unnest(%(packet_ids)s::int[], %(message_ids)s::bigint[], %(received)s::timestamptz[], %(positions)s::bigint[])
on conflict (client_id, packet_id) do update
set message_id = excluded.message_id, received_at = excluded.received_at, position = excluded.position
"""

OWN_BACKEND = "select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()"

# After a frozen link the server may not know for hours that we are gone. Its process would keep the rows of the
# batch locked that we are about to write again.
END_BACKEND = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid = %s and backend_start = %s"

# Every writer of a client id holds this lock together with the others, as long as it is connected.
HOLD_CLIENT_ID = "select pg_advisory_lock_shared(%s, hashtext(%s))"

# The next service of a client id ends what an earlier process of that id has left behind. A service that was killed
# may have sent its COMMIT: until its connection is gone, what it stored is not known.
END_PREDECESSORS = """
select pg_terminate_backend(pid) from pg_locks
where locktype = 'advisory' and pid <> pg_backend_pid()
  and database = (select oid from pg_database where datname = current_database())
  and classid = %s::int::oid and objid = (hashtext(%s)::bigint & 4294967295)::oid
"""
TAKE_CLIENT_ID = "select pg_advisory_xact_lock(%s, hashtext(%s))"

KNOWN_DELIVERIES = """
select packet_id, message_id, (extract(epoch from received_at) * 1000000)::bigint, position
from delivery where client_id = %s
"""

# The account of the batch, in the transaction of the batch. The answer: what is older than this is late for the
# rollups, or null; and the number of the selection that is watched. Both count only if they were asked for after the
# rows were written.
NOTE_ACCOUNT = """
select account_note(
    %(received)s::timestamptz, %(project_id)s, %(writer)s, %(stored)s, %(duplicate)s, %(quarantined)s,
    %(readings_offered)s, %(readings_stored)s, %(readings_duplicate)s, %(readings_conflict)s, %(readings_quarantined)s,
    %(payload_bytes)s
), (select version from watch_selection)
"""

# Of messages whose own time is not believed, those that are stored under it: device, message, time in microseconds.
STORED_UNDER_ITS_OWN_TIME = """
select device_id, message_id, (extract(epoch from time) * 1000000)::bigint
from unnest(%(devices)s::int[], %(messages)s::bigint[], %(times)s::timestamptz[])
    as claimed (device_id, message_id, time)
cross join lateral (
    select from uplink u
    where u.device_id = claimed.device_id and u.time = claimed.time and u.message_id = claimed.message_id
      and u.time between %(first)s and %(last)s
    offset 0
) there
where claimed.time between %(first)s and %(last)s
"""

# What a COMMIT without an answer has written may be seen on the primary while no standby has it: a primary that dies
# then takes it along. Once a COMMIT of our own after it is answered, the standby has both, for it takes them in order.
# A transaction without anything in the log would not wait.
BARRIER = "select pg_logical_emit_message(true, 'noroshi', 'what is seen now is kept')"

# Whether a message of a batch is there. Not the number of the transaction: after a crash it may be given out again.
FIND_UPLINK = "select 1 from uplink where device_id = %s and time = %s and message_id = %s"
FIND_GATEWAY_EVENT = "select 1 from gateway_event where gateway_id = %s and time = %s and message_id = %s"
FIND_QUARANTINED = "select 1 from quarantine where message_id = %s and time = %s and part = %s"
