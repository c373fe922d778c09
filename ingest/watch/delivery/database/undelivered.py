"""What people and machines were to be told and were not, for the metric and its alert."""

from datetime import datetime, timedelta

from ingest.store.database import Database

LATELY = timedelta(hours=1)
"""What was lost is an alert for so long; the page of the watch shows it for a week."""
OVERDUE = timedelta(minutes=10)
"""A receiver that takes nothing for so long is told of before its messages are given up."""

_UNDELIVERED = """
select p.code || '/' || state, count(*)
from (
    select project_id, case when given_up_at is not null then 'given_up' else 'doubt' end as state
    from watch_delivery
    where coalesce(given_up_at, doubt_at) > %(now)s - %(lately)s and digest_id is null and purpose <> 'test'
    union all
    select project_id, 'overdue' from watch_delivery
    where delivered_at is null and given_up_at is null and doubt_at is null and digest_id is null and withheld = ''
        and tries > 0 and queued_at < %(now)s - %(overdue)s and purpose <> 'test'
) each
join project p using (project_id)
group by 1
"""


def count_undelivered(connection: Database, now: datetime) -> dict[str, int]:
    """How many messages did not arrive, by `project/state`; nothing of what arrived. A trial is nobody's loss."""
    values = {"now": now, "lately": LATELY, "overdue": OVERDUE}
    return dict(connection.execute(_UNDELIVERED, values).fetchall())
