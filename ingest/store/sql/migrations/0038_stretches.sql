-- While the service runs: safe, the table is new and an older service knows nothing of it.
-- What was received in each stretch of a month in which a device was meant to send (figure_plan_usage), kept so that the
-- figures of a plan need not be counted from days again. It can be computed again at any time, and is removed whenever
-- a day of it is. Whoever asks for a stretch that is not here counts it.

create table rollup_stretch (
    device_id integer not null references device,
    starts timestamptz not null,         -- the stretch, within one month of Japan
    ends timestamptz not null,
    interval_s integer not null,         -- by which it is counted
    calm boolean not null,               -- the long interval of a gauge of two
    before_at timestamptz,               -- of the last measurement before it, as far back as the silence allowed
    readings bigint not null,
    flagged bigint not null,
    uplinks bigint not null,
    payload_bytes bigint not null,
    first_at timestamptz,
    last_at timestamptz,
    dead_s double precision not null,
    slots bigint not null,
    slot_first bigint,
    slot_last bigint,
    halves bigint not null,
    half_first bigint,
    half_last bigint,
    late_classes smallint[],
    late_counts bigint[],
    lost bigint,
    primary key (device_id, starts, ends, interval_s, calm)
);
