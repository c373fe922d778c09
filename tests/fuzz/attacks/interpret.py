"""An interpreter that knows a device of every kind of profile, on topics of every decoder."""

from collections.abc import Mapping
from typing import Any

from ingest.decode.common.limits import Limits
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.route import Routes, pattern
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry
from ingest.settings.routes import DEFAULT_ROUTES
from ingest.validate.values import ClockPolicy
from schemas.profile import Profile
from schemas.profiles import shipped_maps, shipped_profiles


def _profile(code: str, **said: Any) -> Profile:
    return Profile.model_validate({"code": code, "fields": {"t": "air_temperature"}} | said)


_LAYOUT = [
    {
        "fields": [
            {
                "repeat": "rest",
                "fields": [{"name": "t", "type": "u8", "stay": True}] * 15 + [{"name": "t", "type": "u8"}],
            }
        ]
    }
]
_DEEP_LAYOUT = [
    {
        "fields": [
            {
                "repeat": 255,
                "size": 1,
                "fields": [
                    {"repeat": 255, "size": 1, "fields": [{"repeat": "rest", "fields": [{"name": "t", "type": "u8"}]}]}
                ],
            }
        ]
    }
]
_ANY_BITS = {name: {"quantity": "contact"} for name in "abcdefgh"}

PROFILES: Mapping[str, Profile | None] = {
    "plain": None,
    "fields": _profile("fields"),
    "cayenne": shipped_profiles()["cayenne-lpp"],
    "layout": _profile("layout", frames=_LAYOUT),
    "deep-layout": _profile("deep-layout", frames=_DEEP_LAYOUT),
    "tags": shipped_profiles()["milesight-em500-smt"],
    "records": shipped_profiles()["sensecap-s2120"],
    "nested": _profile("nested", map={"rows": [{"nested": True}]}),
    "stars": _profile("stars", map={"rows": [{"each": "a[*][*]"}, {"each": "a[*][*]"}, {"each": "a.*"}]}),
    "named": _profile(
        "named", map={"rows": [{"each": "a[*]", "name": "n", "value": "v", "unit": "u", "time": {"path": "at"}}]}
    ),
    "columns": _profile("columns", map={"rows": [{"each": "a[*]", "names": "n", "values": "v"}]}),
    "parallel": _profile("parallel", map={"rows": [{"parallel": True, "time": {"path": "ts"}}]}),
    "units": _profile(
        "units", map={"rows": [{"each": "a", "units": {"t": "u"}}], "inner": [{"path": "in", "encoding": "json"}]}
    ),
    "patterns": _profile(
        "patterns",
        map={"rows": [{"each": "a[*]", "time": {"path": "at", "format": "%Y/%m/%d %H:%M", "zone": "+09:00"}}]},
    ),
    "hexed": _profile("hexed", frames=_LAYOUT, map={"frame": {"path": "f", "encoding": "hex"}}),
    "heard": _profile(
        "heard",
        map={
            "rows": [{"each": "a"}],
            "link": {"receptions": {"each": "rx", "text": True}, "rssi": "r", "more": {"x": "x"}},
        },
    ),
    "bits": _profile("bits", fields=_ANY_BITS | {"long": {"quantity": "contact"}}),
}


def new_interpreter() -> Interpreter:
    """An interpreter that knows a device of every profile, on topics of every decoder."""
    devices = {
        f"farm/{name}": DeviceEntry(number, 7, "farm", name, True, profile)
        for number, (name, profile) in enumerate(PROFILES.items(), start=1)
    }
    directory = Directory(
        1,
        native=devices,
        dev_eui={f"{one.device_id:016x}": one for one in devices.values()},
        things_stack={f"app/{one.code}": one for one in devices.values()},
        sparkplug={f"g/{one.code}{behind}": one for one in devices.values() for behind in ("", "/d")},
        gateway_entries={"gw": GatewayEntry(1, 7, "farm", "roof")},
        projects={"farm": 7},
        maps=shipped_maps(),
    )
    patterns = [
        *(pattern(route.topic, route.decoder, route.project, route.network) for route in DEFAULT_ROUTES),
        pattern("gateway/{gateway}/event/up", "chirpstack_gateway", None),
        pattern("gateway/{gateway}/event/ack", "chirpstack_gateway", None),
        pattern("server/up", "chirpstack", None),
        pattern("bytes/{device}/{event}", "raw", "farm"),
        pattern("any/{device}/{event}", "mapped", "farm"),
        *(pattern(f"map/{code}/{{device}}/{{event}}", f"mapped:{code}", "farm") for code in shipped_maps()),
    ]
    return Interpreter(Routes(patterns, directory), Limits(), ClockPolicy(), FirstReceipts())
