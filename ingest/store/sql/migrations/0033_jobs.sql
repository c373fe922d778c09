-- While the service runs: safe, every new column is null or has a default; an older service goes on writing this table.
-- What the table of background jobs says of each job besides its last success: its lane, its names, since when it fails,
-- and when a run that failed is tried again. The rights of the roles are those of the table and stay.

alter table housekeeping_run
    add column lane text not null default 'long',    -- jobs of one lane run one after the other (ingest/jobs/schedule.py)
    add column title_ja text,
    add column title_en text,
    add column purpose_ja text,
    add column purpose_en text,
    add column ended_at timestamptz,                 -- of the last run, whether it succeeded or failed
    add column error text,                           -- of the last run, if it failed
    add column failing_since timestamptz,            -- the first failure after the last success
    add column failures integer not null default 0,  -- runs that failed, one after the other
    add column retry_at timestamptz,                 -- when a job that failed is tried again
    add column retired_at timestamptz;               -- since when no job of this name is in the program

update housekeeping_run set lane = 'short' where job in ('silence', 'outlook');
