"""The link record of the native payload, for every radio: LoRaWAN, Wi-Fi HaLow, local 5G (NR), LTE.

Modems have codes for "no value", report indices where decibel are meant, and write cell ids as numbers or as
hexadecimal text. A clear value is put into one form. An unclear one is kept under `unclear` as it was sent, and
spoils neither the readings nor the rest of the record.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ingest.decode.common import shape
from schemas.uplink import Link

_NO_VALUE = frozenset({-32768, 255, 99, 65535, -1, "-", ""})
_MOST = float(2**53)
_STRONGEST_DBM = 0
"""No receiver hears more than a milliwatt: a positive rssi is a percentage, or an index."""


class _Number(NamedTuple):
    """A number in this range. `per_index`, `at_zero`: dB = index * per_index + at_zero, where an index is sent."""

    low: float
    high: float
    per_index: float = 0
    at_zero: float = 0


class _Id(NamedTuple):
    """An id of so many hexadecimal digits: kept as text with its leading zeros, whatever it is sent as."""

    digits: int
    highest: int


class _Text(NamedTuple):
    """Text, kept as it is. A number becomes the text of its digits."""

    longest: int = 40


_Rule = _Number | _Id | _Text

_COUNT = _Number(0, _MOST)
_NR_RSRP = _Number(-156, -31, 1, -156)

_HALOW: Mapping[str, _Rule] = {
    "bssid": _Text(),
    "freq_khz": _Number(700_000, 1_000_000),
    "bw_mhz": _Number(1, 16),
    "mcs": _Number(0, 10),
    "rssi": _Number(-140, 0),
    "noise": _Number(-140, -40),
    "snr": _Number(-20, 90),
    "tx_kbps": _Number(0, 100_000),
    "rx_kbps": _Number(0, 100_000),
    "retries": _COUNT,
    "failed": _COUNT,
    "lost_beacons": _COUNT,
    "duty_pct": _Number(0, 100),
    "aid": _Number(0, 8191),
}
_NR: Mapping[str, _Rule] = {
    "mode": _Text(),
    "plmn": _Text(6),
    "tac": _Id(6, 2**24 - 1),
    "nci": _Id(9, 2**36 - 1),
    "pci": _Number(0, 1007),
    "arfcn": _Number(0, 3_279_165),
    "band": _Text(),
    "scs_khz": _Number(15, 960),
    "bw_mhz": _Number(1, 400),
    "ss_rsrp": _NR_RSRP,
    "ss_rsrq": _Number(-43, 20, 0.5, -43),
    "ss_sinr": _Number(-23, 40, 0.5, -23),
    "cqi": _Number(0, 15),
    "rank": _Number(1, 8),
    "mcs": _Number(0, 31),
    "bler": _Number(0, 100),
    "tx_power_dbm": _Number(-40, 40),
}
_LTE: Mapping[str, _Rule] = {
    "plmn": _Text(6),
    "tac": _Id(4, 2**16 - 1),
    "eci": _Id(7, 2**28 - 1),
    "pci": _Number(0, 503),
    "earfcn": _Number(0, 262_143),
    "band": _Text(),
    "bw_mhz": _Number(1, 20),
    "rsrp": _Number(-140, -44),
    "rsrq": _Number(-34, 2.5),
    "sinr": _Number(-23, 40),
    "cqi": _Number(0, 15),
    "tx_power_dbm": _Number(-40, 40),
}
_COMMON: Mapping[str, _Rule] = {
    "handover_total": _COUNT,
    "rlf_total": _COUNT,
    "reregistration_total": _COUNT,
    "rtt_ms": _Number(0, 3_600_000),
    "jitter_ms": _Number(0, 3_600_000),
    "loss_pct": _Number(0, 100),
    "airtime_ms": _Number(0, 3_600_000),
    "tx_airtime_ms": _COUNT,
    "modem_temp": _Number(-60, 130),
}
_PROBES = {"rtt_ms": ("min", "avg", "max"), "thr_bps": ("up", "down")}
_BLOCKS: Mapping[str, Mapping[str, _Rule]] = {"halow": _HALOW, "nr": _NR, "lte": _LTE}
_COLUMNS = frozenset({"rssi", "snr", "gateway", "airtime_ms"})


def link(record: Mapping[str, object]) -> Link:
    """The link record. Raises Undecodable where a part has not the shape that is published."""
    rssi_dbm, snr_db, gateway = (
        shape.level_at(record, "rssi"),
        shape.level_at(record, "snr"),
        shape.text_at(record, "gateway"),
    )
    more: dict[str, object] = {}
    unclear: dict[str, object] = {}
    for key, value in record.items():
        if key in _BLOCKS:
            more[key] = _block(shape.table_at(record, key), key, unclear)
        elif key in _PROBES and isinstance(value, dict):
            more |= _probe(key, value, unclear)
        elif key in _COMMON:
            _put(more, key, _COMMON[key], value, unclear, key)
        elif key not in _COLUMNS:
            more[key] = value
    if rssi_dbm is not None and rssi_dbm > _STRONGEST_DBM:
        unclear["rssi"], rssi_dbm = rssi_dbm, None
    airtime_ms = more.pop("airtime_ms", None)
    for key in _BLOCKS.keys() & more.keys():
        heard = _PROMOTED[key](more[key])  # type: ignore[arg-type]  # _block returns a dict
        rssi_dbm = heard[0] if rssi_dbm is None else rssi_dbm
        snr_db = heard[1] if snr_db is None else snr_db
        gateway = gateway or heard[2]
    if unclear:
        more["unclear"] = unclear
    return Link(rssi_dbm, snr_db, gateway, airtime_ms=airtime_ms, more=more or None)  # type: ignore[arg-type]  # _put adds a number only


def _block(sent: Mapping[str, object], name: str, unclear: dict[str, object]) -> dict[str, object]:
    """One technology's part. If the RSRP is an index, so are its neighbours: alone some could be either."""
    rules = _BLOCKS[name]
    by_index = name == "nr" and _is_index(sent.get("ss_rsrp"))
    block: dict[str, object] = {}
    for key, value in sent.items():
        rule = rules.get(key)
        if rule is None:
            block[key] = value
        else:
            _put(block, key, rule, value, unclear, f"{name}.{key}", by_index=by_index)
    if block.get("mcs") == 10 and name == "halow" and block.get("bw_mhz") not in (None, 1):
        unclear["halow.mcs"] = block.pop("mcs")  # MCS 10 exists at 1 MHz only
    return block


