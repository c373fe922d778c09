"""The audit log as CSV, in parts: a long one neither fills the memory nor keeps a connection."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ingest.access.audit import Action
from ingest.access.audit_log.entry import AuditEntry
from schemas.foreign import plain_cell
from schemas.japan import to_jst

CSV_ROWS = 200_000
"""No file is longer: a spreadsheet would not open it."""

HEADINGS = (
    "番号", "時刻", "だれが", "課", "アドレス", "したこと", "操作コード", "対象",
    "団体コード", "団体名", "事業コード", "変更前", "変更後",
)  # fmt: skip


def csv_lines(rows_below: Callable[[int | None], Sequence[AuditEntry]], names: Mapping[str, str]) -> Iterator[bytes]:
    """The file, newest first. `rows_below`: the next entries below a number; `names`: of organisations, by code."""
    yield _lines([HEADINGS]).encode("utf-8-sig")
    below, written = None, 0
    while written < CSV_ROWS and (rows := rows_below(below)):
        yield _lines(_cells(row, names) for row in rows).encode()
        below, written = rows[-1].entry_id, written + len(rows)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cells(row: AuditEntry, names: Mapping[str, str]) -> list[str]:
    what = Action(row.action).label.ja if row.action in tuple(Action) else row.action
    organisation = row.organisation or ""
    texts = (
        row.actor, row.department, row.address or "", what, row.action, row.subject, organisation,
        names.get(organisation, ""), row.project or "", row.before or "", row.after or "",
    )  # fmt: skip
    return [str(row.entry_id), to_jst(row.at).isoformat(timespec="seconds"), *map(plain_cell, texts)]
