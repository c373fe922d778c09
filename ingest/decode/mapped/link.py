"""Reads the link record of a mapped message, whose numbers may be written as text."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from ingest.decode.chirpstack import lorawan
from ingest.decode.chirpstack.lorawan import Modulation, Reception
from ingest.decode.common.limits import check_parts
from ingest.decode.common.shape import MOST_ROWS
from ingest.decode.mapped.json_path import getter, walker
from ingest.errors import Undecodable
from schemas.json_map import LinkRule, Receptions
from schemas.rejection import RejectionReason
from schemas.uplink import Link

Read: TypeAlias = Callable[[object, int | None], Link | None]
"""(document, bytes of the frame or None) -> the link record, None if the message says nothing about the link."""

_NOTHING = Link()

_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?\s*", re.ASCII)
_DATA_RATE = re.compile(r"SF(1[0-2]|[5-9])BW([0-9]{2,3})", re.ASCII)
_MAX_LEVEL = 1000


def reader(rule: LinkRule) -> Read:
    """The function that reads a link record by this rule."""
    receive = None if rule.receptions is None else _receptions(rule.receptions)
    rssi, snr, gateway = getter(rule.rssi), getter(rule.snr), getter(rule.gateway)
    modulated, frequency = _modulation(rule), getter(rule.frequency_mhz)
    more = {name: getter(path) for name, path in rule.more.items()}

    def read(document: object, frame_bytes: int | None) -> Link | None:
        modulation = modulated(document)
        extra: dict[str, object] = {}
        for name, get in more.items():
            value = get(document)
            if isinstance(value, (str, int, float)):  # only plain values: a link record is no place for documents
                extra[name] = value
        mhz = number(frequency(document))
        if mhz is not None:
            extra["frequency_hz"] = round(mhz * 1e6)
        if modulation.bandwidth_hz is not None:
            extra["bandwidth_hz"] = modulation.bandwidth_hz
        heard = [] if receive is None else list(islice(receive(document), MOST_ROWS + 1))
        check_parts(len(heard), MOST_ROWS, "receptions")
        on_air_ms = None if frame_bytes is None else lorawan.airtime_ms(frame_bytes, modulation)
        if heard:
            return lorawan.link(heard, modulation, on_air_ms, extra)
        named = gateway(document)
        record = lorawan.link((), modulation, on_air_ms, extra)._replace(
            rssi_dbm=_level(rssi(document)),
            snr_db=_level(snr(document)),
            gateway=named if isinstance(named, str) and named else None,
        )
        return None if record == _NOTHING else record

    return read


def number(value: object) -> float | None:
    """The number, also if it is written as text; None for anything else."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    return None


def _level(value: object) -> float | None:
    level = number(value)
    if level is None or -_MAX_LEVEL < level < _MAX_LEVEL:
        return level
    raise Undecodable(RejectionReason.WRONG_SHAPE, f"{value!r:.40} is not a level in decibel")


def _modulation(rule: LinkRule) -> Callable[[object], Modulation]:
    if not (rule.data_rate or rule.spreading_factor or rule.bandwidth_khz):
        return lambda _: lorawan.NO_MODULATION
    rate, factor, bandwidth = getter(rule.data_rate), getter(rule.spreading_factor), getter(rule.bandwidth_khz)

    def read(document: object) -> Modulation:
        sent = rate(document)
        word = rule.data_rates.get(str(sent), sent) if sent is not None else None
        match = _DATA_RATE.fullmatch(word) if isinstance(word, str) else None
        if match:
            return lorawan.lora(int(match[1]), int(match[2]) * 1000, None)
        spread, wide = number(factor(document)), number(bandwidth(document))
        if spread is None or not 5 <= spread <= 12:
            return lorawan.NO_MODULATION
        return lorawan.lora(int(spread), None if wide is None or not 0 < wide < 10_000 else round(wide * 1000), None)

    return read


def _receptions(rule: Receptions) -> Callable[[object], Iterator[Reception]]:
    walk = walker(rule.each)
    gateway, rssi, snr = getter(rule.gateway), getter(rule.rssi), getter(rule.snr)

    def read(document: object) -> Iterator[Reception]:
        for _, heard in walk(document, MOST_ROWS):
            if not rule.text:
                yield _heard(_name(gateway(heard)), _level(rssi(heard)), _level(snr(heard)))
            elif isinstance(heard, str):
                check_parts(heard.count(","), MOST_ROWS, "receptions")
                for reception in filter(None, heard.split(",")):
                    name, strength, quality = (*reception.strip().split(";", 3), "", "")[:3]
                    yield _heard(name, _level(strength), _level(quality))

    return read


def _heard(gateway: str, rssi_dbm: float | None, snr_db: float | None) -> Reception:
    return gateway, rssi_dbm or 0, snr_db


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""
