"""Rules of a document as the machine follows them: one for each device that a rule names."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from math import inf

from ingest.watch.document.database import QuantityRow
from ingest.watch.document.measured import Measured, measured, usual_hysteresis
from ingest.watch.document.registered import SECOND_US, Device, Registered, season_of
from ingest.watch.stages.rule import (
    EVER_US,
    NEVER_US,
    NOBODY,
    Condition,
    Partner,
    Series,
    Threshold,
    WatchedRule,
    Working,
)
from schemas.japan import to_us
from schemas.watch import WatchDocument
from schemas.watch_rules import Beside, WatchRule, WatchStage

MINUTE_US = 60 * SECOND_US


def named_devices(document: WatchDocument) -> set[str]:
    """The devices that its rules are about or look at."""
    return set(chain.from_iterable((*rule.devices, *_besides(rule)) for rule in document.rules))


def _besides(rule: WatchRule) -> Iterator[str]:
    for beside in _each_beside(rule):
        yield from beside.devices


def _each_beside(rule: WatchRule) -> Iterator[Beside]:
    for stage in rule.stages:
        if stage.with_ is not None:
            yield from (*stage.with_.any, *stage.with_.all)


def built_rules(document: WatchDocument, project_id: int, registered: Registered) -> Iterator[WatchedRule]:
    """The rules of a project. Devices that are not there any more, or out of use, are watched by none."""
    for rule in document.rules:
        for code in rule.devices:
            device = registered.device(project_id, code)
            if device is not None and device.row.enabled:
                own = measured(rule.measure, rule.quantity, rule.channel, device, registered)
                if own is not None:
                    yield _watched(rule, own, device, registered)


def _watched(rule: WatchRule, own: Measured, device: Device, registered: Registered) -> WatchedRule:
    places = _Inputs(own.inputs)
    partners = _Partners(places, device.row.project_id, registered)
    quantity = registered.quantity(device.row.project_id, rule.quantity) if rule.quantity else None
    stages = sorted(rule.stages, key=lambda each: each.rank)
    thresholds = tuple(_threshold(stage, quantity, partners) for stage in stages)
    usual = min(usual_hysteresis(own.measure), _half_of_lowest(thresholds))
    return WatchedRule(
        code=rule.code,
        project_id=device.row.project_id,
        hazard=rule.hazard.value,
        inputs=tuple(places.series),
        measure=own.measure,
        thresholds=thresholds,
        own=places.of(own),
        below=rule.direction == "below",
        hysteresis=usual if rule.hysteresis is None else rule.hysteresis,
        hold_us=round(rule.hold_min * MINUTE_US),
        patience_us=device.patience_us,
        working=(*_working(rule), *season_of(device.row.season_from, device.row.season_to)),
        partners=tuple(partners.found),
        compared=rule.measure.text,
    )


def _half_of_lowest(thresholds: Iterable[Threshold]) -> float:
    """The usual hysteresis may not reach down to 0: an hour without rain would never leave a stage of 1 mm."""
    return min((each.value / 2 for each in thresholds if each.value > 0), default=inf)


class _Inputs:
    """The series of a rule, each once, by their places."""

    def __init__(self, series: Iterable[Series]) -> None:
        self.series = [*series]

    def of(self, found: Measured) -> tuple[int, ...]:
        """The places of the inputs of a measure."""
        self.series += [each for each in found.inputs if each not in self.series]
        return tuple(self.series.index(each) for each in found.inputs)


class _Partners:
    """Measures of other stations, each station for itself."""

    def __init__(self, places: _Inputs, project_id: int, registered: Registered) -> None:
        self.found: list[Partner] = []
        self._places = places
        self._project_id = project_id
        self._registered = registered

    def conditions(self, wanted: Iterable[Beside]) -> Iterator[Condition]:
        """A condition for each device. Of one that is not there, or out of use, nothing is ever known."""
        for beside in wanted:
            for code in beside.devices:
                yield Condition(self._place_of(beside, code), beside.at_least)

    def _place_of(self, beside: Beside, code: str) -> int:
        device = self._registered.device(self._project_id, code)
        if device is None or not device.row.enabled:
            return NOBODY
        found = measured(beside.measure, beside.quantity, beside.channel, device, self._registered)
        if found is None:
            return NOBODY
        partner = Partner(found.measure, self._places.of(found), device.patience_us)
        if partner not in self.found:
            self.found.append(partner)
        return self.found.index(partner)


def _threshold(stage: WatchStage, quantity: QuantityRow | None, partners: _Partners) -> Threshold:
    wanted = () if stage.with_ is None else (*stage.with_.any, *stage.with_.all)
    return Threshold(
        rank=stage.rank,
        value=_number(stage.value, quantity),
        name=stage.name,
        name_en=stage.name_en or stage.name,
        official=stage.official,
        ref_level=stage.ref_level,
        from_us=_at(stage.valid_from, EVER_US),
        to_us=_at(stage.valid_to, NEVER_US),
        conditions=tuple(partners.conditions(wanted)),
        any_condition=stage.with_ is not None and bool(stage.with_.any),
    )


def _number(value: float | str, quantity: QuantityRow | None) -> float:
    if isinstance(value, str):
        return float((quantity.states if quantity else {}).get(value, float("nan")))
    return value


def _at(at: datetime | None, without: int) -> int:
    return without if at is None else to_us(at)


def _working(rule: WatchRule) -> Iterator[Working]:
    if rule.season is not None:
        yield Working((rule.season.begins, rule.season.ends))
    if rule.hours is not None:
        yield Working(None, (_minute(rule.hours.begins), _minute(rule.hours.ends)))


def _minute(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)
