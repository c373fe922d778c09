"""The SQL of the audit log. Entries are added and deleted by functions of the database alone."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg.rows import class_row

from ingest.access.audit_log.entry import Anchor, AuditEntry, Wanted
from ingest.store.database import Database

BATCH_ROWS = 2_000
"""Entries in memory at a time, while the whole log is read."""

_APPEND = """
select audit_append(%(actor)s, %(department)s, %(organisation)s, %(project)s, %(action)s, %(subject)s, %(before)s,
                    %(after)s, %(address)s)
"""

# What a forger wrote as a time may be none that Python knows: it must be told as changed, and not end the reading.
_COLUMNS = """
e.entry_id,
case when e.at between '0001-01-02 00:00+00' and '9999-12-30 00:00+00' then e.at else '0001-01-02 00:00+00' end as at,
e.actor, e.department, e.organisation, e.project, e.action, e.subject, e.before, e.after, e.previous,
e.hash
"""

_PAGE = f"""
select {_COLUMNS}, a.address
from audit_entry e left join audit_address a using (entry_id)
where (%(start)s::timestamptz is null or e.at >= %(start)s) and (%(end)s::timestamptz is null or e.at < %(end)s)
  and (%(actor)s::text is null or e.actor = %(actor)s) and (%(action)s::text is null or e.action = %(action)s)
  and (%(organisation)s::text is null or e.organisation = %(organisation)s)
  and (%(organisations)s::text[] is null or e.organisation = any(%(organisations)s))
  and (%(below)s::bigint is null or e.entry_id < %(below)s)
order by e.entry_id desc limit %(limit)s
"""  # noqa: S608  made of constants


@dataclass(frozen=True, slots=True)
class AppendValues:
    """The columns of an entry that its writer decides; texts that PostgreSQL can store."""

    actor: str
    department: str
    organisation: str | None
    project: str | None
    action: str
    subject: str
    before: str | None
    after: str | None
    address: str | None


def append_row(connection: Database, values: AppendValues) -> int:
    """Add an entry, and return its number. Other transactions that add one wait until this one ends."""
    row = connection.execute(_APPEND, asdict(values)).fetchone()
    assert row is not None  # a function returns one row
    return int(row[0])


def page_of_entries(connection: Database, wanted: Wanted) -> list[AuditEntry]:
    """The newest of the wanted entries, newest first, with their addresses."""
    values = asdict(wanted) | {"organisations": None if wanted.organisations is None else list(wanted.organisations)}
    with connection.cursor(row_factory=class_row(AuditEntry)) as cursor:
        return cursor.execute(_PAGE, values).fetchall()


def look_as_of_now(connection: Database) -> None:
    """Let everything until the end of the transaction that begins here see one state of the database."""
    connection.execute("set transaction isolation level repeatable read, read only")


def walk(connection: Database) -> Iterator[AuditEntry]:
    """Every entry in the order of numbers, without addresses. Within a transaction: all as of one moment."""
    with connection.cursor("noroshi_audit", row_factory=class_row(AuditEntry)) as cursor:
        cursor.itersize = BATCH_ROWS
        yield from cursor.execute(f"select {_COLUMNS} from audit_entry e order by e.entry_id")  # noqa: S608


def read_anchor(connection: Database) -> Anchor | None:
    """Where the chain begins; None if somebody removed it."""
    row = connection.execute(
        "select entry_id, hash, case when at between '0001-01-02 00:00+00' and '9999-12-30 00:00+00' then at end"
        " from audit_anchor"
    ).fetchone()
    return None if row is None else Anchor(*row)


def last_link(connection: Database) -> tuple[int, bytes] | None:
    """Number and hash of the newest entry; None if there is none."""
    row = connection.execute("select entry_id, hash from audit_entry order by entry_id desc limit 1").fetchone()
    return None if row is None else (int(row[0]), bytes(row[1]))


def select_verdict(connection: Database) -> tuple[datetime, int, int, str, str] | None:
    """When the chain was verified last, how many entries, how many faults, and the first of them in two languages."""
    return connection.execute("select verified_at, entries, faults, ja, en from audit_verdict").fetchone()


def select_last_verified(connection: Database) -> list[tuple[int, bytes]]:
    """Number and hash of the entry that the last verification ended with; empty where there was none."""
    rows = connection.execute("select last_id, last_hash from audit_verdict where last_id > 0")
    return [(int(number), bytes(hash_)) for number, hash_ in rows]


def keep_verdict(connection: Database, values: tuple[datetime, int, int, bytes, int, str, str]) -> None:
    """Keep what a verification came to. After faults, the end that was known before stays the one to be found again."""
    connection.execute(
        """
        insert into audit_verdict as v (verified_at, entries, last_id, last_hash, faults, ja, en)
        values (%s, %s, %s, %s, %s, %s, %s)
        on conflict (one_row) do update set verified_at = excluded.verified_at, entries = excluded.entries,
            last_id = case when excluded.faults > 0 then v.last_id else excluded.last_id end,
            last_hash = case when excluded.faults > 0 then v.last_hash else excluded.last_hash end,
            faults = excluded.faults, ja = excluded.ja, en = excluded.en
        """,
        values,
    )


def forget(connection: Database, until: datetime) -> int:
    """Delete entries older than `until` with their addresses, and return how many. Refused for the last year."""
    row = connection.execute("select audit_forget(%s)", (until,)).fetchone()
    assert row is not None  # a function returns one row
    return int(row[0])


def forget_addresses(connection: Database, until: datetime) -> int:
    """Delete addresses of entries older than `until`, and return how many."""
    row = connection.execute("select audit_forget_addresses(%s)", (until,)).fetchone()
    assert row is not None  # a function returns one row
    return int(row[0])


def clock(connection: Database) -> datetime:
    """The time of the database: it also writes the times of the entries."""
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None  # a function returns one row
    at: datetime = row[0]
    return at


# Asked before, because a statement that fails would end the transaction of the command.
_MAY_APPEND = """
select case
    when f.append is null then 'no_table'
    when not has_function_privilege(f.append, 'execute') then 'no_right'
    when pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' then 'read_only'
end
from (
    select to_regprocedure('audit_append(text, text, text, text, text, text, text, text, text)')::oid as append
) f
"""


def hindrance(connection: Database) -> str | None:
    """Why no entry can be written here: `no_table`, `no_right`, `read_only`; None if one can."""
    row = connection.execute(_MAY_APPEND).fetchone()
    assert row is not None  # the query has one row
    why: str | None = row[0]
    return why


def organisation_of(connection: Database, project: str) -> str | None:
    """The code of the organisation (団体コード) whose project this is; None for an unknown one."""
    row = connection.execute("select organisation_code from project where code = %s", (project,)).fetchone()
    return None if row is None else row[0]


def project_of_network(connection: Database, network: str) -> str | None:
    """The code of the project that a network belongs to; None for an unknown network."""
    query = "select p.code from network n join project p using (project_id) where n.code = %s"
    row = connection.execute(query, (network,)).fetchone()
    return None if row is None else row[0]
