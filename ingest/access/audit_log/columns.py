"""The entries of the audit log as a table: one list of columns for every form in which they are handed out."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from ingest.access.audit import Action
from ingest.access.audit_log.entry import AuditEntry
from schemas.bilingual import Bilingual, quoted
from schemas.foreign import one_line, plain_cell
from schemas.japan import to_jst

HEADINGS: Mapping[str, Bilingual] = {
    "entry": Bilingual("番号", "entry"),
    "at": Bilingual("日時", "at"),
    "actor": Bilingual("利用者", "actor"),
    "department": Bilingual("所属", "department"),
    "organisation": Bilingual("団体コード", "organisation"),
    "project": Bilingual("事業コード", "project"),
    "action": Bilingual("操作", "action"),
    "action_label": Bilingual("操作の名称", "what it is called"),
    "subject": Bilingual("対象", "subject"),
    "before": Bilingual("変更前", "before"),
    "after": Bilingual("変更後", "after"),
    "address": Bilingual("接続元", "address"),
    "hash": Bilingual("ハッシュ", "hash"),
}
"""Name of a field in JSON -> heading of its column. Times are of Japan's clock, with their offset."""

_KNOWN = {action.value: action for action in Action}


def label_of(action: str) -> Bilingual:
    """What an action is called; one that this version does not know (a newer one wrote it) by its name."""
    known = _KNOWN.get(action)
    return quoted(action) if known is None else known.label


def fields_of(entry: AuditEntry, language: str) -> dict[str, str | int | None]:
    """An entry by the names of `HEADINGS`; only `action_label` depends on the language."""
    return {
        "entry": entry.entry_id,
        "at": to_jst(entry.at).isoformat(timespec="milliseconds"),
        "actor": entry.actor,
        "department": entry.department,
        "organisation": entry.organisation,
        "project": entry.project,
        "action": entry.action,
        "action_label": label_of(entry.action).to(language),
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "address": entry.address,
        "hash": entry.hash.hex(),
    }


def csv_lines(entries: Iterable[AuditEntry], language: str) -> Iterator[str]:
    """A CSV file for Excel, line by line: byte order mark, headings, CRLF; invisible characters are made visible."""
    yield "\ufeff" + _line([heading.to(language) for heading in HEADINGS.values()])
    for entry in entries:
        yield _line([_cell(value) for value in fields_of(entry, language).values()])


def _cell(value: str | int | None) -> str:
    if value is None:
        return ""
    return plain_cell(one_line(value)) if isinstance(value, str) else str(value)


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
