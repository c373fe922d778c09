"""ChirpStack v3, and the servers built into gateways that descend from it: their JSON in the spelling of v4."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Mapping

from ingest.decode.chirpstack import lorawan
from ingest.decode.common import shape
from ingest.decode.common.limits import Limits, parse_json
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

_GO_ZERO_TIME = "0001-01-01T00:00:00Z"
"""How Go writes a time that was never set."""

_HEX = re.compile(r"[0-9a-fA-F]*")
_MARKS = ("devEUI", "applicationID", "objectJSON")
_RENAMED = {"confirmedUplink": "confirmed"}


def is_legacy(document: Mapping[str, object]) -> bool:
    """Whether the message is in the spelling of v3. One of v4 has `deviceInfo`."""
    return "deviceInfo" not in document and any(mark in document for mark in _MARKS)


def eui(text: str) -> str:
    """An EUI as 16 lower-case hexadecimal digits; one marshaler of v3 writes base64. Other text stays."""
    return _hex_of(text, 8)


def translated(old: Mapping[str, object], limits: Limits) -> Mapping[str, object]:
    """The same message as v4 would have written it. Unknown keys stay where they are."""
    new: dict[str, object] = {_RENAMED.get(key, key): value for key, value in old.items()}
    heard = [_reception(shape.table(row, "rxInfo[]")) for row in shape.rows_at(old, "rxInfo")]
    if heard:
        new["rxInfo"] = heard
    sent = shape.table_at(old, "txInfo")
    new["txInfo"] = _transmission(sent)
    if new.get("dr") is None:
        new["dr"] = shape.whole_at(sent, "dr")
    address = shape.text_at(old, "devAddr")
    if address is not None:
        new["devAddr"] = _hex_of(address, 4)
    new["time"] = _time(old, heard)
    inside = shape.text_at(old, "objectJSON")
    if old.get("object") is None and inside:
        new["object"] = _object(inside, limits)
    if "error" in old:  # the event `error` of v3 is a `log` of v4
        new |= {"level": "ERROR", "code": old.get("type"), "description": old["error"]}
    return new


def _reception(old: Mapping[str, object]) -> Mapping[str, object]:
    name = shape.text_at(old, "gatewayID") or shape.text_at(old, "mac") or shape.text_at(old, "gatewayId") or ""
    return {
        "gatewayId": eui(name),
        "rssi": old.get("rssi"),
        "snr": old["snr"] if "snr" in old else old.get("loRaSNR"),
        "time": old.get("time"),
    }


def _transmission(sent: Mapping[str, object]) -> Mapping[str, object]:
    """`txInfo` as in v4. Old servers give kHz, or call the modulation `dataRate`, or give only the data-rate index."""
    modulation = sent.get("modulation")
    if isinstance(modulation, dict):
        return sent
    lora = shape.table_at(sent, "loRaModulationInfo") or shape.table_at(sent, "dataRate")
    factor = shape.whole_at(lora, "spreadingFactor") or shape.whole_at(lora, "spreadFactor")
    bandwidth = shape.whole_at(lora, "bandwidth")
    code_rate = shape.text_at(lora, "codeRate") or shape.text_at(sent, "codeRate")
    if factor is None and not lora:
        factor, bandwidth, _ = lorawan.by_data_rate(shape.whole_at(sent, "dr"))
    if factor is None:
        return {"frequency": sent.get("frequency")}
    if bandwidth is not None and bandwidth < 1000:
        bandwidth *= 1000
    as_v4 = {"spreadingFactor": factor, "bandwidth": bandwidth, "codeRate": code_rate}
    return {"frequency": sent.get("frequency"), "modulation": {"lora": as_v4}}


def _time(old: Mapping[str, object], heard: list[Mapping[str, object]]) -> str | None:
    """The server's time where it gives one, else that of the first gateway with a clock."""
    candidates = [shape.text_at(old, "time"), shape.text_at(old, "publishedAt")]
    candidates += [shape.text_at(row, "time") for row in heard]
    return next((time for time in candidates if time and time != _GO_ZERO_TIME), None)


def _object(text: str, limits: Limits) -> object:
    """The JSON document inside a string."""
    try:
        return parse_json(text.encode(), limits)
    except UnicodeEncodeError:
        raise Undecodable(RejectionReason.NOT_UTF8, "`objectJSON` is no text") from None


def _hex_of(text: str, size: int) -> str:
    if len(text) == 2 * size and _HEX.fullmatch(text):
        return text.lower()
    if len(text) == (size + 2) // 3 * 4 and text.endswith("="):
        try:
            raw = b64decode(text, validate=True)
        except Error:
            return text
        return raw.hex() if len(raw) == size else text
    return text
