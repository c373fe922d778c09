"""Frames that ChirpStack tells a gateway to send: how long each would be on the air.

A command has alternatives in order (the receive windows of the device); the gateway answers which one it took. The
frame itself is encrypted and may hold keys of a join: only its length is kept.
"""

from collections.abc import Mapping

from ingest.decode.chirpstack import lorawan
from ingest.decode.common import shape

_MOST_ALTERNATIVES = 8
_LONGEST_ID = 40
_LONGEST_FRAME = 255
_CODE_RATES = ("", "CR_4_5", "CR_4_6", "CR_4_7", "CR_4_8")
"""By number in protobuf, by name in JSON."""

_PREAMBLE_SYMBOLS = 8
"""What radios of gateways take where none is said (0)."""
_LONGEST_PREAMBLE = 2**16
_NARROWEST_HZ = 7_000
_SLOWEST_BPS = 500
_FSK_BYTES = 5 + 3 + 1 + 2
"""Of an FSK frame besides its payload: preamble, sync word, length, CRC (LoRaWAN regional parameters)."""


def identity(message: Mapping[str, object]) -> int | str | None:
    """By what a command and its answer name the same frame: a number; with v3 a text."""
    if "downlinkID" in message:
        return (shape.text_at(message, "downlinkID") or "")[:_LONGEST_ID] or None
    return shape.whole_at(message, "downlinkId")


def alternatives(message: Mapping[str, object]) -> list[dict[str, object]]:
    """Of each alternative its airtime (ms), frequency (Hz), spreading factor and length; without what is not known."""
    return [_item(shape.table(row, "items[]")) for row in shape.rows_at(message, "items")[:_MOST_ALTERNATIVES]]


def _item(item: Mapping[str, object]) -> dict[str, object]:
    sent = shape.table_at(item, "txInfo")
    data = shape.text_at(item, "phyPayload") or ""
    frame_bytes = len(data) * 3 // 4 - data.count("=", -2)
    spread, airtime_ms = _on_air(sent, frame_bytes) if 0 < frame_bytes <= _LONGEST_FRAME else (None, None)
    return lorawan.compact(
        {
            "airtime_ms": airtime_ms,
            "frequency_hz": shape.whole_at(sent, "frequency"),
            "spreading_factor": spread,
            "bytes": frame_bytes,
        }
    )


def _on_air(sent: Mapping[str, object], frame_bytes: int) -> tuple[int | None, float | None]:
    """Spreading factor, and milliseconds on the air. In v3 the modulation stands beside, with its bandwidth in kHz."""
    how = shape.table_at(sent, "modulation") if isinstance(sent.get("modulation"), dict) else {}
    lora = shape.table_at(how, "lora") or shape.table_at(sent, "loRaModulationInfo")
    if not lora:
        fsk = shape.table_at(how, "fsk") or shape.table_at(sent, "fskModulationInfo")
        bits_per_s = shape.whole_at(fsk, "datarate") or 0
        bits = 8 * (_FSK_BYTES + frame_bytes)
        return None, round(bits / bits_per_s * 1000, 3) if bits_per_s >= _SLOWEST_BPS else None
    bandwidth_hz = shape.whole_at(lora, "bandwidth") or 0
    if 0 < bandwidth_hz < 1_000:
        bandwidth_hz *= 1_000
    modulation = lorawan.lora(shape.whole_at(lora, "spreadingFactor"), bandwidth_hz, _code_rate(lora.get("codeRate")))
    if bandwidth_hz < _NARROWEST_HZ:
        return modulation.spreading_factor, None
    preamble = shape.whole_at(lora, "preamble") or 0
    symbols = preamble if 0 < preamble < _LONGEST_PREAMBLE else _PREAMBLE_SYMBOLS
    crc = not lora.get("noCrc")
    return modulation.spreading_factor, lorawan.frame_airtime_ms(frame_bytes, modulation, preamble=symbols, crc=crc)


def _code_rate(rate: object) -> str | None:
    if isinstance(rate, str):
        return rate
    return _CODE_RATES[rate] if isinstance(rate, int) and 0 < rate < len(_CODE_RATES) else None
