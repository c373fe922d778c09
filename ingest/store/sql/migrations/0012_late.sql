-- While the service runs: safe, it adds a table and a column with a default; `rollup_due` is locked until the upgrade
-- commits, and batches with something late wait for it.

-- When an hour was noted as due: while more comes for the same hour, the service waits before it computes it again.
alter table rollup_due add column noted_at timestamptz not null default now();

-- What came late, one row a batch: a row for each device and hour would cost the writer seven times as much. Whoever
-- computes moves it to rollup_due. Hours are counted from 1970; `devices` and `hours` are equally long.
create table rollup_late (
    devices integer[] not null,
    hours integer[] not null,
    noted_at timestamptz not null default now()
);
