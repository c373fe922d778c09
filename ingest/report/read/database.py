"""The SQL of workbooks that come back: the report they came from, and the words that are kept of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class BaseRow:
    """A kept report. `document`: its JSON."""

    document: Any
    made_at: datetime
    revision: int | None


@dataclass(frozen=True, slots=True)
class NewText:
    """Words that are kept. `key`: of the WrittenCell."""

    key: str
    text: str


def base_of(connection: Connection[Any], project_id: int, kind: str, first_day: date, digest: bytes) -> BaseRow | None:
    """The kept report whose digest begins so; None if none is kept."""
    query = """
        select document, made_at, revision from report
        where project_id = %s and kind = %s and first_day = %s and substring(digest for %s) = %s
        order by report_id desc limit 1
    """
    with connection.cursor(row_factory=class_row(BaseRow)) as cursor:
        return cursor.execute(query, (project_id, kind, first_day, len(digest), digest)).fetchone()


def newest_revision(
    connection: Connection[Any], project_id: int, kind: str, first_day: date
) -> tuple[int, datetime] | None:
    """(revision, when it was frozen) of the newest frozen report of a kind and period; None if there is none."""
    found = connection.execute(
        "select revision, frozen_at from report where project_id = %s and kind = %s and first_day = %s"
        " and state = 'frozen' order by revision desc limit 1",
        (project_id, kind, first_day),
    ).fetchone()
    return None if found is None else (found[0], found[1])


def insert_texts(
    connection: Connection[Any], about: tuple[int, str, date], author: str, entered_by: str, source: str,
    texts: Iterable[NewText],
) -> None:  # fmt: skip
    """Keep words. `about`: project, kind and first day of the period."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into report_text (project_id, kind, first_day, key, text, author, entered_by, source)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [(*about, text.key, text.text, author, entered_by, source) for text in texts],
        )


def organisation_of(connection: Connection[Any], project_id: int) -> str | None:
    """The code of the organisation that a project belongs to."""
    found = connection.execute("select organisation_code from project where project_id = %s", (project_id,)).fetchone()
    return None if found is None else found[0]
