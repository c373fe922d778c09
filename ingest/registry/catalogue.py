"""Checks that named quantities exist, that units convert, and that one binding holds at a time."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem, Subject, key_of
from schemas.bilingual import Bilingual, quoted
from schemas.quantity import BY_CODE
from schemas.unit import learn

Rows = Mapping[Kind, Mapping[str, Mapping[str, Any]]]
Wanted = Mapping[Kind, Mapping[str, BaseModel]]

_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def check_catalogue(final: Rows, wanted: Wanted, broken: frozenset[Subject]) -> list[Problem]:
    """Every problem of this kind. Things in `broken` have their problem already and get no second one."""
    unread = {subject.key for subject in broken}
    return [*_profiles(final, wanted, unread), *_bindings(final, wanted, unread), *_overlaps(final, wanted)]


def _profiles(final: Rows, wanted: Wanted, unread: set[str]) -> Iterator[Problem]:
    """A profile may name a quantity of any project, because profiles belong to none."""
    units: dict[str, set[str]] = {}
    for row in final[Kind.QUANTITY].values():
        units.setdefault(row["code"], set()).add(row["unit"])
    for code in wanted[Kind.PROFILE]:
        for field, binding in final[Kind.PROFILE][code]["profile"].own_quantities().items():
            subject = Subject(Kind.PROFILE, code)
            if binding.quantity not in units:
                if not any(key.endswith(f"/{binding.quantity}") for key in unread):
                    yield Problem(_unknown(binding.quantity), column=quoted(field), subject=subject)
            elif binding.unit is not None:
                for unit in sorted(units[binding.quantity]):
                    if learn(binding.unit, unit) is None:
                        yield Problem(_no_way(binding.unit, unit), column=quoted(field), subject=subject)


def _bindings(final: Rows, wanted: Wanted, unread: set[str]) -> Iterator[Problem]:
    for key in wanted[Kind.BINDING]:
        row = final[Kind.BINDING][key]
        subject = Subject(Kind.BINDING, key)
        device = key_of(Kind.DEVICE, {"project": row["project"], "code": row["device"]})
        if device not in final[Kind.DEVICE] and device not in unread:
            yield Problem(no_device(device), column=label(Kind.BINDING, "device"), subject=subject)
        code = row["quantity"]
        if code is None or f"{row['project']}/{code}" in unread:
            continue
        unit = _unit(final, row["project"], code)
        if unit is None:
            yield Problem(_unknown(code), column=label(Kind.BINDING, "quantity"), subject=subject)
        elif row["unit"] is not None and learn(row["unit"], unit) is None:
            yield Problem(_no_way(row["unit"], unit), column=label(Kind.BINDING, "unit"), subject=subject)


def _unit(final: Rows, project: str, code: str) -> str | None:
    own = final[Kind.QUANTITY].get(f"{project}/{code}")
    if own is not None:
        return str(own["unit"])
    known = BY_CODE.get(code)
    return None if known is None else known.unit


def no_device(device: str) -> Bilingual:
    """The message about a device that is not registered."""
    return Bilingual(
        f"機器「{device}」は台帳にもファイルにもありません。先に登録してください",
        f"the device {device!r} is neither in the registry nor in the files: register it first",
    )


def _unknown(code: str) -> Bilingual:
    return Bilingual(
        f"測定項目「{code}」は標準の一覧にも事業の quantities にもありません。"
        "noroshi quantities で一覧を見るか、quantities: に加えてください",
        f"the quantity {code!r} is neither in the catalogue nor in the quantities of the project:"
        " `noroshi quantities` lists them, or add it under quantities:",
    )


def _no_way(unit: str, target: str) -> Bilingual:
    return Bilingual(
        f"単位「{unit}」は「{target}」に換算できません。UCUM の記号で書いてください(例 cm、Cel、mg/L)",
        f"the unit {unit!r} cannot be converted to {target!r}: write a symbol of UCUM, e.g. cm, Cel, mg/L",
    )


def _overlaps(final: Rows, wanted: Wanted) -> Iterator[Problem]:
    """Two bindings of one field must not hold at the same time: it would be open which one counts."""
    touched = {_about(final[Kind.BINDING][key]) for key in wanted[Kind.BINDING]}
    periods: dict[tuple[object, ...], list[tuple[datetime, datetime, str]]] = {}
    for key, row in final[Kind.BINDING].items():
        begin, end = row["valid_from"] or _EVER, row["valid_to"] or _NEVER
        if _about(row) in touched and begin < end:
            periods.setdefault(_about(row), []).append((begin, end, key))
    for found in periods.values():
        found.sort()
        for (_, end, earlier), (begin, _, later) in pairwise(found):
            if begin < end:
                other = Subject(Kind.BINDING, earlier).said
                message = Bilingual(
                    f"期間が {other.ja} と重なります。先のものに取付終了を書き、次の取付開始をその後にしてください",
                    f"it overlaps the {other.en}: write valid_to into that one, and begin after it",
                )
                yield Problem(message, column=label(Kind.BINDING, "valid_from"), subject=Subject(Kind.BINDING, later))


def _about(row: Mapping[str, Any]) -> tuple[object, ...]:
    return row["project"], row["device"], row["quantity"], row["channel"]
