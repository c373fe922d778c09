"""Who looked at the pages in the year of the demonstration: entries as the audit log has them. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.access.audit import Action
from ingest.demo.year.events import Year
from ingest.simulator.inventory import NEIGHBOUR_CODE, TOWN_CODE
from ingest.simulator.town import FARM, NEIGHBOUR_PROJECT
from schemas.japan import Month, to_jst


class Visitor(NamedTuple):
    """Somebody who uses the pages. `days`: on so many days of a month they do; `since`: months after the year began."""

    login: str
    department: str
    days: int
    since: int = 0


class Visit(NamedTuple):
    """An entry of the audit log."""

    at: datetime
    actor: str
    department: str
    organisation: str
    project: str | None
    action: Action
    subject: str


_TOWN = (
    Visitor("hokoku", "農政課", 9), Visitor("nosei-2", "農政課", 6), Visitor("nosei-3", "農政課", 4),
    Visitor("nosei-4", "農政課", 3, 4), Visitor("unyo", "防災課", 7), Visitor("bosai-2", "防災課", 4),
    Visitor("bosai-3", "防災課", 2), Visitor("etsuran", "企画課", 2), Visitor("kikaku-2", "企画課", 2, 3),
    Visitor("kikaku-3", "企画課", 1, 7), Visitor("kanri", "総務課", 2), Visitor("kensetsu-1", "建設課", 1, 10),
)  # fmt: skip
_NEIGHBOUR = (
    Visitor("tonari", "防災課", 6), Visitor("tonari-2", "防災課", 3), Visitor("tonari-3", "防災課", 2),
    Visitor("tonari-4", "農林課", 2, 5),
)  # fmt: skip
_PAGES = ("overview", "device", "plan_board", "plan_figures")


def visits(year: Year, until: datetime) -> list[Visit]:
    """Everything up to a moment, in order: the use grows in the year, and more people come after the typhoon."""
    found = [
        visit
        for organisation, project, visitors in (
            (TOWN_CODE, FARM, _TOWN), (NEIGHBOUR_CODE, NEIGHBOUR_PROJECT, _NEIGHBOUR),
        )
        for number, visitor in enumerate(visitors)
        for visit in _visits_of(year, until, visitor, number, organisation, project)
    ]  # fmt: skip
    return sorted((visit for visit in found if visit.at < until), key=lambda visit: (visit.at, visit.actor))


def _visits_of(
    year: Year, until: datetime, visitor: Visitor, number: int, organisation: str, project: str
) -> Iterator[Visit]:
    month, last = Month.of(year.whole.first_day), Month.of(to_jst(until).date())
    count = 0
    while month <= last:
        if count >= visitor.since:
            for turn in range(visitor.days + (2 if month.month == 9 else 0)):
                day = 1 + (number * 5 + turn * 7 + count) % month.last_day.day
                at = month.start.replace(day=day, hour=8 + (number + turn) % 9, minute=(number * 11 + turn * 17) % 60)
                yield from _visit(at, visitor, turn, organisation, project)
        month, count = month.next, count + 1


def _visit(at: datetime, visitor: Visitor, turn: int, organisation: str, project: str) -> Iterator[Visit]:
    who = (visitor.login, visitor.department, organisation)
    yield Visit(at, *who, None, Action.SIGNED_IN, "password")
    for page in range(1 + turn % len(_PAGES)):
        yield Visit(at + timedelta(minutes=1 + page), *who, None, Action.PAGE_SEEN, _PAGES[page])
    if turn == 0 and visitor.days > 5:
        yield Visit(at + timedelta(minutes=9), *who, project, Action.DATA_DOWNLOADED, "readings.csv")
    if turn == 0 and visitor.days == 9:
        yield Visit(at + timedelta(minutes=12), *who, project, Action.REPORT_MADE, "usage.xlsx")
    if turn == 1 and visitor.days == 7:  # a program of theirs fetches readings
        token = (f"token:1 {visitor.login}", visitor.department, organisation)
        yield Visit(at + timedelta(minutes=15), *token, project, Action.DATA_DOWNLOADED, "readings")
