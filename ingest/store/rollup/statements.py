"""Every statement that keeps the rollups, named and described. What they compute is defined in figures/sql."""

LOCK = "select pg_advisory_xact_lock(%s)"

# Up to where everything is computed; null before the first time.
MATERIALISED = "select nullif(materialised_until, '-infinity') from rollup_state"

CLOSE = "update rollup_state set closing_until = %s where closing_until < %s"

# A writer that began before the window was closed does not know of it. Its transaction number is below this one.
NOW_WRITING = "select pg_snapshot_xmax(pg_current_snapshot())::text"
ALL_WRITTEN = "select pg_snapshot_xmin(pg_current_snapshot()) >= %s::xid8"

OLDEST = """
select rollup_hour_of(least((select min(time) from reading), (select min(time) from uplink)))
"""

ADVANCE = "update rollup_state set materialised_until = %s"

HOUR_COLUMNS = (
    "device_id, quantity_id, channel, count, flagged, minimum, maximum, total, first, last, first_at, last_at,"
    " increase, implausible, provisional, east, north, durations"
)
UPLINK_COLUMNS = (
    "device_id, received, payload_bytes, airtime_ms, lost, resets, rssi_worst, rssi_median, snr_worst, snr_median,"
    " first_at, last_at"
)
USAGE_COLUMNS = (
    "day, device_id, interval_s, readings, flagged, first_at, last_at, uplinks, payload_bytes,"
    " measured_first, measured_last, gap_s, slots, slot_first, slot_last, halves, half_first, half_last,"
    " dead_s, late_classes, late_counts"
)

# The parameters of these: devices (null: all), starts, ends.
CLEAR_HOURS = (
    "delete from rollup_hour where device_id = any(%(devices)s) and hour >= %(starts)s and hour < %(ends)s",
    "delete from uplink_hour where device_id = any(%(devices)s) and hour >= %(starts)s and hour < %(ends)s",
)
WRITE_HOURS = f"""
insert into rollup_hour (hour, {HOUR_COLUMNS})
select hour, {HOUR_COLUMNS}
from rollup_hours(
    %(devices)s::int[], %(starts)s, %(ends)s,
    (select greatest(s.materialised_until, %(ends)s::timestamptz) from rollup_state s)
)
"""  # noqa: S608  the columns are constants of this module
WRITE_UPLINK_HOURS = f"""
insert into uplink_hour (hour, {UPLINK_COLUMNS})
select starts, {UPLINK_COLUMNS} from rollup_uplinks(%(devices)s::int[], %(starts)s, %(ends)s, '1 hour')
"""  # noqa: S608
NOTE_SERIES = """
insert into rollup_series (device_id, quantity_id, channel)
select distinct h.device_id, h.quantity_id, h.channel
from rollup_hour h
where h.hour >= %(starts)s and h.hour < %(ends)s
  and h.quantity_id = any(array(select q.quantity_id from quantity q where q.kind in ('counter', 'state')))
  and (%(devices)s::int[] is null or h.device_id = any(%(devices)s))
on conflict do nothing
"""
# After these: the last message and the last values, of the same span.
KEEP_LAST = "select rollup_keep_last(%(devices)s::int[], %(starts)s, %(ends)s)"

# The parameters of these: devices (null: all), first, until (days).
CLEAR_DAYS = (
    "delete from rollup_day where device_id = any(%(devices)s) and day >= %(first)s and day < %(until)s",
    "delete from uplink_day where device_id = any(%(devices)s) and day >= %(first)s and day < %(until)s",
    "delete from rollup_usage_day where device_id = any(%(devices)s) and day >= %(first)s and day < %(until)s",
    # Also a stretch that begins later: its first silence reaches back.
    """
    delete from rollup_stretch
    where device_id = any(%(devices)s) and ends > rollup_midnight(%(first)s::date)
      and starts - figure_plan_silence(calm, interval_s) * interval '1 second' < rollup_midnight(%(until)s::date)
    """,
)
WRITE_DAYS = (
    f"""
    insert into rollup_day (day, {HOUR_COLUMNS})
    select day, {HOUR_COLUMNS} from rollup_days(%(devices)s::int[], %(first)s::date, %(until)s::date)
    """,  # noqa: S608
    f"""
    insert into uplink_day (day, {UPLINK_COLUMNS})
    select rollup_day_of(starts), {UPLINK_COLUMNS}
    from rollup_uplinks(
        %(devices)s::int[], rollup_midnight(%(first)s::date), rollup_midnight(%(until)s::date), '1 day'
    )
    """,  # noqa: S608
    f"""
    insert into rollup_usage_day ({USAGE_COLUMNS})
    select {USAGE_COLUMNS}
    from rollup_usage(%(devices)s::int[], rollup_midnight(%(first)s::date), rollup_midnight(%(until)s::date))
    """,  # noqa: S608
)

