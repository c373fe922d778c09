"""Our own JSON, for devices without a format of their own: one measurement, or an array of them as a backfill."""

from collections.abc import Mapping

from ingest.decode import unknown_keys
from ingest.decode.common import radio, shape
from ingest.decode.common.limits import Limits, check_parts, parse_json
from ingest.decode.common.times import epoch_ms_us, rfc3339_us
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Misnamed, Refused, Uplink
from schemas.uplink import new_tuple as _new

_UPLINK = EventKind.UPLINK
_MAX_MS = 253_402_300_800_000
_LINK_KEYS = frozenset({"rssi", "snr", "gateway"})
_KEYS = frozenset({"ts", "seq", "readings", "link"})


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:  # noqa: ARG001 - our format needs no event and no profile
    """The native payload of `schemas.native`. `event` and `profile` play no part here.

    Raises Undecodable if the message as a whole means nothing; a bad element of an array is
    reported in `refused` and spoils no other. Values are passed on as they are: whether a code
    exists and a value is a number is for `ingest.validate.values` to check, reading by reading.
    """
    document = parse_json(payload, limits)
    if isinstance(document, dict):
        return _single(document, limits.max_parts)
    if isinstance(document, list):
        return _backfill(document, limits.max_parts)
    raise Undecodable(RejectionReason.WRONG_SHAPE, "expected a JSON object, or an array of them")


def _single(document: Mapping[str, object], most: int) -> Uplink:
    get = document.get
    readings = get("readings")
    if not isinstance(readings, dict):
        raise Undecodable(RejectionReason.WRONG_SHAPE, "there is no object `readings`")
    if len(readings) > most:
        check_parts(len(readings), most)
    link, ts = get("link"), get("ts")
    measured = [(code, value, None, 0, None) for code, value in readings.items() if value is not None]
    refused: list[Refused] = []
    uplink = _new(
        Uplink,
        (
            _UPLINK,
            ts * 1000 if type(ts) is int and 0 <= ts < _MAX_MS else _time_us(ts),
            shape.counter_at(document, "seq", refused),
            measured,
            None if link is None else _link(link, refused),
            tuple(refused) if refused else (),
        ),
    )
    return uplink if _KEYS.issuperset(document) else unknown_keys.noted(uplink, document, _KEYS)


def _backfill(elements: list[object], most: int) -> Uplink:
    """One uplink of many measurements, each with its own time; the message's time is the newest.

    Where some elements have a time, one without is refused: the time of the message belongs to another element.
    """
    if not elements:
        raise Undecodable(RejectionReason.EMPTY_PAYLOAD, "the array is empty")
    check_parts(sum(_parts(element) for element in elements), most)
    timed = any(isinstance(element, dict) and element.get("ts") is not None for element in elements)
    measured: list[Measured] = []
    refused: list[Refused] = []
    times: list[int] = []
    counters: list[int] = []
    unknown: dict[str, None] = {}
    misnamed, link, bad_elements = False, None, 0
    for index, element in enumerate(elements):
        try:
            uplink = _single(shape.table(element, "the element"), most)
            by_name = uplink.__class__ is Misnamed
            if (timed and (by_name or uplink.time_us is None)) or (misnamed and not by_name):
                raise Undecodable(RejectionReason.INVALID_TIME, "no `ts`, unlike other elements of this array")
        except Undecodable as bad:
            refused.append(Refused(bad.reason, f"[{index}]", bad.detail, element))
            bad_elements += 1
            continue
        time_us, misnamed = uplink.time_us, misnamed or by_name
        measured.extend(_new(Measured, (code, value, None, 0, time_us)) for code, value, *_ in uplink.measured)
        if time_us is not None:
            times.append(time_us)
        if uplink.counter is not None:
            counters.append(uplink.counter)
        refused += uplink.refused
        unknown.update(dict.fromkeys(unknown_keys.unknown_of(uplink.link)))
        link = uplink.link or link
    if bad_elements == len(elements):
        raise Undecodable(refused[0].reason, f"no element can be read; the first: {refused[0].detail}")
    made = Misnamed if misnamed else Uplink
    link = unknown_keys.with_unknown(link, [*unknown]) if unknown else link
    return made(
        EventKind.BACKFILL, max(times, default=None), max(counters, default=None), measured, link, tuple(refused)
    )


def _parts(element: object) -> int:
    """How many parts an element becomes at most: its readings, or itself as a refused part. An empty one counts too."""
    readings = element.get("readings") if isinstance(element, dict) else None
    return len(readings) if isinstance(readings, dict) and readings else 1


def _time_us(ts: object) -> int | None:
    if isinstance(ts, str):
        return rfc3339_us(ts)
    if ts is None:
        return None
    if isinstance(ts, (int, float)) and not isinstance(ts, bool):
        return epoch_ms_us(ts)
    raise Undecodable(RejectionReason.INVALID_TIME, "`ts` is RFC 3339 with offset, or epoch milliseconds as a number")


def _link(link: object, refused: list[Refused]) -> Link | None:
    """The link record. What has the wrong shape is a refused part: the readings do not depend on it."""
    try:
        return _link_of(shape.table(link, "link"))
    except Undecodable:
        sound = shape.sound(link, "link", ("rssi", "snr"), refused) if isinstance(link, dict) else link
    return shape.link_or_none(lambda: _link_of(shape.table(sound, "link")), "link", link, refused)


def _link_of(link: Mapping[str, object]) -> Link:
    rssi_dbm, snr_db = shape.level_at(link, "rssi"), shape.level_at(link, "snr")
    if link.keys() <= _LINK_KEYS and (rssi_dbm is None or rssi_dbm <= 0):
        gateway = shape.text_at(link, "gateway") if "gateway" in link else None
        return _new(Link, (rssi_dbm, snr_db, gateway, None, None, None, None))
    return radio.link(link)
