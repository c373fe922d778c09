"""How much it is used, as the page 利用状況 shows it: by department, with the year before; of no single person."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import partial

from ingest.figures.fetch import Database
from ingest.figures.report.people import ReportPeople, report_people
from ingest.plan.check.sources import NO_USE
from ingest.plan.check.use.database import may_read_use
from ingest.plan.check.use.months import MonthOfUse
from ingest.plan.check.use.year import NOT_WATCHED, OTHERS, UsageOfYear, usage_of_year
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead
from ingest.report.source.body import keep
from ingest.report.source.proof import evidence_of, figure_cell
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, Month
from schemas.report_document import Cell, Evidence

_NO_BEFORE = Bilingual("前年度の利用の記録がありません", "no use of the year before is on record")
_NOT_COUNTED = Bilingual("所属ごとには数えません", "not counted by department")
_NO_PEOPLE = Bilingual("利用者の一覧を読めません", "the list of people may not be read")
_COUNTS: Mapping[str, str] = {
    "page_views": "閲覧", "sign_ins": "サインイン", "downloads": "ダウンロード", "reports": "報告書の作成",
}  # fmt: skip


def usage_of(asked: Asked, year: FiscalYear) -> UsageOfYear:
    """The use of a fiscal year as the page shows it; the newest months are counted where the log may be read."""
    return keep(asked, f"usage_{year.year}", partial(_read, asked, year))


def month_of_use(asked: Asked, month: Month) -> tuple[MonthOfUse | None, Bilingual | None]:
    """The use of one month, or why it is not known."""
    found = next(each for each in usage_of(asked, FiscalYear.of(month.first_day)).months if each.month == month)
    return found.use, found.missing


def _read(asked: Asked, year: FiscalYear) -> UsageOfYear:
    log = partial(_opened, asked.connection) if may_read_use(asked.connection) else None
    return usage_of_year(asked.connection, asked.project_id, asked.project.code, year, asked.now, log)


@contextmanager
def _opened(connection: Database) -> Iterator[Database]:
    yield connection  # whoever opened it closes it


def use_evidence(asked: Asked, year: FiscalYear) -> Evidence:
    """The evidence of the use of a fiscal year: the audit log, or what was frozen of it."""
    used = usage_of(asked, year)
    return evidence_of(
        asked, f"use_{year.year}", "figure_use", len(used.told), project=asked.project.code, from_=year.start,
        to_=year.end, least_people=1,
    )  # fmt: skip


def notified_evidence(asked: Asked, used: UsageOfYear) -> Evidence:
    """The evidence of the messages that reached people in a fiscal year."""
    return evidence_of(
        asked, f"notified_{used.year.year}", "figure_watch_notified", len(used.notifications),
        projects=f"{{{asked.project.code}}}", from_=used.year.start, to_=used.year.end,
    )  # fmt: skip


def read_use(asked: Asked) -> TableRead:
    """A row for each department that can be named, one for programs, and the whole; people are means of months."""
    year = FiscalYear.of(asked.first_day)
    before = FiscalYear(year.year - 1)
    used, earlier = usage_of(asked, year), usage_of(asked, before)
    proofs = (use_evidence(asked, year), use_evidence(asked, before))
    people = keep(asked, "people", partial(report_people, asked.connection, asked.project.code))
    listed = evidence_of(asked, "people", "figure_report_people", len(people or ()), project_code=asked.project.code)
    rows = [RowRead(f"department.{name}", _department(used, earlier, name, proofs) | _registered(people, listed, name))
            for name in _names(used)]  # fmt: skip
    if used.told:
        rows.append(RowRead("programs", _programs(used, proofs[0])))
    total = _whole(asked, used, earlier, proofs) | _registered(people, listed, None) | {"name": Cell(value="全体")}
    return TableRead(tuple(rows), RowRead("total", total), (*proofs, listed, notified_evidence(asked, used)))


def _names(used: UsageOfYear) -> list[str]:
    found = {each.department for month in used.told for each in month.departments}
    return [*sorted(found - {OTHERS}), *([OTHERS] if OTHERS in found else [])]


def _sum(used: UsageOfYear, department: str, count: str) -> int:
    return sum(int(getattr(each, count)) for each in used.department(department) if each is not None)


def _department(
    used: UsageOfYear, earlier: UsageOfYear, name: str, proofs: tuple[Evidence, Evidence]
) -> dict[str, Cell]:
    views = _sum(used, name, "page_views")
    old = _sum(earlier, name, "page_views") if name in _names(earlier) else None
    return {
        "name": Cell(value=name or "(所属なし)"),
        "people": figure_cell(Fraction(_sum(used, name, "people"), len(used.told)), proofs[0]),
        **{code: figure_cell(_sum(used, name, code), proofs[0]) for code in _COUNTS},
        "to_year_before": _ratio(views, old, proofs[1]), "notifications": figure_cell(None, None, _NOT_COUNTED),
    }  # fmt: skip


def _ratio(now: int | None, before: int | None, proof: Evidence) -> Cell:
    """Page views as percent of those of the year before."""
    known = now is not None and before
    return figure_cell(Fraction(now * 100, before) if known and now is not None and before else None, proof, _NO_BEFORE)


def _whole(asked: Asked, used: UsageOfYear, earlier: UsageOfYear, proofs: tuple[Evidence, Evidence]) -> dict[str, Cell]:
    return {
        "people": figure_cell(used.mean("people"), proofs[0], NO_USE),
        **{code: figure_cell(used.total(code), proofs[0], NO_USE) for code in _COUNTS},
        "to_year_before": _ratio(used.total("page_views"), earlier.total("page_views"), proofs[1]),
        "notifications": figure_cell(used.notified, notified_evidence(asked, used), NOT_WATCHED),
    }  # fmt: skip


def _programs(used: UsageOfYear, proof: Evidence) -> dict[str, Cell]:
    cells = {
        code: figure_cell(None, None, _NOT_COUNTED)
        for code in ("registered", *_COUNTS, "to_year_before", "notifications")
    }
    return cells | {"name": Cell(value="プログラム(API)"), "people": figure_cell(used.mean("programs"), proof)}


def _registered(people: list[ReportPeople] | None, proof: Evidence, name: str | None) -> dict[str, Cell]:
    """People with a role; of one department, or of all. Those that are put together are not counted apart."""
    if name == OTHERS:
        return {"registered": figure_cell(None, None, _NOT_COUNTED)}
    if people is None:
        return {"registered": figure_cell(None, proof, _NO_PEOPLE)}
    count = sum(each.people for each in people if name is None or each.department == name)
    return {"registered": figure_cell(count, proof)}


def read_use_counts(asked: Asked) -> FieldsRead:
    """The use of the month or fiscal year in a few numbers."""
    year = FiscalYear.of(asked.first_day)
    proof = use_evidence(asked, year)
    if asked.period.span == "month":
        use, missing = month_of_use(asked, Month.of(asked.first_day))
        names = ("people", "programs", *_COUNTS)
        cells = {name: figure_cell(getattr(use, name) if use else None, proof, missing) for name in names}
        told = notified_evidence(asked, usage_of(asked, year))
        sent = usage_of(asked, year).notifications.get(Month.of(asked.first_day))
        return FieldsRead(cells | {"notifications": figure_cell(sent, told, NOT_WATCHED)}, (proof, told))
    used = usage_of(asked, year)
    cells = _whole(asked, used, used, (proof, proof)) | {
        "programs": figure_cell(used.mean("programs"), proof, NO_USE),
        "months": figure_cell(len(used.told), proof), "frozen_months": figure_cell(used.frozen, proof),
        "departments": figure_cell(used.department_count if used.told else None, proof, NO_USE),
        "uses": Cell(value="、".join(used.uses) or "なし"),
        "diversity": figure_cell(used.diversity, proof, NO_USE),
    }  # fmt: skip
    return FieldsRead(cells, (proof, notified_evidence(asked, used)))


USE: tuple[Source, ...] = (
    Source("use", "table", read_use, {
        "name": "利用者区分(所属)", "registered": "登録", "people": "月平均利用者", **_COUNTS,
        "notifications": "通知", "to_year_before": "閲覧の前年度比(%)",
    }),
    Source("use_counts", "fields", read_use_counts, {
        "people": "月平均利用者", "programs": "月平均プログラム数", **_COUNTS, "notifications": "通知",
        "months": "記録のある月数", "frozen_months": "うち確定した月数", "departments": "利用した所属の数",
        "uses": "データの届いた分野", "diversity": "多用途度",
    }),
)  # fmt: skip
