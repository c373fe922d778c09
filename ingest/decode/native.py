"""Our own JSON, for devices that have no format: one measurement, or an array of them as a backfill."""

from collections.abc import Mapping

from ingest.decode.limits import Limits, parse_json
from ingest.decode.time import epoch_ms_us, rfc3339_us
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Refused, Uplink

_MAX_COUNTER = 2**63


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """The native payload of `schemas.native`. `event` and `profile` play no part here.

    Raises Undecodable if the message as a whole means nothing; a bad element of an array is
    reported in `refused` and hurts no other.
    """
    document = parse_json(payload, limits)
    if isinstance(document, dict):
        return _single(document)
    if isinstance(document, list):
        return _backfill(document)
    raise Undecodable(RejectionReason.WRONG_SHAPE, "expected a JSON object, or an array of them")


def _single(document: Mapping[str, object]) -> Uplink:
    readings = document.get("readings")
    if not isinstance(readings, dict):
        raise Undecodable(RejectionReason.WRONG_SHAPE, "there is no object `readings`")
    link = document.get("link")
    return Uplink(
        EventKind.UPLINK,
        _time_us(document.get("ts")),
        _counter(document.get("seq")),
        [Measured(code, value) for code, value in readings.items() if value is not None],
        _link(link) if link is not None else None,
    )


def _backfill(elements: list[object]) -> Uplink:
    """One uplink of many measurements, each with its own time; the message's time is the newest."""
    if not elements:
        raise Undecodable(RejectionReason.EMPTY_PAYLOAD, "the array is empty")
    measured: list[Measured] = []
    refused: list[Refused] = []
    times: list[int] = []
    counters: list[int] = []
    link = None
    for index, element in enumerate(elements):
        try:
            if not isinstance(element, dict):
                raise Undecodable(RejectionReason.WRONG_SHAPE, "expected a JSON object")
            one = _single(element)
        except Undecodable as bad:
            refused.append(Refused(bad.reason, f"[{index}]", bad.detail, element))
            continue
        measured.extend(value._replace(time_us=one.time_us) for value in one.measured)
        times.extend(() if one.time_us is None else (one.time_us,))
        counters.extend(() if one.counter is None else (one.counter,))
        link = one.link or link
    if len(refused) == len(elements):
        raise Undecodable(refused[0].reason, f"no element can be read; the first: {refused[0].detail}")
    return Uplink(
        EventKind.BACKFILL,
        max(times, default=None),
        max(counters, default=None),
        measured,
        link,
        tuple(refused),
    )


def _time_us(ts: object) -> int | None:
    if ts is None:
        return None
    if isinstance(ts, str):
        return rfc3339_us(ts)
    if isinstance(ts, (int, float)) and not isinstance(ts, bool):
        return epoch_ms_us(ts)
    raise Undecodable(RejectionReason.INVALID_TIME, "`ts` is RFC 3339 with offset, or epoch milliseconds as a number")


def _counter(seq: object) -> int | None:
    if seq is None:
        return None
    if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < _MAX_COUNTER:
        return seq
    raise Undecodable(RejectionReason.WRONG_SHAPE, "`seq` is a whole number from 0")


def _link(link: object) -> Link:
    if not isinstance(link, dict):
        raise Undecodable(RejectionReason.WRONG_SHAPE, "`link` is an object")
    more = {key: value for key, value in link.items() if key not in ("rssi", "snr", "gateway")}
    gateway = link.get("gateway")
    if gateway is not None and not isinstance(gateway, str):
        raise Undecodable(RejectionReason.WRONG_SHAPE, "`link.gateway` is text")
    return Link(_decibel(link, "rssi"), _decibel(link, "snr"), gateway, None, None, None, more or None)


def _decibel(link: Mapping[str, object], key: str) -> float | None:
    value = link.get(key)
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    raise Undecodable(RejectionReason.WRONG_SHAPE, f"`link.{key}` is a number")
