"""What a period came to: as the plan froze it, or as it is computed now; both have the form of `plan/check/body.py`.

A page of the plan shows the frozen figures as soon as there are any, and so does a report: the numbers are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, TypeVar

from ingest.figures.plan.work import work_sums
from ingest.plan.check.body import body_of, outage_json, sums_json
from ingest.plan.check.database.inputs import place_of
from ingest.plan.check.freeze import Snapshot, snapshots
from ingest.plan.check.look import Look
from ingest.plan.check.results import PeriodResults, kpi_results
from ingest.plan.check.spans import PeriodKind, span_of
from ingest.report.source.base import Asked
from ingest.report.source.proof import evidence_of, said
from schemas.bilingual import Bilingual
from schemas.japan import to_jst
from schemas.plan import PlanDocument, PlanScope
from schemas.report_document import Evidence, Said

Line = Mapping[str, Any]
"""A row of a body, as JSON has it."""

_Kept = TypeVar("_Kept")

_SPANS = {"month": PeriodKind.MONTH, "year": PeriodKind.YEAR}
_FIGURES = {"figures": "figure_plan", "outages": "figure_outage_sums", "work": "figure_work_sums"}
_WORK_ARGUMENTS: dict[str, object] = {
    **dict.fromkeys(("kinds", "networks", "gateways", "areas", "uses", "technologies", "devices"), "{}"),
    "season_from": "null", "season_to": "null",
}  # fmt: skip
"""Of all work: none of these lists narrows it."""
NO_PLAN = Bilingual("この事業には計画がまだありません", "the project has no plan yet")


@dataclass(frozen=True, slots=True)
class PeriodBody:
    """The body of a period. `frozen`: the revision it is taken from; None if it was computed for this report.

    `look`: what else is asked of the same moment.
    """

    content: Mapping[str, Any]
    frozen: Snapshot | None
    look: Look

    def rows(self, part: str, level: str) -> list[Line]:
        """The rows of a part (figures, outages, work) at a level, those without a key last."""
        found: Sequence[Line] = self.content[part]
        return sorted((row for row in found if row["level"] == level), key=lambda row: (not row["key"], row["key"]))

    def whole(self, part: str) -> Line | None:
        """The row of the whole project; None where nothing is known."""
        return next(iter(self.rows(part, "project")), None)

    @property
    def kpis(self) -> Sequence[Line]:
        """The KPIs of the plan, in its order; none without a plan."""
        return self.content["kpis"]  # type: ignore[no-any-return]

    @property
    def basis(self) -> Bilingual:
        """Whose figures these are, for the head of the report."""
        if self.frozen is None:
            return Bilingual("作成時に集計した値(確定前)", "computed for this report; not frozen")
        day = f"{to_jst(self.frozen.frozen_at):%Y-%m-%d}"
        return Bilingual(
            f"計画で確定した値(第{self.frozen.revision}版、{day}確定)",
            f"as frozen with the plan on {day}, revision {self.frozen.revision}",
        )


def keep(asked: Asked, name: str, read: partial[_Kept]) -> _Kept:
    """What `read` answers, asked for once for each report."""
    if name not in asked.kept:
        asked.kept[name] = read()
    return asked.kept[name]  # type: ignore[return-value]


def period_body(asked: Asked) -> PeriodBody:
    """The body of the period of a report: of a month or of a year."""
    return keep(asked, "body", partial(_read_body, asked))


def look_of(asked: Asked) -> Look:
    """A look at the project from which figures are read once, also where it has no plan."""
    return keep(asked, "look", partial(_read_look, asked))


def body_evidence(asked: Asked, part: str) -> Evidence:
    """The evidence of the rows of a part: the function of the database, or the frozen period."""
    body = period_body(asked)
    rows = len(body.content[part])
    if body.frozen is not None:
        return frozen_evidence(asked, part, body.frozen, rows)
    more: dict[str, object] = _WORK_ARGUMENTS if part == "work" else {"now_": asked.now}
    return evidence_of(
        asked, part, _FIGURES[part], rows, project_code=asked.project.code, first_day=asked.first_day,
        until_day=asked.until_day, **more,
    )  # fmt: skip


def frozen_evidence(asked: Asked, name: str, snapshot: Snapshot, rows: int) -> Evidence:
    """The evidence of what is taken from a frozen period: table, key, and the digest of its body."""
    return evidence_of(
        asked, name, "plan_snapshot", rows, project=asked.project.code, kind=snapshot.span.kind.value,
        first_day=snapshot.span.first_day, revision=snapshot.revision, part=name, sha256=snapshot.digest.hex(),
    )  # fmt: skip


def body_marks(asked: Asked) -> tuple[Said, ...]:
    """What a reader has to know first about the figures of the period."""
    body = period_body(asked)
    # The first one names the version of the plan, which stands in the head.
    notes = tuple(Said(ja=note["ja"], en=note["en"]) for note in body.content["notes"][1:])
    if body.frozen is None:
        return notes
    day = f"{to_jst(body.frozen.frozen_at):%Y-%m-%d %H:%M}"
    mark = Bilingual(
        f"指標・取得率・停止の集計・作業の値は、計画で確定した値です(第{body.frozen.revision}版、{day} 確定)",
        f"KPIs, completeness, sums of outages and of work are as frozen with the plan on {day}, revision"
        f" {body.frozen.revision}",
    )
    return (said(mark), *notes)


def _read_body(asked: Asked) -> PeriodBody:
    kind = _SPANS[asked.period.span]
    found = [each for each in snapshots(asked.connection, asked.project_id, kind) if
             each.span.first_day == asked.first_day]  # fmt: skip
    if found:
        return PeriodBody(found[-1].body, found[-1], look_of(asked))
    results = _results(asked)
    if results is None:
        return PeriodBody(_without_plan(asked), None, look_of(asked))
    place = place_of(asked.connection, asked.project_id)
    assert place is not None  # the project was found by the caller
    span = span_of(kind, asked.first_day)
    return PeriodBody(body_of(asked.connection, place, span, results), None, results.look)


def _results(asked: Asked) -> PeriodResults | None:
    read = partial(
        kpi_results, asked.connection, asked.project_id, asked.first_day, asked.until_day, asked.now
    )  # fmt: skip
    return keep(asked, "results", read)


def _read_look(asked: Asked) -> Look:
    if "results" in asked.kept and (results := _results(asked)) is not None:
        return results.look
    document = asked.plan.document if asked.plan else PlanDocument(
        project=asked.project.code, title=asked.project.name, begins=asked.first_day, ends=asked.period.last_day
    )  # fmt: skip
    return Look(asked.connection, asked.project_id, asked.project.code, document, asked.now)


def _without_plan(asked: Asked) -> dict[str, Any]:
    look, days = look_of(asked), (asked.first_day, asked.until_day)
    known = look.outages_known(asked.until_day)
    return {
        "notes": [],
        "kpis": [],
        "figures": [sums_json(row) for row in look.levels(PlanScope(), *days)],
        "outages": [outage_json(row) for row in look.outage_rows(PlanScope(), *days)] if known else [],
        "work": [asdict(row) for row in work_sums(asked.connection, asked.project.code, *days)],
        "costs": {},
        "use": None,
    }
