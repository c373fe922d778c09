"""Checks that stages (基準水位) belong to a measured level in metres, and that they rise with their rank."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from pydantic import BaseModel

from ingest.registry.catalogue import no_device
from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem, Subject, key_of
from schemas.bilingual import Bilingual
from schemas.quantity import BY_CODE
from schemas.quantity import Kind as QuantityKind
from schemas.stage import OFFICIAL

Row = Mapping[str, Any]
Rows = Mapping[Kind, Mapping[str, Row]]
Wanted = Mapping[Kind, Mapping[str, BaseModel]]

_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_NO_LEVELS = ("distance", "position_altitude")
"""Quantities in metres that are no level of water: the distance down to it, the altitude of the device."""


def check_stages(final: Rows, wanted: Wanted, broken: frozenset[Subject]) -> list[Problem]:
    """Every problem of this kind. Things in `broken` have their problem already and get no second one."""
    unread = {subject.key for subject in broken}
    return [*_alone(final, wanted, unread), *_together(final, wanted)]


def _alone(final: Rows, wanted: Wanted, unread: set[str]) -> Iterator[Problem]:
    for key in wanted[Kind.STAGE]:
        row = final[Kind.STAGE][key]
        device = key_of(Kind.DEVICE, {"project": row["project"], "code": row["device"]})
        if device not in final[Kind.DEVICE] and device not in unread:
            yield _problem(key, "device", no_device(device))
        if f"{row['project']}/{row['quantity']}" not in unread:
            yield from _of_its_quantity(final, key, row)


def _of_its_quantity(final: Rows, key: str, row: Row) -> Iterator[Problem]:
    code = row["quantity"]
    quantity = final[Kind.QUANTITY].get(f"{row['project']}/{code}") or _of_the_catalogue(code)
    if quantity is None:
        message = Bilingual(
            f"測定項目「{code}」は標準の一覧にも事業の quantities にもありません",
            f"the quantity {code!r} is neither in the catalogue nor in the quantities of the project",
        )
        yield _problem(key, "quantity", message)
    elif quantity["unit"] != "m" or quantity["kind"] != QuantityKind.GAUGE or code in _NO_LEVELS:
        message = Bilingual(
            f"「{code}」は m で測る水位ではありません。river_level か、単位が m の独自の水位を書いてください",
            f"{code!r} is no level in metres: write river_level, or a level of your own in m",
        )
        yield _problem(key, "quantity", message)
    elif not quantity["reject_low"] <= row["level_m"] <= quantity["reject_high"]:
        bounds = f"{quantity['reject_low']:g}..{quantity['reject_high']:g} m"
        message = Bilingual(
            f"{row['level_m']:g} m は「{code}」の範囲 {bounds} の外です。cm ではなく m で書いてください",
            f"{row['level_m']:g} m is beyond the range {bounds} of {code!r}: write m, not cm",
        )
        yield _problem(key, "level_m", message)


def _of_the_catalogue(code: str) -> Row | None:
    known = BY_CODE.get(code)
    return None if known is None else known._asdict()


def _together(final: Rows, wanted: Wanted) -> Iterator[Problem]:
    """Stages that hold at the same time. Each is reported once: one wrong height conflicts with many."""
    touched = {_about(final[Kind.STAGE][key]) for key in wanted[Kind.STAGE]}
    levels: dict[tuple[object, ...], list[tuple[str, Row]]] = {}
    for key, row in final[Kind.STAGE].items():
        if _about(row) in touched:
            levels.setdefault(_about(row), []).append((key, row))
    for stages in levels.values():
        stages.sort(key=lambda item: (item[1]["rank"], item[1]["valid_from"] or _EVER))
        reported: set[str] = set()
        for (_, below), (key, above) in combinations(stages, 2):
            problem = _compared(key, below, above) if _hold_at_once(below, above) and key not in reported else None
            if problem is not None:
                reported.add(key)
                yield problem


def _about(row: Row) -> tuple[object, ...]:
    return row["project"], row["device"], row["quantity"], row["channel"]


def _hold_at_once(one: Row, other: Row) -> bool:
    begin = max(row["valid_from"] or _EVER for row in (one, other))
    return begin < min(row["valid_to"] or _NEVER for row in (one, other))


def _compared(key: str, below: Row, above: Row) -> Problem | None:
    """`above` has the higher rank, or the same one and the later begin."""
    earlier = Bilingual(
        f"段階{below['rank']}「{below['name']}」({below['level_m']:g} m)",
        f"{below['name']!r} of rank {below['rank']} ({below['level_m']:g} m)",
    )
    if below["rank"] == above["rank"]:
        message = Bilingual(
            f"期間が {earlier.ja} と重なります。先のものに適用終了を書き、次の適用開始をその後にしてください",
            f"it overlaps {earlier.en}: write valid_to into that one, and begin after it",
        )
        return _problem(key, "valid_from", message)
    if above["level_m"] <= below["level_m"]:
        message = Bilingual(
            f"{above['level_m']:g} m は {earlier.ja} 以下です。段階が上がるほど高い水位にしてください",
            f"{above['level_m']:g} m is not above {earlier.en}: a higher rank has a higher level",
        )
        return _problem(key, "level_m", message)
    if not _in_the_order_of_the_law(below, above):
        message = Bilingual(
            f"「{above['name']}」が {earlier.ja} より上の段階にあります。{'、'.join(OFFICIAL)} の順にしてください",
            f"{above['name']!r} stands above {earlier.en}: the order is {', '.join(OFFICIAL)}",
        )
        return _problem(key, "rank", message)
    if (above["ref_level"] or 5) < (below["ref_level"] or 1):
        message = Bilingual(
            f"警戒レベルの目安 {above['ref_level']} が {earlier.ja} の {below['ref_level']} より下です",
            f"ref_level {above['ref_level']} is below {below['ref_level']} of {earlier.en}",
        )
        return _problem(key, "ref_level", message)
    return None


def _in_the_order_of_the_law(below: Row, above: Row) -> bool:
    order = [list(OFFICIAL).index(row["name"]) for row in (below, above) if row["name"] in OFFICIAL]
    return order == sorted(set(order))


def _problem(key: str, field: str, message: Bilingual) -> Problem:
    return Problem(message, column=label(Kind.STAGE, field), subject=Subject(Kind.STAGE, key))