def _probe(key: str, probe: Mapping[str, object], unclear: dict[str, object]) -> dict[str, object]:
    """The numbers of one probe: its round-trip times (the mean without a suffix), or the throughput both ways."""
    numbers: dict[str, object] = {}
    for part in _PROBES[key]:
        name = key if part == "avg" else f"{key.split('_', maxsplit=1)[0]}_{part}_{key.split('_')[1]}"
        if part in probe:
            _put(numbers, name, _COUNT, probe[part], unclear, f"{key}.{part}")
    return numbers


def _put(
    into: dict[str, object],
    key: str,
    rule: _Rule,
    value: object,
    unclear: dict[str, object],
    name: str,
    *,
    by_index: bool = False,
) -> None:
    """Add the value in its one form. A code for "no value" adds nothing; anything else goes under `unclear`."""
    if value is None:
        return
    clear = _read(rule, value, by_index=by_index)
    if clear is not None:
        into[key] = clear
    elif not (isinstance(value, (int, float, str)) and value in _NO_VALUE):
        unclear[name] = value


def _read(rule: _Rule, value: object, *, by_index: bool) -> object:
    if isinstance(rule, _Number):
        return _number(rule, value, by_index=by_index)
    if isinstance(value, bool) or not isinstance(value, (int, str)) or value in ("", "-"):
        return None
    if isinstance(rule, _Id):
        return _hexadecimal(rule, value)
    text = str(value).strip()
    return text if 0 < len(text) <= rule.longest else None


def _number(rule: _Number, value: object, *, by_index: bool) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if rule.per_index and (by_index or value > rule.high):
        return value * rule.per_index + rule.at_zero if _is_index(value) else None
    return value if rule.low <= value <= rule.high else None


def _is_index(value: object) -> bool:
    """Indices go from 0 to 127, and two of them mean "no value"."""
    return type(value) is int and 0 <= value <= 127 and value not in _NO_VALUE


def _hexadecimal(rule: _Id, value: int | str) -> str | None:
    try:
        number = value if isinstance(value, int) else int(value.removeprefix("0x"), 16)
    except ValueError:
        return None
    return f"{number:0{rule.digits}x}" if 0 <= number <= rule.highest else None


_Heard = tuple[float | None, float | None, str | None]


def _of_halow(block: Mapping[str, object]) -> _Heard:
    rssi, noise = shape.level_at(block, "rssi"), shape.level_at(block, "noise")
    snr = shape.level_at(block, "snr")
    if snr is None and rssi is not None and noise is not None:
        snr = rssi - noise
    bssid = shape.text_at(block, "bssid")
    return rssi, snr, bssid and bssid.lower()


def _of_nr(block: Mapping[str, object]) -> _Heard:
    return shape.level_at(block, "ss_rsrp"), shape.level_at(block, "ss_sinr"), shape.text_at(block, "nci")


def _of_lte(block: Mapping[str, object]) -> _Heard:
    return shape.level_at(block, "rsrp"), shape.level_at(block, "sinr"), shape.text_at(block, "eci")


_PROMOTED: Mapping[str, Callable[[Mapping[str, object]], _Heard]] = {
    "halow": _of_halow,
    "nr": _of_nr,
    "lte": _of_lte,
}
"""How to read the columns that every radio has: level in dBm, distance from the noise in dB, who heard it."""
