"""通信方式比較: radio technologies side by side, 費用対効果 with its weights, and how far the ranking depends on it."""

from collections.abc import Mapping, Sequence
from functools import partial

from ingest.figures.report.technology import WHOLE
from ingest.plan.check.freeze import revisions
from ingest.plan.check.look import to_decimal
from ingest.plan.check.spans import PeriodKind, span_of
from ingest.report.rounding import cut, round_half_up
from ingest.report.source.base import Asked, FieldsRead, RowRead, Source, TableRead
from ingest.report.source.body import keep
from ingest.report.source.proof import figure_cell, missing_cell, said
from ingest.report.source.sums import technology_name
from ingest.report.source.technology_cost import common_costs
from ingest.report.source.technology_score import Comparison, Ranking, compare, sensitivity
from ingest.report.source.technology_values import (
    COSTS,
    INDICATORS,
    SUMS,
    Indicator,
    Told,
    class_ja,
    classes_of,
    proofs_of,
    sides_of,
    site_mix,
    technologies_of,
    told_values,
)
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.report_document import Cell, Evidence, Said
from schemas.technology import Criterion, WeightedCriterion, technology_comparison

_FROZEN = Bilingual(
    "通信方式の比較の値は、作成時に集計したものです(計画で確定した値ではありません)",
    "the comparison of technologies is counted for this report; it is not taken from the frozen period",
)
_OTHER_SITES = Bilingual(
    "通信方式によって設置環境の構成が異なります。順位は環境の違いを除いたものではありません",
    "the technologies stand at different classes of sites: the ranking does not allow for that",
)
_ALONE = Bilingual("比べられる通信方式が2つ以上ありません", "there are no two technologies to compare")
_ABSENT = Bilingual("この設置環境にこの方式の機器がありません", "no device of this technology stands there")
_NOT_RANKED = Bilingual("必要な値がないため順位に入れません", "it lacks a value that the ranking needs")
_NO_COSTS = Bilingual("計画に費用が書かれていません", "the plan names no costs")


def read_comparison(asked: Asked) -> TableRead:
    """A row for each indicator and class of sites, beside each value the devices it rests on."""
    proofs = {each.id: each for each in proofs_of(asked)}
    technologies = technologies_of(asked)
    rows = [
        _comparison_row(asked, indicator, site, proofs)
        for indicator in (INDICATORS if technologies else ())
        for site in (classes_of(asked) if indicator.by_class else [WHOLE])
    ]
    return TableRead(tuple(rows), None, tuple(proofs.values()), _marks(asked), _absent(technologies))


def _comparison_row(asked: Asked, indicator: Indicator, site: str, proofs: Mapping[str, Evidence]) -> RowRead:
    cells = {
        "group": Cell(value=indicator.group), "indicator": Cell(value=indicator.label),
        "unit": Cell(value=indicator.unit), "site": Cell(value=class_ja(site)),
    }  # fmt: skip
    for technology in technologies_of(asked):
        side = sides_of(asked).get((technology, site))
        if side is None:
            cells |= {technology: missing_cell(_ABSENT), f"{technology}_n": Cell(value=0)}
            continue
        told = indicator.tell(side)
        cells[technology] = _value_cell(told, indicator, proofs)
        cells[f"{technology}_n"] = figure_cell(told.devices, proofs[SUMS if told.proof == COSTS else told.proof])
    return RowRead(
        f"{indicator.code}.{site}", cells, dict.fromkeys((kind.value for kind in NetworkKind), indicator.decimals)
    )


def _value_cell(told: Told, indicator: Indicator, proofs: Mapping[str, Evidence]) -> Cell:
    """Small n is marked as 参考値. Rates are cut, so that 99.96 % is not 100 %."""
    value = told.value
    exact = None if value is None else (cut if indicator.cut else round_half_up)(value, indicator.decimals)
    few = told.devices < technology_comparison().least_devices
    return figure_cell(exact, proofs[told.proof], told.missing, reference_only=few)


def _absent(technologies: Sequence[str]) -> frozenset[str]:
    """The columns of technologies that the project does not have."""
    absent = [kind.value for kind in NetworkKind if kind.value not in technologies]
    return frozenset(code for kind in absent for code in (kind, f"{kind}_n"))


