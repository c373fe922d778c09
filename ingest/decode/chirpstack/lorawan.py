"""What every LoRaWAN network server reports: who received the frame, how long it was in the air, where it came from."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import ceil, inf
from typing import Any, NamedTuple, TypeAlias

from ingest.decode.common import shape
from schemas.rejection import RejectionReason
from schemas.uplink import Link, Measured, Refused
from schemas.uplink import new_tuple as _new

_HEADER_BYTES = 13
"""Bytes of a LoRaWAN data frame besides the application's: MHDR, FHDR without options, FPort, MIC."""

_LOW_RATE_SYMBOL_S = 0.016


Reception: TypeAlias = tuple[str, float, float | None]
"""One gateway that heard the frame: its id, rssi in dBm, snr in dB (None where the modulation has none: FSK)."""


class Modulation(NamedTuple):
    """How the frame was sent. Only LoRa has these three; `coding` is the denominator of the code rate 4/5."""

    spreading_factor: int | None = None
    bandwidth_hz: int | None = None
    coding: int = 5

    @property
    def is_lora(self) -> bool:
        """Whether the frame was sent with LoRa."""
        return self.spreading_factor is not None


NO_MODULATION = Modulation()

_CODINGS = {"CR_4_5": 5, "CR_4_6": 6, "CR_4_7": 7, "CR_4_8": 8, "4/5": 5, "4/6": 6, "4/7": 7, "4/8": 8}


_LONGEST_CODE_RATE = 10


def lora(spreading_factor: int | None, bandwidth_hz: int | None, code_rate: str | None) -> Modulation:
    """A LoRa modulation as the network server names it; NO_MODULATION if there is no such spreading factor."""
    if code_rate is not None and len(code_rate) > _LONGEST_CODE_RATE:  # the cache keeps its arguments
        code_rate = None
    return _lora(spreading_factor, bandwidth_hz, code_rate)


@lru_cache(maxsize=512)
def _lora(spreading_factor: int | None, bandwidth_hz: int | None, code_rate: str | None) -> Modulation:
    if spreading_factor is None or not 5 <= spreading_factor <= 12:
        return NO_MODULATION
    return Modulation(spreading_factor, bandwidth_hz, _CODINGS.get(code_rate or "", 5))


@lru_cache(maxsize=4096)
def airtime_ms(application_bytes: int, modulation: Modulation) -> float | None:
    """Time on air in milliseconds: explicit header, CRC on, preamble of 8 symbols. None if it was not LoRa.

    MAC options travelling in the frame header are not in the published event, so this is a lower
    bound (by a symbol group or two).
    """
    return frame_airtime_ms(_HEADER_BYTES + application_bytes, modulation)


def frame_airtime_ms(
    frame_bytes: int, modulation: Modulation, *, preamble: int = 8, crc: bool = True
) -> float | None:  # fmt: skip
    """Time on air in milliseconds of a whole LoRa frame (PHY payload), by the formula of Semtech with explicit header.

    `preamble`: its symbols. `crc`: whether the payload has one. None if it was not LoRa.
    """
    spreading_factor, bandwidth_hz, coding = modulation
    if not (spreading_factor and bandwidth_hz):
        return None
    symbol_s = (1 << spreading_factor) / bandwidth_hz
    bits_per_symbol = 4 * (spreading_factor - 2 * (symbol_s > _LOW_RATE_SYMBOL_S))
    bits = 8 * frame_bytes - 4 * spreading_factor + 28 + 16 * crc
    symbols = 8 + max(ceil(bits / bits_per_symbol) * coding, 0)
    return round((preamble + 4.25 + symbols) * symbol_s * 1000, 3)


def link(
    receptions: Iterable[Reception],
    modulation: Modulation,
    on_air_ms: float | None,
    more: dict[str, object],
) -> Link:
    """The link record: the strongest gateway in the columns, every gateway once in `more`.

    A gateway that heard the frame with two antennas is one gateway: its better reception counts.
    """
    heard: dict[str, Reception] = {}
    for reception in receptions:
        earlier = heard.get(reception[0])
        if earlier is None or earlier[1] < reception[1]:
            heard[reception[0]] = reception
    if not heard:
        return Link(spreading_factor=modulation.spreading_factor, airtime_ms=on_air_ms, more=more or None)
    best: Reception = ("", -inf, None)
    gateways = []
    for reception in heard.values():
        name, rssi, snr = reception
        gateways.append({"id": name, "rssi": rssi, "snr": snr})
        if rssi > best[1]:
            best = reception
    more["gateways"] = gateways
    gateway, rssi_dbm, snr_db = best
    return _new(Link, (rssi_dbm, snr_db, gateway or None, len(heard), modulation[0], on_air_ms, more))


def all_that_heard(more: Mapping[str, object]) -> list[str]:
    """The ids of the gateways in the `more` of a record that `link` made."""
    gateways: Any = more.get("gateways", ())
    return [reception["id"] for reception in gateways]


def compact(more: Mapping[str, object]) -> dict[str, object]:
    """The entries that have a value."""
    return {key: value for key, value in more.items() if value is not None}


def encrypted(keeper: str, payload: str | None) -> list[Refused]:
    """An end-to-end encrypted payload: kept as it is (base64), not decoded. The frame itself counts as received."""
    if not payload:
        return []
    return [Refused(RejectionReason.ENCRYPTED, "payload", f"end-to-end encrypted: {keeper} keeps the key", payload)]


def by_data_rate(dr: int | None) -> Modulation:
    """LoRa by its data-rate index in AS923 (and EU868): for servers that give nothing else. DR7 is FSK."""
    if dr is None or not 0 <= dr <= 6:
        return NO_MODULATION
    return lora(12 - dr if dr < 6 else 7, 125_000 if dr < 6 else 250_000, None)


def position(location: Mapping[str, object]) -> list[Measured]:
    """Latitude, longitude and, where given, altitude. 0/0 means that there was no fix."""
    latitude = shape.number_at(location, "latitude") or 0.0
    longitude = shape.number_at(location, "longitude") or 0.0
    if latitude == 0 and longitude == 0:
        return []
    measured = [Measured("position_latitude", latitude), Measured("position_longitude", longitude)]
    altitude = shape.number_at(location, "altitude")
    if altitude is not None:
        measured.append(Measured("position_altitude", altitude))
    return measured
