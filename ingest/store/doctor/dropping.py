"""Policies of TimescaleDB that drop data by age alone, whatever a subsidy demands."""

from typing import Any, LiteralString, NamedTuple

from psycopg import Connection

from ingest.store.database import translated
from ingest.store.timescale import Tier, ask


class Dropping(NamedTuple):
    """A policy by which TimescaleDB drops the chunks of this table after this time."""

    table: str
    after: str


_POLICIES: LiteralString = """
select hypertable_name, coalesce(config ->> 'drop_after', config ->> 'drop_created_before')
from timescaledb_information.jobs
where proc_name = 'policy_retention' and hypertable_schema = current_schema() and scheduled
order by 1
"""


def dropping(connection: Connection[Any]) -> list[Dropping]:
    """The policies that somebody has set up. The service sets up none: `noroshi retention` knows the projects."""
    with translated():
        if ask(connection).tier is not Tier.COMMUNITY:
            return []
        return [Dropping(*row) for row in connection.execute(_POLICIES).fetchall()]