def _marks(asked: Asked) -> tuple[Said, ...]:
    mixes = {frozenset(site for site, _ in site_mix(asked, each)) for each in technologies_of(asked)}
    span = span_of(PeriodKind.YEAR, asked.first_day)  # not `period_body`, which would count the whole year for it
    marks = [_FROZEN] if revisions(asked.connection, asked.project_id, span) else []
    return tuple(said(mark) for mark in [*marks, *([_OTHER_SITES] if len(mixes) > 1 else [])])


def criteria_of(asked: Asked) -> tuple[WeightedCriterion, ...]:
    """The criteria with the weights of the plan, where it says some, else those of the data file."""
    own = asked.plan.document.technology_weights if asked.plan else {}
    criteria = technology_comparison().criteria
    if not own:
        return criteria
    return tuple(each.model_copy(update={"weight": own.get(each.code.value, 0)}) for each in criteria)


def comparison_of(asked: Asked) -> Comparison:
    """The comparison by 費用対効果, reckoned once."""
    return keep(asked, "comparison", partial(_compare, asked))


def _compare(asked: Asked) -> Comparison:
    values = {
        technology: {code: told.value for code, told in own.items()} for technology, own in told_values(asked).items()
    }
    return compare(criteria_of(asked), values)


def _name(technology: str) -> str:
    return technology_name({"key": technology, "name": technology})


def read_scores(asked: Asked) -> TableRead:
    """A row for each technology: devices, sites, score and place; what is not ranked says why."""
    found, proofs = comparison_of(asked), proofs_of(asked)
    places = dict(found.ranking)
    rows = []
    for technology in technologies_of(asked):
        side = sides_of(asked)[technology, WHOLE]
        lacking = found.lacking.get(technology)
        why = _lacking(lacking) if lacking else _ALONE
        score = found.scores.get(technology) if places else None
        sites = "、".join(f"{class_ja(site)} {devices}台" for site, devices in site_mix(asked, technology))
        few = side.sums.devices < technology_comparison().least_devices
        rows.append(RowRead(technology, {
            "technology": Cell(value=_name(technology)), "devices": figure_cell(side.sums.devices, proofs[0]),
            "sites": Cell(value=sites), "score": figure_cell(score, proofs[0], why, reference_only=few),
            "place": figure_cell(places.get(technology), proofs[0], why),
            "note": Cell(value="少数(参考値)" if few else ""),
        }))  # fmt: skip
    return TableRead(tuple(rows), None, proofs)


def _lacking(codes: Sequence[Criterion]) -> Bilingual:
    ja, en = "・".join(code.label.ja for code in codes), ", ".join(code.label.en for code in codes)
    return Bilingual(f"{ja}が分からないため、順位に入れません", f"not ranked, for it lacks: {en}")


def read_weights(asked: Asked) -> TableRead:
    """A row for each criterion: its weight, whether it counts, and the points it gives to each technology."""
    found, proofs = comparison_of(asked), proofs_of(asked)
    whole = sum(found.used.values())
    rows = []
    for each in criteria_of(asked):
        used = found.used.get(each.code)
        share = None if used is None else used * 100 / whole
        why = _why_unused(found, each)
        cells = {
            "criterion": Cell(value=each.code.label.ja), "weight": figure_cell(each.weight, None),
            "share": figure_cell(share, None, why), "better": Cell(value="大" if each.better == "more" else "小"),
            "used": Cell(value="使用" if used is not None else why.ja),
        }  # fmt: skip
        for technology in technologies_of(asked):
            points = found.points.get(technology, {}).get(each.code)
            none = _NOT_RANKED if technology in found.lacking else why
            cells[technology] = figure_cell(points, proofs[0], none)
        rows.append(RowRead(each.code.value, cells))
    by = _whose(asked)
    return TableRead(tuple(rows), None, proofs, (said(by),), _absent(technologies_of(asked)))


def _why_unused(found: Comparison, each: WeightedCriterion) -> Bilingual:
    if not each.weight:
        return Bilingual("重みが0です", "its weight is 0")
    names = "・".join(_name(technology) for technology in found.left_out.get(each.code, ()))
    if not names:
        return Bilingual("順位に入る通信方式がありません", "no technology is ranked")
    return Bilingual(f"{names}に値がないため、全方式で使いません", f"left out for all: {names} lack the value")


def _whose(asked: Asked) -> Bilingual:
    if asked.plan and asked.plan.document.technology_weights:
        return Bilingual("費用対効果の重みは計画によります", "the weights of the comparison are those of the plan")
    return Bilingual("費用対効果の重みは標準の値によります", "the weights of the comparison are the standard ones")


