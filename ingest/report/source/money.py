"""Money (収支): what the plan says was spent and came in, as the page of costs shows it, and what follows from it."""

from collections.abc import Iterable, Mapping

from ingest.plan.check import cost
from ingest.plan.check.cost import Balance, View
from ingest.plan.check.look import Measured, to_decimal
from ingest.plan.check.sources import NO_COSTS, measure_figure
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead
from ingest.report.source.body import NO_PLAN, look_of
from ingest.report.source.proof import evidence_of, figure_cell
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.plan import Cost, CostKind, Income, PlanDocument, PlanScope
from schemas.report_document import Cell, Evidence
from schemas.work import Basis

_NO_YEAR = Bilingual("計画にこの年度の金額がありません", "the plan names no amounts of this year")
_NO_RUNNING = Bilingual("この期間の運用費用が計画にありません", "the plan names no running costs of this period")
_INCOMES: Mapping[str, str] = {
    "fee": "利用料",
    "other": "その他の収入",
    "saving": "節減額",
    "avoided_damage": "回避した被害額",
}
_FIGURES: Mapping[str, str] = {
    "yen_per_1000_valid": "有効受信1,000件あたり費用", "tco60": "60か月の総費用(TCO)",
    "break_even_months": "損益分岐までの月数", "self_sufficiency": "自走化率(%)", "net_cumulative": "累積収支",
}  # fmt: skip


def _document(asked: Asked) -> PlanDocument | None:
    return asked.plan.document if asked.plan and asked.plan.document.costs else None


def _why_none(asked: Asked) -> Bilingual:
    return NO_COSTS if asked.plan else NO_PLAN


def _plan_evidence(asked: Asked, name: str, rows: int) -> Evidence:
    number = asked.plan.number if asked.plan else ""
    year = FiscalYear.of(asked.first_day).year
    return evidence_of(
        asked, name, "plan_version", rows, project=asked.project.code, number=number, fiscal_year=year
    )  # fmt: skip


def read_money(asked: Asked) -> FieldsRead:
    """The balance of the fiscal year, and the figures of costs of the catalogue."""
    document, year = _document(asked), FiscalYear.of(asked.first_day)
    proof = _plan_evidence(asked, "balance", len(document.costs) + len(document.incomes) if document else 0)
    if document is None:
        every = (*_BALANCE, *_FIGURES)
        return FieldsRead({name: figure_cell(None, proof, _why_none(asked)) for name in every}, (proof,))
    found = next((row for row in cost.balances(document) if row.fiscal_year == year.year), None)
    cells = {name: figure_cell(None, proof, _NO_YEAR) for name in _BALANCE} if found is None else _balance_cells(
        found, document, year, proof)  # fmt: skip
    proofs = [proof]
    for code in _FIGURES:
        measured, evidence = _figure(asked, code)
        cells[code] = _measured_cell(measured, evidence)
        proofs.append(evidence)
    return FieldsRead(cells, tuple(proofs))


def _balance_cells(row: Balance, document: PlanDocument, year: FiscalYear, proof: Evidence) -> dict[str, Cell]:
    running = cost.cost_between(document, View.RUNNING, year.months[0], year.next.months[0])
    local = cost.cost_between(document, View.LOCAL, year.months[0], year.next.months[0])
    numbers = {
        "income": row.income, "cost": row.cost, "running": running, "local": local, "saving": row.saving,
        "avoided_damage": row.avoided_damage, "net": row.net, "running_net": row.income - running,
    }  # fmt: skip
    cells = {name: figure_cell(value, proof) for name, value in numbers.items()}
    return cells | {"bases": Cell(value=_bases(row.bases))}


def _figure(asked: Asked, code: str) -> tuple[Measured, Evidence]:
    look = look_of(asked)
    days = look.cut(asked.first_day, asked.until_day)
    days = days if days[0] < days[1] else (asked.first_day, asked.until_day)
    measured = measure_figure(look, code, {}, PlanScope(), days)
    proof = evidence_of(
        asked, code, code, measured.samples, project=asked.project.code, first_day=days[0], until_day=days[1],
        plan_number=asked.plan.number if asked.plan else "",
    )  # fmt: skip
    return measured, proof


def _measured_cell(measured: Measured, proof: Evidence) -> Cell:
    value = None if measured.value is None else to_decimal(measured.value)
    return figure_cell(value, proof, measured.missing)


def read_amounts(asked: Asked) -> TableRead:
    """What was spent and came in within the fiscal year, by kind; the total is what was spent."""
    document, year = _document(asked), FiscalYear.of(asked.first_day)
    if document is None:
        return TableRead(())
    proof = _plan_evidence(asked, "amounts", len(document.costs) + len(document.incomes))
    rows = [*_cost_rows(document, year, proof), *_income_rows(document.incomes, year, proof)]
    total = _amount("支出の計", "", *_spent(document, document.costs, year), proof)
    return TableRead(tuple(rows), RowRead("total", total), (proof,))


