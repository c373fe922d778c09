"""What a document names of the registry: devices, quantities, states, and whether a stage can be reached at all."""

import difflib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ingest.registry.problem import NOWHERE
from ingest.watch.document.database import QuantityRow
from ingest.watch.document.fault import Fault, Path
from ingest.watch.document.measured import EITHER, RAIN_SPANS_H, quantities_of
from ingest.watch.document.named import each_device
from ingest.watch.document.registered import Device, Registered
from ingest.watch.document.stage_checks import beside_faults, stage_faults
from ingest.watch.stages.machine import STATE
from schemas.bilingual import Bilingual
from schemas.watch import WatchDocument
from schemas.watch_measures import RAIN_KINDS, Measure
from schemas.watch_rules import WatchRule

_UNITS: dict[str, tuple[str, ...]] = {"tilt_rate": ("deg",), "snow_new": ("cm", "m", "mm")}


class Found(NamedTuple):
    """What is wrong, and what is no mistake and yet worth a look."""

    faults: list[Fault]
    notes: list[Fault]


class _Asked(NamedTuple):
    """A measure that a document wants of devices, and where it says so."""

    path: Path
    measure: Measure
    quantity: str | None
    channel: int
    devices: tuple[str, ...]
    at_least: float | None = None
    """What it has to come to beside a stage."""


def check_registry(document: WatchDocument, project_id: int, registered: Registered) -> Found:
    """All that does not fit the registry."""
    found = Found([], [])
    for named, code in each_device(document):
        found.faults.extend(_absent(named, code, project_id, registered))
    for place, rule in enumerate(document.rules):
        path: Path = ("rules", place)
        own = _Asked(path, rule.measure, rule.quantity, rule.channel, rule.devices)
        for asked in (own, *_besides(path, rule)):
            _check_measure(asked, project_id, registered, found)
            found.faults.extend(_out_of_reach(asked, project_id, registered))
        quantity = None if rule.quantity is None else registered.quantity(project_id, rule.quantity)
        if quantity is not None and (rule.measure.kind == STATE) == bool(quantity.states):
            found.faults.extend(stage_faults(path, rule, quantity))
    return found


def _out_of_reach(asked: _Asked, project_id: int, registered: Registered) -> Iterator[Fault]:
    quantity = None if asked.quantity is None else registered.quantity(project_id, asked.quantity)
    if asked.at_least is not None and quantity is not None and not quantity.states:
        yield from beside_faults((*asked.path, "at_least"), asked.measure.kind, asked.at_least, quantity)


def _besides(path: Path, rule: WatchRule) -> Iterator[_Asked]:
    for place, stage in enumerate(rule.stages):
        if stage.with_ is not None:
            for name, wanted in (("any", stage.with_.any), ("all", stage.with_.all)):
                for number, beside in enumerate(wanted):
                    here = (*path, "stages", place, "with", name, number)
                    yield _Asked(here, beside.measure, beside.quantity, beside.channel, beside.devices, beside.at_least)


def _absent(path: Path, code: str, project_id: int, registered: Registered) -> Iterator[Fault]:
    if registered.device(project_id, code) is not None:
        return
    others = registered.projects_of(code)
    if others:
        said = Bilingual(
            f"機器 {code} はこの事業のものではありません(事業 {'、'.join(others)} にあります)",
            f"the device {code} is not of this project, but of {', '.join(others)}",
        )
    else:
        said = Bilingual(
            f"この事業の台帳に機器 {code} がありません", f"the registry of this project has no device {code}"
        )
    yield Fault(path, said)


def _check_measure(asked: _Asked, project_id: int, registered: Registered, found: Found) -> None:
    if asked.quantity is not None:
        quantity = registered.quantity(project_id, asked.quantity)
        if quantity is None:
            found.faults.append(_no_quantity(asked, project_id, registered))
            return
        misfits = [*_misfits(asked, quantity)]
        if misfits:
            found.faults.extend(misfits)
            return
    for place, code in enumerate(asked.devices):
        device = registered.device(project_id, code)
        if device is not None:
            _check_device(asked, (*asked.path, "devices", place), device, registered, found)