def read_sensitivity(asked: Asked) -> TableRead:
    """Each weight once less and once more: scores, ranking, and whether it is the one of the weights as they are."""
    found, proofs = comparison_of(asked), proofs_of(asked)
    base = found.ranking
    if not base:
        return TableRead((), None, (), (), _absent(technologies_of(asked)))
    rows = [_sensitivity_row("base", "重みのまま", None, found.scores, base, proofs[0], same=True)]
    for each in sensitivity(found, technology_comparison().sensitivity_percent):
        label = f"{each.criterion.label.ja} {each.percent:+d}%"
        key = f"{each.criterion.value}.{each.percent:+d}"
        rows.append(_sensitivity_row(
            key, label, to_decimal(each.weight), each.scores, each.ranking, proofs[0], same=each.holds
        ))  # fmt: skip
    return TableRead(tuple(rows), None, proofs, (), _absent(technologies_of(asked)))


def _sensitivity_row(
    key: str, label: str, weight: object, scores: Mapping[str, object], ranking: Ranking, proof: Evidence, *, same: bool
) -> RowRead:  # fmt: skip
    cells = {
        "change": Cell(value=label), "weight": figure_cell(weight, None),  # type: ignore[arg-type]
        "ranking": Cell(value="、".join(f"{place} {_name(technology)}" for technology, place in ranking)),
        "holds": Cell(value="変わらない" if same else "順位が変わる"),
    }  # fmt: skip
    cells |= {name: figure_cell(score, proof) for name, score in scores.items()}  # type: ignore[arg-type]
    return RowRead(key, cells)


def read_outcome(asked: Asked) -> FieldsRead:
    """The ranking in one line, whether it holds at every changed weight, and the costs of no technology."""
    found, proofs = comparison_of(asked), proofs_of(asked)
    ranking = found.ranking
    changed = [each for each in sensitivity(found, technology_comparison().sensitivity_percent) if not each.holds]
    percent = technology_comparison().sensitivity_percent
    common = common_costs(asked)
    words = "変わらない" if not changed else "変わる: " + "、".join(
        f"{each.criterion.label.ja} {each.percent:+d}%" for each in changed
    )  # fmt: skip
    shown = "、".join(f"{place}位 {_name(technology)}" for technology, place in ranking)
    return FieldsRead({
        "ranking": Cell(value=shown) if ranking else missing_cell(_ALONE),
        "holds": Cell(value=words) if ranking else missing_cell(_ALONE),
        "percent": Cell(value=percent), "least_devices": Cell(value=technology_comparison().least_devices),
        "service_months": Cell(value=technology_comparison().service_months),
        "common_initial": figure_cell(common and common[0], proofs[2], _NO_COSTS),
        "common_running": figure_cell(common and common[1], proofs[2], _NO_COSTS),
    }, proofs)  # fmt: skip


_SIDES: Mapping[str, str] = {kind.value: kind.label.ja for kind in NetworkKind}
_COUNTS: Mapping[str, str] = {f"{kind.value}_n": f"{kind.label.ja}のn" for kind in NetworkKind}
TECHNOLOGY: tuple[Source, ...] = (
    Source("technology_outcome", "fields", read_outcome, {
        "ranking": "費用対効果の順位", "holds": "重みを変えたときの順位", "percent": "重みを変える幅(%)",
        "least_devices": "参考値とする台数(未満)", "service_months": "初期費用を割り当てる月数",
        "common_initial": "方式に分けない初期費用(円)",
        "common_running": "方式に分けない運用費用(円)",
    }),
    Source("technology_comparison", "table", read_comparison, {
        "group": "評価軸", "indicator": "指標", "unit": "単位", "site": "設置環境", **_SIDES, **_COUNTS,
    }),
    Source("technology_scores", "table", read_scores, {
        "technology": "通信方式", "devices": "機器数(n)", "sites": "設置環境", "score": "得点", "place": "順位",
        "note": "備考",
    }),
    Source("technology_weights", "table", read_weights, {
        "criterion": "項目", "weight": "重み", "share": "使った重み(%)", "better": "良い向き", "used": "使用", **_SIDES,
    }),
    Source("technology_sensitivity", "table", read_sensitivity, {
        "change": "重みの変更", "weight": "重み", "ranking": "順位", "holds": "順位の変化", **_SIDES,
    }),
)  # fmt: skip
