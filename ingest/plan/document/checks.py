"""What must fit together within one document of a plan. All that does not is told at once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

from ingest.plan.document.fault import Fault, Path
from ingest.plan.document.kpi_checks import kpi_faults
from schemas.bilingual import Bilingual
from schemas.foreign import unseen_in
from schemas.plan import Box, PlanDocument, Stage
from schemas.technology import technology_comparison
from schemas.work import MeasureKind

_STAGES = [*Stage]


def faults(document: PlanDocument) -> list[Fault]:
    """All that is wrong with a document, in its order."""
    return [
        *_unseen((), document.model_dump(mode="json")),
        *_time(document),
        *_twice((("boxes", index, "code"), each.code) for index, each in enumerate(document.boxes)),
        *_boxes(document.boxes),
        *_twice((("kpis", index, "code"), each.code) for index, each in enumerate(document.kpis)),
        *kpi_faults(document),
        *_grades(document),
        *_groups(document),
        *_costs(document),
        *_calendar(document),
        *_quotas(document),
        *_weights(document),
    ]


def _unseen(path: Path, value: Any) -> Iterator[Fault]:
    """Characters that nobody sees: names with and without one look the same, and the database takes no NUL."""
    match value:
        case dict():
            for name, each in value.items():
                yield from _unseen((*path, name), each)
        case list():
            for index, each in enumerate(value):
                yield from _unseen((*path, index), each)
        case str():
            unseen = unseen_in(value.replace("\r\n", "\n"))
            if unseen is not None:
                said = Bilingual(
                    f"見えない文字({unseen})が入っています。その前後を消して、入力し直してください",
                    f"there is a character that nobody sees ({unseen}): remove what is round it and enter it again",
                )
                yield Fault(path, said)


def _time(document: PlanDocument) -> Iterator[Fault]:
    if document.ends < document.begins:
        said = Bilingual("終了日が開始日より前です", "the plan ends before it begins")
        yield Fault(("ends",), said)


def _twice(codes: Iterator[tuple[Path, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, code in codes:
        if code in seen:
            yield Fault(path, Bilingual(f"コード {code} が二つあります", f"the code {code} is there twice"))
        seen.add(code)


def _boxes(boxes: Sequence[Box]) -> Iterator[Fault]:
    stages = {box.code: box.stage for box in boxes}
    for index, box in enumerate(boxes):
        following = _STAGES.index(box.stage) + 1
        for place, code in enumerate(box.leads_to):
            path: Path = ("boxes", index, "leads_to", place)
            if code not in stages:
                yield Fault(path, no_such(Bilingual("箱", "box"), code, stages))
            elif following == len(_STAGES):
                last = Bilingual("アウトカムは最後の段階です。つながる先は書けません", "nothing comes after an outcome")
                yield Fault(path, last)
            elif stages[code] is not _STAGES[following]:
                wanted, found = _STAGES[following].label, stages[code].label
                yield Fault(
                    path,
                    Bilingual(
                        f"{box.stage.label.ja}の次は{wanted.ja}です。{code} は{found.ja}です",
                        f"after {box.stage.label.en} comes {wanted.en}, and {code} is {found.en}",
                    ),
                )


def no_such(what: Bilingual, code: str, known: Sequence[str] | dict[str, Stage]) -> Bilingual:
    """Something that a plan names and that is not there, with what is there."""
    ja, en = "、".join(known) or "なし", ", ".join(known) or "none"
    return Bilingual(
        f"{what.ja} {code} がありません(あるもの: {ja})", f"there is no {what.en} {code} (there are: {en})"
    )


def _grades(document: PlanDocument) -> Iterator[Fault]:
    for index, (higher, lower) in enumerate(pairwise(document.grades), start=1):
        if lower.at_least >= higher.at_least:
            said = Bilingual(
                f"高い評価から順に書いてください。{lower.grade} の下限は {higher.grade} の下限より低いはずです",
                f"write the highest grade first: {lower.grade} must begin below {higher.grade}",
            )
            yield Fault(("grades", index, "at_least"), said)
    names = [(("grades", index, "grade"), each.grade) for index, each in enumerate(document.grades)]
    yield from _twice(iter([*names, (("lowest_grade",), document.lowest_grade)]))


def _groups(document: PlanDocument) -> Iterator[Fault]:
    for name, devices in document.groups.items():
        if not devices:
            empty = Bilingual("機器がありません。機器のコードを書いてください", "it has no devices: write their codes")
            yield Fault(("groups", name), empty)
        for code, count in Counter(devices).items():
            if count > 1:
                said = Bilingual(f"機器 {code} が二つあります", f"the device {code} is there twice")
                yield Fault(("groups", name, devices.index(code)), said)


def _costs(document: PlanDocument) -> Iterator[Fault]:
    for index, cost in enumerate(document.costs):
        if cost.subsidy_yen > cost.yen:
            said = Bilingual("国費が金額を超えています", "the subsidy is more than the amount")
            yield Fault(("costs", index, "subsidy_yen"), said)
        if cost.covers_months is not None and cost.begins is None:
            begins = Bilingual(
                "まとめ払いには、始まる日(begins)が要ります", "what is paid at once needs the day it begins (begins)"
            )
            yield Fault(("costs", index, "covers_months"), begins)


def _calendar(document: PlanDocument) -> Iterator[Fault]:
    months = document.calendar.quarterly_months
    for index, month in enumerate(months):
        path: Path = ("calendar", "quarterly_months", index)
        if not 1 <= month <= 12:
            yield Fault(path, Bilingual(f"{month} 月はありません", f"there is no month {month}"))
        elif month in months[:index]:
            yield Fault(path, Bilingual(f"{month} 月が二つあります", f"month {month} is there twice"))


def _quotas(document: PlanDocument) -> Iterator[Fault]:
    kinds = [kind.value for kind in MeasureKind if kind is not MeasureKind.IMPROVEMENT]
    for name, amount in document.adviser_quotas.items():
        if name not in kinds:
            yield Fault(
                ("adviser_quotas", name), no_such(Bilingual("アドバイザーの種別", "kind of adviser"), name, kinds)
            )
        elif not isfinite(amount) or amount < 0:
            yield Fault(("adviser_quotas", name), Bilingual("0 以上の数を書いてください", "write a number, 0 or more"))


def _weights(document: PlanDocument) -> Iterator[Fault]:
    codes = [each.code.value for each in technology_comparison().criteria]
    for name, weight in document.technology_weights.items():
        path: Path = ("technology_weights", name)
        if name not in codes:
            yield Fault(path, no_such(Bilingual("比較の項目", "criterion"), name, codes))
        elif not isfinite(weight) or not 0 <= weight <= 100:
            yield Fault(path, Bilingual("0 から 100 の数を書いてください", "write a number from 0 to 100"))
    if document.technology_weights and not any(weight > 0 for weight in document.technology_weights.values()):
        yield Fault(
            ("technology_weights",), Bilingual("重みがすべて0です", "all weights are 0: nothing would be compared")
        )
