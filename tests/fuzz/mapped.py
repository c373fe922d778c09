"""Messages under every shipped map; the first byte chooses the map and whether the device has a profile."""

from contextlib import suppress

from ingest.decode.common.limits import Limits
from ingest.decode.mapped import mapped
from ingest.errors import Undecodable
from schemas.profiles import shipped_maps
from tests.decode.map_messages import CAYENNE, VENDORS
from tests.decode.test_any_bytes import is_uplink

_CODES = sorted(shipped_maps())
_DECODERS = [mapped.decoder(shipped_maps()[code]) for code in _CODES]
_EVENTS = {"tasmota": "SENSOR", "sensecap-openstream": "1/4097", "value-per-topic": "gate_state"}

SEEDS = tuple(
    bytes((_CODES.index(vendor.map) + (128 if vendor.profile else 0),)) + vendor.payload for vendor in VENDORS
)


def fuzz(data: bytes) -> None:
    """An uplink of the types its consumers rely on, or Undecodable; also when it is asked for its device."""
    if not data:
        return
    number, profile = (data[0] & 127) % len(_CODES), CAYENNE if data[0] & 128 else None
    code, payload = _CODES[number], data[1:]
    with suppress(Undecodable):
        is_uplink(_DECODERS[number](payload, _EVENTS.get(code, ""), profile, Limits()))
    mapping = shipped_maps()[code]
    if mapping.map is not None and mapping.map.device is not None:
        with suppress(Undecodable):
            mapped.named_device(mapping, payload, Limits())
