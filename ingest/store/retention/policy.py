"""Retention (保存期間) by project and kind: the period in force, who set it, and what may be deleted now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import dict_row

from ingest.errors import CallRefused
from ingest.settings.model import RetentionSettings
from ingest.store.database import translated
from schemas.bilingual import Bilingual
from schemas.retention import DUTY, DUTY_MONTHS, RetentionKind, duty_ends, months_before, on_duty, too_short

UNKNOWN = "(no project)"
"""Owner of what came from no project of the registry: quarantined messages, and their account. The settings count."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One project and kind. `keep_months` None: for ever. `before`: older rows may be deleted; None: none may."""

    project_id: int
    project: str
    kind: RetentionKind
    keep_months: int | None
    source: str
    before: datetime | None
    held: Bilingual | None
    forced_by: str | None = None
    forced_why: str | None = None


_STATED: LiteralString = """
select project_id, code, completed_on, kind, keep_months, forced_by, forced_why
from project left join retention using (project_id) order by code, kind
"""

_SET: LiteralString = """
insert into retention (project_id, kind, keep_months, forced_by, forced_why, forced_at)
values (%(project)s, %(kind)s, %(months)s, %(who)s, %(why)s, case when %(who)s::text is not null then now() end)
on conflict (project_id, kind) do update set
    keep_months = excluded.keep_months, forced_by = excluded.forced_by, forced_why = excluded.forced_why,
    forced_at = excluded.forced_at
"""


def policies(connection: Connection[Any], settings: RetentionSettings, now: datetime) -> list[Policy]:
    """The policy of every project and kind, by code of the project; last those of UNKNOWN."""
    with translated(), connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_STATED).fetchall()
    stated = {(row["code"], row["kind"]): row for row in rows if row["kind"]}
    projects = {row["code"]: row for row in rows}
    of_projects = [
        _policy(project, stated.get((code, kind)), kind, settings, now)
        for code, project in projects.items()
        for kind in RetentionKind
    ]
    return of_projects + list(_of_nobody(settings, now))


def _policy(
    project: dict[str, Any],
    stated: dict[str, Any] | None,
    kind: RetentionKind,
    settings: RetentionSettings,
    now: datetime,
) -> Policy:
    months = stated["keep_months"] if stated else _default(settings, kind)
    forced_by = stated["forced_by"] if stated else None
    held = None if forced_by else _held(project["completed_on"], now)
    return Policy(
        project_id=project["project_id"],
        project=project["code"],
        kind=kind,
        keep_months=months,
        source="registry" if stated else "settings",
        before=None if months is None or held else months_before(now, months),
        held=held,
        forced_by=forced_by,
        forced_why=stated["forced_why"] if stated else None,
    )


def _of_nobody(settings: RetentionSettings, now: datetime) -> Iterator[Policy]:
    for kind in (RetentionKind.QUARANTINE, RetentionKind.LOG):
        months = _default(settings, kind)
        yield Policy(0, UNKNOWN, kind, months, "settings", None if months is None else months_before(now, months), None)


def _default(settings: RetentionSettings, kind: RetentionKind) -> int | None:
    months: int | None = getattr(settings, f"{kind}_months")
    return months


def _held(completed_on: date | None, now: datetime) -> Bilingual | None:
    if not on_duty(completed_on, now):
        return None
    if completed_on is None:
        return Bilingual("完了前", "not completed yet")
    end = f"{duty_ends(completed_on):%Y-%m-%d}"
    return Bilingual(f"{end} まで", f"until {end}")


def keep(
    connection: Connection[Any], project: str, kind: RetentionKind, months: int, forced: tuple[str, str] | None = None
) -> None:
    """Set one period. `forced`: by whom and why it may be shorter than the subsidy demands; that is recorded.

    Raises CallRefused for an unknown project, and for a period that is too short and not forced.
    """
    now = datetime.now(UTC)
    with translated(), connection.transaction():
        query = "select project_id, completed_on from project where code = %s"
        row = connection.execute(query, (project,)).fetchone()
        if row is None:
            raise CallRefused(
                Bilingual(f"事業 {project!r} は台帳にありません", f"there is no project {project!r} in the registry")
            )
        short = too_short(months, row[1], now)
        if short and forced is None:
            raise CallRefused(refusal(months, row[1]))
        who, why = forced if forced and (short or on_duty(row[1], now)) else (None, None)
        connection.execute(_SET, {"project": row[0], "kind": str(kind), "months": months, "who": who, "why": why})
        connection.execute("update registry_state set version = version + 1, changed_at = now()")


def refusal(months: int, completed_on: date | None) -> Bilingual:
    """Why a period is too short, and what to do about it."""
    end = Bilingual("完了日がまだありません", "here there is no completed_on yet")
    if completed_on:
        day = f"{duty_ends(completed_on):%Y-%m-%d}"
        end = Bilingual(f"この事業では {day} まで", f"here until {day}")
    return Bilingual(
        f"{months} か月は短すぎます。{DUTY.ja}({end.ja})。{DUTY_MONTHS} か月以上にしてください。"
        "それより短くするときは、だれの判断かを --force --who NAME --why TEXT で残します",
        f"{months} months are too short: {DUTY.en} ({end.en}), so {DUTY_MONTHS} months at least;"
        " --force --who NAME --why TEXT records whose decision less is",
    )
