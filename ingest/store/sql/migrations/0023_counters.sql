-- While the service runs: safe, it adds columns without a default; the catalogue, the sums by hour and day and
-- `last_reading` are locked until the upgrade commits. Which sums are to be computed again is searched for after the
-- figures (migrate.py).

-- How fast a counter can grow, so that a wrong value is told from a true one; and what the sums say of such values.
-- Which hours are to be computed again is noted with the figures, after this (migrate.py).

alter table quantity add if not exists greatest_per_hour double precision;          -- null: nobody knows, or no counter
alter table quantity_range add if not exists greatest_per_hour double precision;    -- null: the catalogue's

alter table rollup_hour add if not exists implausible integer, add if not exists provisional boolean;   -- null: computed before, no counter
alter table rollup_day add if not exists implausible integer, add if not exists provisional boolean;
alter table last_reading add if not exists provisional boolean;    -- whether the value is right is told by the next one
