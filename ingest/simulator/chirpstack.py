"""A simulated ChirpStack v4: the events its MQTT integration publishes, as JSON.

Top-level fields are written with their defaults, nested gateway messages without them: the
real one does so too, and decoders must handle both.
"""

import base64
import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import orjson

from ingest.simulator.radio import Heard
from ingest.simulator.town import TOWN, Mast, Site

_NAMESPACE = uuid.UUID("6e6f726f-7368-4000-8000-000000000001")
_CHANNELS_HZ = (922_200_000, 922_400_000, 922_600_000, 922_800_000, 923_000_000, 923_200_000, 923_400_000)
_F_PORT = 85
_REGION = "as923"


class Vendor:
    """A vendor's codec: its name for each quantity, and its factor to our unit."""

    def __init__(self, fields: Mapping[str, tuple[str, float]], extra: Mapping[str, object]) -> None:
        self._fields = fields
        self._extra = extra

    def rename(self, values: Mapping[str, float | str]) -> dict[str, object]:
        """The values as this vendor's codec prints them."""
        renamed: dict[str, object] = dict(self._extra)
        for code, value in values.items():
            name, factor = self._fields[code]
            renamed[name] = value if isinstance(value, str) else round(value * factor, 4)
        return renamed


VENDORS: Mapping[str, Vendor] = {
    "ws-pw301": Vendor(
        {"paddy_water_level": ("level", 10), "paddy_water_temperature": ("temp", 1), "battery_level": ("battery", 1)},
        {"fw": "1.4"},
    ),
    "ws-sp3": Vendor(
        {
            "soil_moisture": ("humidity", 1),
            "soil_temperature": ("temperature", 10),
            "soil_ec": ("conductivity", 1000),
            "battery_voltage": ("bat", 1000),
        },
        {"interrupt": 0},
    ),
    "ws-rl2": Vendor({"river_level": ("waterLevel", 100), "battery_voltage": ("BatV", 1)}, {}),
}


def topic(site: Site, event: str) -> str:
    """The topic of an event of this device."""
    return f"application/{_uuid('application', site.network)}/device/{site.dev_eui}/event/{event}"


def event_object(site: Site, values: Mapping[str, float | str]) -> dict[str, object]:
    """The decoded payload, under catalogue codes or under the names of the vendor's codec."""
    return dict(values) if site.profile is None else VENDORS[site.profile].rename(values)


def uplink(
    site: Site, session: tuple[str, int], decoded: Mapping[str, object], heard: Sequence[Heard], sf: int,
    time_s: float, rng: Random,
) -> bytes:  # fmt: skip
    """An `up` event. `session`: device address and frame counter; `heard`: the gateways that received it."""
    dev_addr, f_cnt = session
    moment = datetime.fromtimestamp(time_s, UTC)
    channel = rng.randrange(len(_CHANNELS_HZ))
    return orjson.dumps(
        {
            "deduplicationId": _random_uuid(rng),
            "time": stamp(moment),
            "deviceInfo": device_info(site),
            "devAddr": dev_addr,
            "adr": True,
            "dr": 12 - sf,
            "fCnt": f_cnt,
            "fPort": _F_PORT,
            "confirmed": False,
            "data": _frame(decoded),
            "object": decoded,
            "rxInfo": [_rx_info(item, channel, moment, rng) for item in heard],
            "txInfo": {
                "frequency": _CHANNELS_HZ[channel],
                "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": sf, "codeRate": "CR_4_5"}},
            },
            "regionConfigId": _REGION,
        }
    )


def join(site: Site, dev_addr: str, time_s: float, rng: Random) -> bytes:
    """A `join` event, sent with the first uplink after a device has started."""
    return orjson.dumps(
        {
            "deduplicationId": _random_uuid(rng),
            "time": stamp(datetime.fromtimestamp(time_s, UTC)),
            "deviceInfo": device_info(site),
            "devAddr": dev_addr,
            "regionConfigId": _REGION,
        }
    )


def status(site: Site, battery: float | None, margin: int, time_s: float, rng: Random) -> bytes:
    """A `status` event. Without a battery level the field holds 0.0, which is a placeholder and no reading."""
    return orjson.dumps(
        {
            "deduplicationId": _random_uuid(rng),
            "time": stamp(datetime.fromtimestamp(time_s, UTC)),
            "deviceInfo": device_info(site),
            "margin": margin,
            "externalPowerSource": False,
            "batteryLevelUnavailable": battery is None,
            "batteryLevel": 0.0 if battery is None else battery,
        }
    )


def device_info(site: Site) -> dict[str, object]:
    """The `deviceInfo` of an event."""
    return {
        "tenantId": _uuid("tenant", "town"),
        "tenantName": TOWN,
        "applicationId": _uuid("application", site.network),
        "applicationName": site.network,
        "deviceProfileId": _uuid("profile", site.plan.model),
        "deviceProfileName": f"{site.plan.model} AS923",
        "deviceName": site.code,
        "devEui": site.dev_eui,
        "deviceClassEnabled": "CLASS_A",
        "tags": {"use": site.plan.use},
    }


def new_dev_addr(rng: Random) -> str:
    """A device address, given at every join."""
    return f"{0x01000000 | rng.getrandbits(24):08x}"


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _rx_info(item: Heard, channel: int, moment: datetime, rng: Random) -> dict[str, object]:
    info: dict[str, object] = {
        "gatewayId": item.mast.external_id,
        "uplinkId": rng.getrandbits(32),
        "gwTime": stamp(moment),
        "nsTime": stamp(moment + timedelta(milliseconds=rng.randint(25, 160))),
        "rssi": item.rssi_dbm,
        "snr": item.snr_db,
        "channel": channel,
        "rfChain": channel % 2,
        "location": {"latitude": item.mast.latitude, "longitude": item.mast.longitude},
        "context": base64.b64encode(rng.getrandbits(32).to_bytes(4, "big")).decode(),
        "crcStatus": "CRC_OK",
    }
    return {key: value for key, value in info.items() if value != 0}


def _frame(decoded: Mapping[str, object]) -> str:
    """A frame as the device might have packed it: sixteen bits a value, in hundredths."""
    packed = b"".join(
        (math.floor(value * 100) & 0xFFFF).to_bytes(2, "big")
        for value in decoded.values()
        if isinstance(value, (int, float))
    )
    return base64.b64encode(packed).decode()


def _uuid(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{name}"))


def _random_uuid(rng: Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def connection(mast: Mast, *, online: bool) -> tuple[str, bytes]:
    """Topic and payload of a gateway's connection state, which the broker publishes for it if it dies."""
    body = {"gatewayId": mast.external_id, "state": "ONLINE" if online else "OFFLINE"}
    return f"gateway/{mast.external_id}/state/conn", orjson.dumps(body)