# What writers noted, batch by batch; of what has no readings any more the sums are kept.
FOLD_LATE = """
with gone as (delete from rollup_late returning devices, hours, noted_at)
insert into rollup_due (device_id, hour, noted_at)
select late.device_id, to_timestamp(late.hour * 3600.0), max(gone.noted_at)
from gone cross join lateral unnest(gone.devices, gone.hours) late (device_id, hour), rollup_state s
where to_timestamp(late.hour * 3600.0) >= s.raw_from
group by late.device_id, late.hour
"""

# By device and then by time, so that neighbours are computed together.
TAKE_DUE = """
delete from rollup_due where due_id in (
    select d.due_id from rollup_due d, rollup_state s
    where d.hour < s.materialised_until order by d.device_id, d.hour limit %(limit)s
)
returning device_id, hour
"""

# The same, of the hours for which nothing more has come for a while, or that have waited long enough.
TAKE_SETTLED = """
delete from rollup_due using (
    select d.device_id, d.hour
    from rollup_due d, rollup_state s
    where d.hour < s.materialised_until
    group by d.device_id, d.hour
    having max(d.noted_at) < now() - %(quiet)s or min(d.noted_at) < now() - %(patience)s
    order by d.device_id, d.hour limit %(limit)s
) settled
where rollup_due.device_id = settled.device_id and rollup_due.hour = settled.hour
returning rollup_due.device_id, rollup_due.hour
"""

# The hours that look into what changed: back into it, and for counters ahead.
AROUND = """
select changed.device_id, after.hour
from unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) changed (device_id, starts, ends)
cross join rollup_state s
cross join lateral rollup_next(changed.device_id, changed.starts, changed.ends) after
where after.hour < s.materialised_until
union
select changed.device_id, earlier.hour
from unnest(%s::int[], %s::timestamptz[]) changed (device_id, starts)
cross join lateral rollup_previous(changed.device_id, changed.starts) earlier
"""

# Before the boundary moves: what the values up to its new place tell of the last ones before its old place.
NOTE_TURNED = """
insert into rollup_due (device_id, hour)
select distinct turned.device_id, turned.hour from rollup_turned() turned where turned.next_at < %s
"""

# The registry has another interval than the one the slots of these days were counted with.
NOTE_CHANGED_INTERVALS = """
insert into rollup_due (device_id, hour)
select u.device_id, rollup_midnight(u.day)
from rollup_usage_day u join device d using (device_id), rollup_state s
where d.interval_s <> u.interval_s and rollup_midnight(u.day) >= s.raw_from
  and not exists (select from rollup_due due where due.device_id = u.device_id and due.hour = rollup_midnight(u.day))
"""

TOUCH = "select rollup_touch(%s, %s, 'infinity')"

DEVICES = """
select d.device_id, d.code from device d join project p using (project_id)
where (%(project)s::text is null or p.code = %(project)s) and (%(devices)s::text[] is null or d.code = any(%(devices)s))
order by d.device_id
"""

STANDING = """
select
    (select count(*) from rollup_due) + (select coalesce(sum(cardinality(devices)), 0) from rollup_late)::bigint,
    coalesce(extract(epoch from now() - nullif(s.materialised_until, '-infinity')), 0)::double precision
from rollup_state s
"""
