"""The months of a fiscal year as they were frozen, and the account of what was received in them."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from ingest.figures.account import identity_by_month
from ingest.figures.model import Account, MonthAccount
from ingest.figures.plan.outage import outage_sums
from ingest.figures.plan.sums import plan_sums
from ingest.plan.check.body import outage_json, sums_json
from ingest.plan.check.freeze import Snapshot, snapshots
from ingest.plan.check.spans import PeriodKind
from ingest.report.source.base import Asked, Cells, RowRead, Source, TableRead
from ingest.report.source.body import Line, body_evidence, frozen_evidence, keep, look_of, period_body
from ingest.report.source.proof import evidence_of, figure_cell
from ingest.report.source.sums import OUTAGES_OFFERED, SUMS_OFFERED, outage_cells, sums_cells
from ingest.report.source.use import month_of_use, use_evidence
from schemas.japan import FiscalYear, Month, to_jst
from schemas.report_document import Cell, Evidence

_ACCOUNT: Mapping[str, str] = {
    "received": "受信(メッセージ)", "stored": "保存", "duplicate": "重複", "quarantined": "隔離",
    "readings_offered": "提示(測定値)", "readings_stored": "保存(測定値)", "readings_duplicate": "重複(測定値)",
    "readings_conflict": "不一致(測定値)", "readings_quarantined": "隔離(測定値)",
    "readings_unexplained": "差(0であること)",
}  # fmt: skip


def _months(asked: Asked) -> list[Month]:
    """The months of the period that have begun."""
    every = FiscalYear.of(asked.first_day).months if asked.period.span == "year" else (Month.of(asked.first_day),)
    return [month for month in every if month.start <= asked.now]


def _frozen(asked: Asked) -> dict[date, Snapshot]:
    read = partial(snapshots, asked.connection, asked.project_id, PeriodKind.MONTH, FiscalYear.of(asked.first_day).year)
    return {each.span.first_day: each for each in keep(asked, "frozen_months", read)}


def read_months(asked: Asked) -> TableRead:
    """A row for each month: frozen where it is, computed now where it is not; the total is the whole year."""
    frozen, used = _frozen(asked), use_evidence(asked, FiscalYear.of(asked.first_day))
    rows, proofs = [], [used]
    for month in _months(asked):
        cells, evidence = _month(asked, month, frozen.get(month.first_day))
        use, missing = month_of_use(asked, month)
        more = {name: figure_cell(getattr(use, name) if use else None, used, missing) for name in (
            "people", "page_views")}  # fmt: skip
        rows.append(RowRead(f"{month.first_day:%Y-%m}", {**cells, **more}))
        proofs.append(evidence)
    body = period_body(asked)
    whole = body.whole("figures")
    assert whole is not None  # `figure_plan` has the row of the project even without a device
    sums, outages = body_evidence(asked, "figures"), body_evidence(asked, "outages")
    total = sums_cells(whole, sums) | outage_cells(body.whole("outages"), outages) | {"month": Cell(value="年度")}
    return TableRead(tuple(rows), RowRead("total", total), (*proofs, sums, outages))


def _month(asked: Asked, month: Month, frozen: Snapshot | None) -> tuple[dict[str, Cell], Evidence]:
    name, days = f"month_{month.year}_{month.month:02}", (month.first_day, month.next.first_day)
    if frozen is not None:
        proof = frozen_evidence(asked, name, frozen, len(frozen.body["figures"]))
        sums: Line = next(row for row in frozen.body["figures"] if row["level"] == "project")
        out: Line | None = next((row for row in frozen.body["outages"] if row["level"] == "project"), None)
        said = f"第{frozen.revision}版 {to_jst(frozen.frozen_at):%Y-%m-%d}"
    else:
        rows = plan_sums(asked.connection, asked.project.code, *days, asked.now, levels=("project",))
        proof = evidence_of(
            asked, name, "figure_plan", 1, project_code=asked.project.code, first_day=days[0], until_day=days[1],
            now_=asked.now,
        )  # fmt: skip
        sums, out = sums_json(rows[0]), _outages(asked, days)
        said = "未確定" if month.end <= asked.now else "途中"
    cells = sums_cells(sums, proof) | outage_cells(out, proof)
    return cells | {"month": Cell(value=month.label), "frozen": Cell(value=said)}, proof


def _outages(asked: Asked, days: tuple[date, date]) -> Line | None:
    if not look_of(asked).outages_known(days[1]):
        return None
    rows = outage_sums(asked.connection, asked.project.code, *days, asked.now)
    return next((outage_json(row) for row in rows if row.level == "project"), None)


def read_account(asked: Asked) -> TableRead:
    """The account of what was received, by month of receipt, with the digest of what was frozen of each month."""
    found = identity_by_month(asked.connection, asked.project.code, asked.first_day, asked.until_day)
    proof = evidence_of(
        asked, "account", "figure_identity_monthly", len(found), project=asked.project.code,
        first_day=asked.first_day, until_day=asked.until_day,
    )  # fmt: skip
    known, frozen = {each.month: each for each in found}, _frozen(asked)
    rows = [_account_row(month, known.get(month.first_day), frozen, proof) for month in _months(asked)]
    total = {name: figure_cell(sum(getattr(each, name) for each in found), proof) for name in _ACCOUNT}
    return TableRead(tuple(rows), RowRead("total", total | {"month": Cell(value="計")}), (proof,))


def _account_row(
    month: Month, account: MonthAccount | None, frozen: Mapping[date, Snapshot], proof: Evidence
) -> RowRead:
    cells: Cells = {name: figure_cell(_count(account, name), proof) for name in _ACCOUNT}
    snapshot = frozen.get(month.first_day)
    return RowRead(f"{month.first_day:%Y-%m}", {
        **cells, "month": Cell(value=month.label), "revision": Cell(value=snapshot and snapshot.revision),
        "frozen_at": Cell(value=snapshot and to_jst(snapshot.frozen_at)),
        "sha256": Cell(value=snapshot and snapshot.digest.hex()),
    })  # fmt: skip


def _count(account: Account | None, name: str) -> int:
    """Of a month without a message the account is 0: it counts what was received, and nothing was."""
    return 0 if account is None else int(getattr(account, name))


MONTHS: tuple[Source, ...] = (
    Source("months", "table", read_months, {
        "month": "月", **SUMS_OFFERED, **OUTAGES_OFFERED, "people": "利用者数", "page_views": "閲覧",
        "frozen": "確定(版と日)",
    }),
    Source("account", "table", read_account, {
        "month": "月(受信時刻)", **_ACCOUNT, "revision": "確定した版", "frozen_at": "確定日時",
        "sha256": "確定値のSHA-256",
    }),
)  # fmt: skip
