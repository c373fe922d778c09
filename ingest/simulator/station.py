"""Simulates one station: it measures, counts its messages, and packs measurements as its network does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from ingest.simulator import chirpstack, native, radio
from ingest.simulator.fault import Fault
from ingest.simulator.pace import Pace
from ingest.simulator.sensing import Sensor, Values
from ingest.simulator.town import NETWORKS, Site
from ingest.simulator.weather import Weather
from schemas.device import NetworkKind

LOST_ON_AIR = 0.02
"""Share of LoRa frames that no gateway hears; each leaves a gap in the frame counter."""

STATUS_EVERY = 30


class Emission(NamedTuple):
    """One message as it goes to the broker. `fault`: the deliberate fault in it."""

    time_s: float
    topic: str
    payload: bytes
    device: str
    fault: Fault | None = None


@dataclass
class Tally:
    """Counts of the field: messages, faults among them, and frames that no gateway heard."""

    messages: int = 0
    faults: dict[Fault, int] = field(default_factory=dict)
    lost_on_air: int = 0
    silenced: int = 0

    def count(self, emission: Emission) -> Emission:
        """Count an emission, and return it."""
        self.messages += 1
        if emission.fault is not None:
            self.faults[emission.fault] = self.faults.get(emission.fault, 0) + 1
        return emission


class Station:
    """A site that publishes. `rng`: its own chance, so that no station influences another."""

    def __init__(self, site: Site, seed: int, rng: Random, tally: Tally) -> None:
        self.site = site
        self.rng = rng
        self.sensor = Sensor(site, seed, rng)
        self.kind = NETWORKS[site.network].kind
        self.counter = 0
        self.dev_addr = ""
        self.role: Fault | None = None
        self.last: Emission | None = None
        self.held: list[dict[str, object]] | None = None
        """Measurements kept back while there is no connection; None while there is one."""
        self._pace = Pace.of(site)
        self._tally = tally
        self._uplinks = 0
        self._sf = radio.spreading_factor(radio.lora_snr_db(site.gateways[0][1]))

    @property
    def lora(self) -> bool:
        """Whether the simulated network server publishes for it."""
        return self.kind is NetworkKind.LPWA

    def reboot(self) -> None:
        """Start anew: counters begin at 0; a LoRa device has to join again."""
        self.counter, self.dev_addr = 0, ""

    def speak(self, time_s: float, weather: Weather, dead: frozenset[str]) -> list[Emission]:
        """A regular message with its events; empty if no gateway hears it, or a gauge has nothing to say."""
        values = self.measure(time_s, weather)
        if self._pace is not None and not self._pace.sends(float(values["river_level"])):
            return []
        if not self.lora:
            return self._speak_native(time_s, values)
        joined = self._join(time_s)
        surely = self._pace is not None and not self._pace.high
        uplink = self.uplink(time_s, chirpstack.event_object(self.site, values), dead, surely=surely)
        if uplink is None:
            return []
        self.last = uplink
        return [*joined, uplink, *self._status(time_s)]

    def measure(self, time_s: float, weather: Weather) -> Values:
        """The values of its sensors at a time."""
        return self.sensor.measure(time_s, weather.at(time_s))

    def uplink(
        self,
        time_s: float,
        decoded: Mapping[str, object],
        dead: frozenset[str],
        fault: Fault | None = None,
        *,
        surely: bool = False,
    ) -> Emission | None:
        """A LoRa frame through the network server; None if it was lost or every gateway that heard it is dead.

        `surely`: it is repeated until the server has acknowledged it, so that it is not lost on the air.
        """
        session = (self.dev_addr or "01000000", self._next())
        heard = radio.hear(self.site.gateways, self._sf, self.rng)
        alive = [item for item in heard if item.mast.code not in dead]
        if fault is None and not surely and self.rng.random() < LOST_ON_AIR:
            self._tally.lost_on_air += 1
            return None
        if not alive:
            self._tally.silenced += 1
            return None
        payload = chirpstack.uplink(self.site, session, decoded, alive, self._sf, time_s, self.rng)
        return Emission(time_s, chirpstack.topic(self.site, "up"), payload, self.site.code, fault)

    def element(self, time_s: float, values: Mapping[str, object]) -> dict[str, object]:
        """A native measurement with its link record."""
        mast, distance = self.site.gateways[0]
        link = radio.local5g_link if self.kind is NetworkKind.LOCAL5G else radio.halow_link
        return native.element(time_s, self._next(), values, link(mast, distance, self.rng), self.kind)

    def natively(self, time_s: float, payload: bytes, fault: Fault | None = None) -> Emission:
        """A payload on the native topic of this station."""
        return Emission(time_s, native.topic(self.site), payload, self.site.code, fault)

    def release(self, time_s: float) -> Emission | None:
        """End an outage. Returns everything kept back as one array, None if nothing was."""
        held, self.held = self.held, None
        return self.natively(time_s, native.encode(held), Fault.BACKFILL) if held else None

    def _speak_native(self, time_s: float, values: Values) -> list[Emission]:
        element = self.element(time_s, values)
        if self.held is not None:
            self.held.append(element)
            return []
        emission = self.natively(time_s, native.encode(element))
        self.last = emission
        return [emission]

    def _join(self, time_s: float) -> list[Emission]:
        if self.dev_addr:
            return []
        self.dev_addr = chirpstack.new_dev_addr(self.rng)
        payload = chirpstack.join(self.site, self.dev_addr, time_s, self.rng)
        return [Emission(time_s, chirpstack.topic(self.site, "join"), payload, self.site.code)]

    def _status(self, time_s: float) -> list[Emission]:
        self._uplinks += 1
        if self._uplinks % STATUS_EVERY:
            return []
        battery = self.sensor.battery_percent(time_s) if self.site.number % 3 else None
        payload = chirpstack.status(self.site, battery, self.rng.randint(4, 24), time_s, self.rng)
        return [Emission(time_s, chirpstack.topic(self.site, "status"), payload, self.site.code)]

    def _next(self) -> int:
        counter = self.counter
        self.counter += 1
        return counter
