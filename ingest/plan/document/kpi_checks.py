"""What must fit within a KPI, and between it and the rest of its plan."""

from collections.abc import Iterator

from ingest.figures.plan.catalogue import FIGURES, Better, wrong_arguments
from ingest.plan.document.fault import Fault, Path
from ingest.plan.document.words import said_of_year
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.plan import FigureEvidence, Formula, Kpi, ObservationEvidence, PlanDocument, PlanScope, Stage

_EVERYTHING = PlanScope()


def kpi_faults(document: PlanDocument) -> Iterator[Fault]:
    """What is wrong with the KPIs of a plan."""
    boxes = [box.code for box in document.boxes]
    years = _years(document)
    for index, kpi in enumerate(document.kpis):
        here: Path = ("kpis", index)
        if kpi.box not in boxes:
            there = Bilingual("、".join(boxes) or "なし", ", ".join(boxes) or "none")
            said = Bilingual(
                f"ロジックモデルに箱 {kpi.box} がありません(あるもの: {there.ja})",
                f"the logic model has no box {kpi.box} (there are: {there.en})",
            )
            yield Fault((*here, "box"), said)
        yield from _targets(kpi, here, years)
        yield from _evidence(kpi, here)
        group = kpi.scope.group
        if group is not None and group not in document.groups:
            said = Bilingual(
                f"機器グループ {group} がありません。groups に書いてください",
                f"there is no device group {group}: write it under groups",
            )
            yield Fault((*here, "scope", "group"), said)


def _years(document: PlanDocument) -> range:
    return range(FiscalYear.of(document.begins).year, FiscalYear.of(document.ends).year + 1)


def _targets(kpi: Kpi, here: Path, years: range) -> Iterator[Fault]:
    for year in kpi.targets:
        if year not in years and years:
            yield Fault((*here, "targets", str(year)), _outside(year, years))
    if (kpi.final_target is None) != (kpi.final_year is None):
        both = Bilingual(
            "最終目標値とその年度は、両方書くか両方空にしてください", "final_target and final_year go together"
        )
        yield Fault((*here, "final_year"), both)
    if kpi.final_year is None or kpi.final_target is None:
        return
    if kpi.final_year not in years and years:
        yield Fault((*here, "final_year"), _outside(kpi.final_year, years))
    same_year = kpi.targets.get(kpi.final_year)
    if same_year not in (None, kpi.final_target) and kpi.formula is not Formula.CUMULATIVE:
        label = said_of_year(kpi.final_year)
        differs = Bilingual(
            f"{label.ja}の目標({same_year:g})と最終目標値({kpi.final_target:g})が違います",
            f"it differs from the target of {label.en}: {kpi.final_target:g}, and {same_year:g}",
        )
        yield Fault((*here, "final_target"), differs)


def _outside(year: int, years: range) -> Bilingual:
    label, first, last = said_of_year(year), said_of_year(years[0]), said_of_year(years[-1])
    return Bilingual(
        f"{label.ja}は計画の期間({first.ja}から{last.ja}まで)の外です",
        f"{label.en} is outside the plan, from {first.en} to {last.en}",
    )


def _evidence(kpi: Kpi, here: Path) -> Iterator[Fault]:
    evidence = kpi.evidence
    if isinstance(evidence, ObservationEvidence):
        scope = kpi.scope
        if (scope.networks, scope.gateways, scope.uses, scope.technologies, scope.devices, scope.group) != (
            (), (), (), (), (), None,
        ):  # fmt: skip
            said = Bilingual(
                "手入力の値は、地区(areas)でだけ絞れます", "what people enter can be narrowed by areas alone"
            )
            yield Fault((*here, "scope"), said)
    if not isinstance(evidence, FigureEvidence):
        return
    figure = FIGURES.get(evidence.figure)
    if figure is None:
        codes = list(FIGURES)
        unknown = Bilingual(
            f"数値 {evidence.figure} は目録にありません(あるもの: {'、'.join(codes)})",
            f"the catalogue has no figure {evidence.figure} (there are: {', '.join(codes)})",
        )
        yield Fault((*here, "evidence", "figure"), unknown)
        return
    for wrong in wrong_arguments(figure, evidence.arguments):
        yield Fault((*here, "evidence", "arguments"), wrong)
    if not figure.scoped and kpi.scope != _EVERYTHING:
        whole = Bilingual(
            f"{figure.label.ja}は事業全体の数値です。対象(scope)は書けません",
            f"{figure.label.en} is about the whole project: it has no scope",
        )
        yield Fault((*here, "scope"), whole)


def notes(document: PlanDocument) -> list[Fault]:
    """What is no mistake, and yet an auditor would ask about."""
    found: list[Fault] = []
    outcomes = {box.code for box in document.boxes if box.stage is Stage.OUTCOME}
    if document.kpis and not any(kpi.box in outcomes for kpi in document.kpis):
        none = Bilingual(
            "アウトカム(成果)の指標がありません。何がよくなったかを示せません",
            "no KPI is about an outcome, so nobody can see what got better",
        )
        found.append(Fault(("kpis",), none))
    for index, kpi in enumerate(document.kpis):
        found += _kpi_notes(kpi, ("kpis", index))
    return found


def _kpi_notes(kpi: Kpi, here: Path) -> Iterator[Fault]:
    if not kpi.targets and kpi.final_target is None:
        yield Fault((*here, "targets"), Bilingual("目標がまだありません", "it has no target yet"))
    if kpi.formula is Formula.GAIN and kpi.baseline is None:
        none = Bilingual("基準値がないため、改善度は求められません", "there is no baseline, so no gain can be computed")
        yield Fault((*here, "baseline"), none)
    elif kpi.formula is Formula.GAIN and kpi.baseline is not None and kpi.baseline.value in kpi.targets.values():
        same = Bilingual(
            "基準値と同じ目標の年度は、改善度を求められません",
            "where the target is the baseline, no gain can be computed",
        )
        yield Fault((*here, "targets"), same)
    if not isinstance(kpi.evidence, FigureEvidence) or kpi.evidence.figure not in FIGURES:
        return
    figure = FIGURES[kpi.evidence.figure]
    if kpi.unit not in figure.unit:
        unit = Bilingual(
            f"実績の単位は「{figure.unit.ja}」です(計画では「{kpi.unit}」)",
            f"the actual will be in {figure.unit.en}, and the plan says {kpi.unit!r}",
        )
        yield Fault((*here, "unit"), unit)
    if (figure.better, kpi.formula) in ((Better.LESS, Formula.RATIO), (Better.MORE, Formula.LIMIT)):
        wrong_way = Bilingual(
            f"{figure.label.ja}は{'小さい' if figure.better is Better.LESS else '大きい'}ほどよい数値です。"
            "算式の向きを確かめてください",
            f"{figure.label.en} is better when it is {figure.better}: does the formula fit?",
        )
        yield Fault((*here, "formula"), wrong_way)