def _no_quantity(asked: _Asked, project_id: int, registered: Registered) -> Fault:
    known = registered.quantities_of(project_id)
    near = difflib.get_close_matches(str(asked.quantity), known, n=3, cutoff=0.5)
    ja = f"({'、'.join(near)} ではありませんか)" if near else "(noroshi quantities で一覧を見られます)"
    en = f": did you mean {' or '.join(near)}?" if near else ": see `noroshi quantities`"
    return Fault(
        (*asked.path, "quantity"),
        Bilingual(f"測定項目 {asked.quantity} がありません{ja}", f"there is no quantity {asked.quantity}{en}"),
    )


def _misfits(asked: _Asked, quantity: QuantityRow) -> Iterator[Fault]:
    """A measure that cannot be computed of this quantity."""
    kind = asked.measure.kind
    said: Bilingual | None = None
    if kind == "state" and not quantity.states:
        said = Bilingual(
            f"{quantity.code} は状態ではありません。measure を value にしてください",
            f"{quantity.code} is no state: use the measure value",
        )
    elif kind != "state" and quantity.states:
        said = Bilingual(
            f"{quantity.code} は状態です。measure を {{kind: state}} にしてください",
            f"{quantity.code} is a state: use the measure {{kind: state}}",
        )
    elif kind in RAIN_KINDS and quantity.unit != "mm":
        said = Bilingual(
            f"{kind} は雨量(mm)から計算します。{quantity.code} からは計算できません",
            f"{kind} is computed of rain in mm, not of {quantity.code}",
        )
    elif quantity.unit not in _UNITS.get(kind, (quantity.unit,)):
        said = Bilingual(
            f"{kind} は {quantity.code}({quantity.unit})からは計算できません",
            f"{kind} cannot be computed of {quantity.code} ({quantity.unit})",
        )
    elif kind == "rise" and quantity.kind in ("counter", "direction"):
        said = Bilingual(f"{quantity.code} の上昇量は意味がありません", f"the rise of {quantity.code} means nothing")
    if said is not None:
        yield Fault((*asked.path, "measure"), said)


def _check_device(asked: _Asked, path: Path, device: Device, registered: Registered, found: Found) -> None:
    code = device.row.code
    if not device.row.enabled:
        said = Bilingual(f"機器 {code} は使用していないため、監視しません", f"{code} is out of use, and not watched")
        found.notes.append(Fault(path, said))
    span_h = RAIN_SPANS_H.get(asked.measure.kind)
    if span_h is not None and device.row.interval_s > span_h * 3600:
        minutes = device.row.interval_s // 60
        said = Bilingual(
            f"機器 {code} は {minutes} 分ごとに送るため、{asked.measure.kind} は計算できません",
            f"{code} reports every {minutes} minutes: {asked.measure.kind} cannot be computed",
        )
        found.faults.append(Fault(path, said))
    if not device.seen:
        said = Bilingual(
            f"機器 {code} はまだ何も測っていません。項目とチャネルが合っているか、測り始めてから確かめてください",
            f"{code} has measured nothing yet: once it does, see whether quantity and channel are right",
        )
        found.notes.append(Fault(path, said))
        return
    wanted = quantities_of(asked.measure, asked.quantity)
    quantities = [registered.quantity(device.row.project_id, each) for each in wanted]
    missing = [each.code for each in quantities if each is not None and not device.has(each, asked.channel)]
    if missing and not (wanted in EITHER and len(missing) < len(wanted)):
        has = registered.measured_by(device, asked.channel)
        where = Bilingual(f"のチャネル {asked.channel}", f" on channel {asked.channel}") if asked.channel else NOWHERE
        said = Bilingual(
            f"機器 {code} {where.ja}は {'、'.join(missing)} を測っていません"
            f"(測っているもの: {'、'.join(has) or 'なし'})",
            f"{code} does not measure {', '.join(missing)}{where.en}; it measures {', '.join(has) or 'nothing'}",
        )
        found.faults.append(Fault(path, said))


def area_notes(document: WatchDocument, areas: Iterable[str]) -> Iterator[Fault]:
    """Areas that no device has."""
    known = set(areas)
    for place, rule in enumerate(document.notify):
        for number, area in enumerate(rule.areas):
            if area not in known:
                said = Bilingual(f"地区「{area}」の機器がありません", f"no device has the area {area!r}")
                yield Fault(("notify", place, "areas", number), said)
