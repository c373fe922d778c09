"""The SQL of reports that is no figure: what people wrote into them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True, slots=True)
class TextRow:
    """What was written last under a key."""

    key: str
    text: str
    author: str
    written_at: datetime


def texts_of(connection: Connection[Any], project_id: int, kind: str, first_day: date) -> dict[str, TextRow]:
    """What people wrote into the reports of a kind and a period, by key: the newest of each counts."""
    query = """
        select distinct on (key) key, text, author, written_at from report_text
        where project_id = %s and kind = %s and first_day = %s
        order by key, report_text_id desc
    """
    with connection.cursor(row_factory=class_row(TextRow)) as cursor:
        return {row.key: row for row in cursor.execute(query, (project_id, kind, first_day)).fetchall()}