def _cost_rows(document: PlanDocument, year: FiscalYear, proof: Evidence) -> Iterable[RowRead]:
    for kind in CostKind:
        for capital in (True, False):
            own = [each for each in document.costs if each.kind is kind and each.capital is capital]
            yen, local = _spent(document, own, year)
            if yen:
                said = "初期費用" if capital else "運用費用"
                cells = _amount(f"支出({said})", kind.label.ja, yen, local, proof)
                cells["basis"] = Cell(value=_bases(each.basis for each in own))
                cells["source"] = Cell(value=_sources(each.source for each in own if each.fiscal_year <= year.year))
                yield RowRead(f"cost.{kind.value}.{'capital' if capital else 'running'}", cells)


def _spent(document: PlanDocument, costs: Iterable[Cost], year: FiscalYear) -> tuple[int, int]:
    """Yen of the fiscal year, and the part of it that is not subsidised."""
    own = list(costs)
    months = set(year.months)
    whole, local = (
        sum(yen for month, yen in cost.costs_by_month(document, view, own).items() if month in months)
        for view in (View.TOTAL, View.LOCAL)
    )
    return whole, local


def _income_rows(incomes: Iterable[Income], year: FiscalYear, proof: Evidence) -> Iterable[RowRead]:
    for number, each in enumerate((each for each in incomes if each.fiscal_year == year.year), start=1):
        area = "収入" if each.kind in ("fee", "other") else "便益(現金収入なし)"
        cells = {
            "area": Cell(value=area), "kind": Cell(value=f"{_INCOMES[each.kind]} {each.label}"),
            "yen": figure_cell(each.yen, proof), "basis": Cell(value=each.basis.label.ja),
            "source": Cell(value=each.source),
        }  # fmt: skip
        yield RowRead(f"income.{each.kind}.{number}", cells)


def _amount(area: str, kind: str, yen: int, local: int, proof: Evidence) -> dict[str, Cell]:
    return {
        "area": Cell(value=area), "kind": Cell(value=kind), "yen": figure_cell(yen, proof),
        "subsidy": figure_cell(yen - local, proof), "local": figure_cell(local, proof),
    }  # fmt: skip


def _bases(bases: Iterable[Basis]) -> str:
    found = set(bases)
    return "・".join(basis.label.ja for basis in Basis if basis in found)


def _sources(sources: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(source for source in sources if source))


def read_years(asked: Asked) -> TableRead:
    """The balance of every fiscal year of the plan up to the one reported, with the sum since the beginning."""
    document = _document(asked)
    if document is None:
        return TableRead(())
    proof = _plan_evidence(asked, "balances", len(document.costs) + len(document.incomes))
    last = FiscalYear.of(asked.period.last_day).year
    rows = tuple(_year(row, proof) for row in cost.balances(document) if row.fiscal_year <= last)
    return TableRead(rows, None, (proof,))


def _year(row: Balance, proof: Evidence) -> RowRead:
    rate = None if row.self_sufficiency is None else to_decimal(row.self_sufficiency * 100)
    return RowRead(f"{row.fiscal_year}", {
        "year": Cell(value=FiscalYear(row.fiscal_year).label), "income": figure_cell(row.income, proof),
        "cost": figure_cell(row.cost, proof), "saving": figure_cell(row.saving, proof),
        "net": figure_cell(row.net, proof), "net_cumulative": figure_cell(row.net_cumulative, proof),
        "self_sufficiency": figure_cell(rate, proof, _NO_RUNNING), "bases": Cell(value=_bases(row.bases)),
    })  # fmt: skip


_BALANCE = {
    "income": "収入(利用料ほか)", "cost": "支出(全体)", "running": "支出(運用費用)", "local": "支出のうち地方負担",
    "saving": "節減額", "avoided_damage": "回避した被害額", "net": "年度の収支", "running_net": "運用段階の差引",
    "bases": "金額の性格",
}  # fmt: skip
MONEY: tuple[Source, ...] = (
    Source("money", "fields", read_money, {**_BALANCE, **_FIGURES}),
    Source("amounts", "table", read_amounts, {
        "area": "区分", "kind": "科目", "yen": "金額(円)", "subsidy": "うち国費(円)", "local": "うち地方負担(円)",
        "basis": "金額の性格", "source": "出所",
    }),
    Source("money_years", "table", read_years, {
        "year": "年度", "income": "収入", "cost": "支出", "saving": "節減額", "net": "収支",
        "net_cumulative": "累積収支", "self_sufficiency": "自走化率(%)", "bases": "金額の性格",
    }),
)  # fmt: skip
