"""Makes each fault: a real measurement of a suitable station, spoiled in exactly one way."""

from collections.abc import Callable, Mapping

from ingest.simulator import chirpstack, native
from ingest.simulator.fault import Fault
from ingest.simulator.station import Emission, Station
from ingest.simulator.town import Kind
from ingest.simulator.weather import Weather

SENTINEL = -999
"""The value that products of profile ws-sp3 send for "no probe"."""

OUTAGE_MEASUREMENTS = 4

HAPPENS_TO: Mapping[Fault, Kind] = {
    Fault.NOT_JSON: Kind.GREENHOUSE,
    Fault.UNKNOWN_DEVICE: Kind.SOIL,
    Fault.WRONG_TYPE: Kind.GREENHOUSE,
    Fault.WRONG_UNIT: Kind.GATE,
    Fault.OUT_OF_RANGE: Kind.GREENHOUSE,
    Fault.SENTINEL: Kind.SOIL,
    Fault.NAN_LITERAL: Kind.SLOPE,
    Fault.UNKNOWN_EVENT: Kind.PADDY,
    Fault.BACKFILL: Kind.GREENHOUSE,
    Fault.HALF_GOOD_ARRAY: Kind.GREENHOUSE,
}
"""Fault -> kind of station that it happens to; a duplicate happens to any."""


class Moment:
    """Where and when a fault happens."""

    def __init__(self, station: Station, time_s: float, weather: Weather, dead: frozenset[str]) -> None:
        self.station = station
        self.time_s = time_s
        self.weather = weather
        self.dead = dead

    def native(self, changes: Mapping[str, object], fault: Fault) -> Emission:
        """A native message with some readings replaced."""
        values = {**self.station.measure(self.time_s, self.weather), **changes}
        return self.station.natively(self.time_s, native.encode(self.station.element(self.time_s, values)), fault)

    def lora(self, changes: Mapping[str, object], fault: Fault) -> Emission | None:
        """A LoRa uplink with some fields of the decoded object replaced."""
        values = self.station.measure(self.time_s, self.weather)
        decoded = {**chirpstack.event_object(self.station.site, values), **changes}
        return self.station.uplink(self.time_s, decoded, self.dead, fault)


def fits(fault: Fault, station: Station) -> bool:
    """Whether this fault can happen to this station now."""
    if station.role is not None or station.held is not None:
        return False
    if fault is Fault.DUPLICATE:
        return station.last is not None
    if fault is Fault.SENTINEL:
        return station.site.profile == "ws-sp3"
    return station.site.kind is HAPPENS_TO[fault]


def commit(fault: Fault, moment: Moment) -> Emission | None:
    """The message of a fault; None if there is none now: no gateway heard it, or an outage has only begun."""
    return _MAKE[fault](moment)


def with_wrong_clock(emission: Emission, role: Fault, uptime_s: float, element: dict[str, object]) -> Emission:
    """A message of a station whose clock was never set, or is ever further ahead."""
    claimed_s = uptime_s if role is Fault.CLOCK_UNSET else emission.time_s + 100 + uptime_s
    return emission._replace(payload=native.encode({**element, "ts": native.local_time(claimed_s)}), fault=role)


def _duplicate(moment: Moment) -> Emission | None:
    last = moment.station.last
    return None if last is None else last._replace(time_s=moment.time_s, fault=Fault.DUPLICATE)


def _cut(moment: Moment) -> Emission:
    whole = moment.native({}, Fault.NOT_JSON)
    return whole._replace(payload=whole.payload[: len(whole.payload) * 2 // 3])


def _stranger(moment: Moment) -> Emission | None:
    """An uplink of a neighbour's device on the same network server: well-formed, but not in the registry."""
    own = moment.lora({}, Fault.UNKNOWN_DEVICE)
    eui = moment.station.site.dev_eui
    if own is None or eui is None:
        return None
    strange = f"0e4e4f5253{eui[10:]}"
    return own._replace(
        topic=own.topic.replace(eui, strange),
        payload=own.payload.replace(eui.encode(), strange.encode()),
        device=f"unknown-{strange}",
    )


def _nan(moment: Moment) -> Emission:
    """A NaN, as a C program prints it for a missing probe; without it the message is valid JSON."""
    marked = moment.native({"ground_displacement": -4321.25}, Fault.NAN_LITERAL)
    return marked._replace(payload=marked.payload.replace(b"-4321.25", b"NaN"))


def _unknown_event(moment: Moment) -> Emission | None:
    own = moment.lora({}, Fault.UNKNOWN_EVENT)
    return None if own is None else own._replace(topic=own.topic.removesuffix("up") + "calibration")


def _half_good(moment: Moment) -> Emission:
    """An array of four elements: one has an unreadable time, and one is no object."""
    station = moment.station
    elements: list[object] = [
        station.element(moment.time_s - age, station.measure(moment.time_s - age, moment.weather)) for age in (3, 2, 1)
    ]
    broken = {**station.element(moment.time_s, {"air_temperature": 12.3}), "ts": "昨日の夕方"}
    payload = native.encode([elements[0], broken, elements[1], "ERR", elements[2]])
    return station.natively(moment.time_s, payload, Fault.HALF_GOOD_ARRAY)


def _begin_outage(moment: Moment) -> None:
    """Have the station keep its measurements back until the field ends the outage."""
    moment.station.held = []


_MAKE: Mapping[Fault, Callable[[Moment], Emission | None]] = {
    Fault.DUPLICATE: _duplicate,
    Fault.NOT_JSON: _cut,
    Fault.UNKNOWN_DEVICE: _stranger,
    Fault.WRONG_TYPE: lambda moment: moment.native({"air_co2": "sensor warming up"}, Fault.WRONG_TYPE),
    # centimetres where metres are meant
    Fault.WRONG_UNIT: lambda moment: moment.native({"river_level": 171.0}, Fault.WRONG_UNIT),
    # a sixteen-bit register of ones, in hundredths
    Fault.OUT_OF_RANGE: lambda moment: moment.native({"air_humidity": 655.35}, Fault.OUT_OF_RANGE),
    Fault.SENTINEL: lambda moment: moment.lora({"humidity": SENTINEL}, Fault.SENTINEL),
    Fault.NAN_LITERAL: _nan,
    Fault.UNKNOWN_EVENT: _unknown_event,
    Fault.BACKFILL: _begin_outage,
    Fault.HALF_GOOD_ARRAY: _half_good,
}
