"""The field: all stations, the weather over them, and their faults. Pure: time is passed in, chance is seeded."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from ingest.simulator import chirpstack, misbehaviour, native
from ingest.simulator.fault import SCHEDULED, Fault
from ingest.simulator.station import Emission, Station, Tally
from ingest.simulator.town import NETWORKS, Kind, Town, build_town
from ingest.simulator.weather import HOUR_S, Weather
from schemas.device import NetworkKind

_FAULT, _REBOOT, _ONLINE, _OFFLINE = -1, -2, -3, -4
"""Entries of the calendar; other entries are the number of a station."""


@dataclass(frozen=True)
class FieldPlan:
    """The parameters that reproduce a field. `anchor_s`: epoch seconds at which a rain begins."""

    devices: int
    seed: int
    anchor_s: float


MUTE_FROM_DEVICES = 40
"""In a field of this size or larger, one device has been silent since the morning of the history."""
MUTE_FOR_S = 5 * HOUR_S


class Outage(NamedTuple):
    """A gateway is dead from one time to another (epoch seconds)."""

    gateway: str
    from_s: float
    until_s: float


class Field:
    """A field in operation. Call `history` (if wanted), then `begin`, then `due` repeatedly, then `finish`.

    `began_s` seeds what differs between runs. `counters` is the
    `snapshot` of an earlier run; without it every device starts anew and joins.
    """

    def __init__(self, plan: FieldPlan, began_s: float, counters: Mapping[str, tuple[int, str]] | None = None) -> None:
        self.plan = plan
        self.town: Town = build_town(plan.devices, plan.seed)
        self.tally = Tally()
        self.outages: list[Outage] = []
        self._began_s = began_s
        self._weather = Weather(plan.seed, plan.anchor_s)
        self._rng = Random(f"{plan.seed}/{began_s}")
        self._stations = [
            Station(site, plan.seed, Random(f"{plan.seed}/{began_s}/{site.code}"), self.tally)
            for site in self.town.sites
        ]
        self._restore(counters or {})
        self._last_of(Kind.TRAP).role = Fault.CLOCK_UNSET
        self._last_of(Kind.SLOPE).role = Fault.CLOCK_DRIFT
        self._mute = self._last_of(Kind.SOIL) if plan.devices >= MUTE_FROM_DEVICES else None
        self._calendar: list[tuple[float, int]] = []
        self._faults_made = 0

    @property
    def fault_every_s(self) -> float:
        """Seconds between two faults. A larger field has more faults; a small one still has some."""
        return max(0.25, min(2.0, 400 / self.plan.devices))

    def dead(self, time_s: float) -> frozenset[str]:
        """The gateways that are dead at a time."""
        return frozenset(outage.gateway for outage in self.outages if outage.from_s <= time_s < outage.until_s)

    def snapshot(self) -> dict[str, tuple[int, str]]:
        """Message counter and device address of every device, for the next run."""
        return {station.site.code: (station.counter, station.dev_addr) for station in self._stations}

    def history(self, from_s: float, until_s: float) -> Iterator[Emission]:
        """The messages of the field between two times, oldest first, at the registered intervals.

        In the middle of a long history one gateway is dead for an hour and a half. HaLow stations send
        their hours as arrays, as after an outage of the whole network.
        """
        if until_s - from_s > 8 * HOUR_S:
            gateway = self._busiest_gateways()[-1]
            self.outages.append(Outage(gateway, until_s - 6.5 * HOUR_S, until_s - 5 * HOUR_S))
        streams = [self._past(station, from_s, until_s) for station in self._stations]
        for emission in heapq.merge(*streams, key=lambda emission: emission.time_s):
            yield self.tally.count(emission)

    def begin(self, now_s: float, gateway_dies_after_s: float | None = 90.0) -> None:
        """Go live at `now_s`, in time lapse: each device publishes sixty times as often as it is registered for.

        The busiest LoRa gateway dies after a while and stays dead for this run; the broker publishes that for it.
        """
        self._enter(now_s, _ONLINE)
        if gateway_dies_after_s is not None:
            self.outages.append(Outage(self._busiest_gateways()[0], now_s + gateway_dies_after_s, float("inf")))
            self._enter(now_s + gateway_dies_after_s, _OFFLINE)
        for number, station in enumerate(self._stations):
            if station is not self._mute:
                self._enter(now_s + station.rng.uniform(0, station.site.interval_s), number)
        self._enter(now_s + min(1.0, self.fault_every_s), _FAULT)
        self._enter(now_s + 20, _REBOOT)

    def due(self, now_s: float) -> list[Emission]:
        """All messages up to `now_s` that were not returned yet, oldest first."""
        emissions: list[Emission] = []
        while self._calendar and self._calendar[0][0] <= now_s:
            time_s, number = heapq.heappop(self._calendar)
            emissions.extend(self._act(time_s, number))
        return [self.tally.count(emission) for emission in emissions]

    def finish(self, now_s: float) -> list[Emission]:
        """The last messages of a run: stations send what they have kept back."""
        released = (station.release(now_s) for station in self._stations)
        return [self.tally.count(emission) for emission in released if emission is not None]

    def _act(self, time_s: float, number: int) -> list[Emission]:
        if number == _FAULT:
            self._enter(time_s + self.fault_every_s, _FAULT)
            return self._misbehave(time_s)
        if number == _REBOOT:
            self._enter(time_s + 40, _REBOOT)
            self._rng.choice([station for station in self._stations if station.lora]).reboot()
            return []
        if number in {_ONLINE, _OFFLINE}:
            dead = self.dead(time_s)
            masts = [mast for mast in self.town.masts if NETWORKS[mast.network].kind is NetworkKind.LPWA]
            return [
                Emission(time_s, *chirpstack.connection(mast, online=number == _ONLINE), mast.code)
                for mast in masts
                if (mast.code in dead) == (number == _OFFLINE)
            ]
        station = self._stations[number]
        self._enter(time_s + station.site.interval_s + station.rng.uniform(-0.8, 0.8), number)
        return self._live(station, time_s)

    def _live(self, station: Station, time_s: float) -> list[Emission]:
        if station.role is not None:
            element = station.element(time_s, station.measure(time_s, self._weather))
            emission = station.natively(time_s, b"")
            return [misbehaviour.with_wrong_clock(emission, station.role, time_s - self._began_s, element)]
        emissions = station.speak(time_s, self._weather, self.dead(time_s))
        if station.held is not None and len(station.held) >= misbehaviour.OUTAGE_MEASUREMENTS:
            released = station.release(time_s)
            return [] if released is None else [released]
        return emissions

    def _misbehave(self, time_s: float) -> list[Emission]:
        fault = SCHEDULED[self._faults_made % len(SCHEDULED)]
        self._faults_made += 1
        able = [each for each in self._stations if each is not self._mute and misbehaviour.fits(fault, each)]
        if not able:
            return []
        moment = misbehaviour.Moment(self._rng.choice(able), time_s, self._weather, self.dead(time_s))
        emission = misbehaviour.commit(fault, moment)
        return [] if emission is None else [emission]

    def _past(self, station: Station, from_s: float, until_s: float) -> Iterator[Emission]:
        """The history of one station. A few devices reboot in it."""
        step_s = station.site.registered_interval_s
        reboot_s = station.rng.uniform(from_s, until_s) if station.rng.random() < 0.05 else float("inf")
        in_arrays = station.kind is NetworkKind.HALOW
        if station is self._mute:
            until_s -= MUTE_FOR_S
        array: list[dict[str, object]] = []
        due_s = from_s + station.rng.uniform(0, step_s)
        while (time_s := due_s + station.rng.uniform(-15, 15)) < until_s:
            if time_s >= reboot_s:
                station.reboot()
                reboot_s = float("inf")
            if in_arrays:
                array.append(station.element(time_s, station.measure(time_s, self._weather)))
            else:
                yield from station.speak(time_s, self._weather, self.dead(time_s))
            if len(array) >= 6:
                yield station.natively(time_s, native.encode(array))
                array = []
            due_s += step_s
        if array:
            yield station.natively(min(time_s, until_s), native.encode(array))

    def _enter(self, time_s: float, number: int) -> None:
        heapq.heappush(self._calendar, (time_s, number))

    def _busiest_gateways(self) -> list[str]:
        """LoRa gateways by the devices that have them nearest, busiest first."""
        nearest = [station.site.gateways[0][0].code for station in self._stations if station.lora]
        return sorted(set(nearest), key=lambda code: (-nearest.count(code), code))

    def _last_of(self, kind: Kind) -> Station:
        return [station for station in self._stations if station.site.kind is kind][-1]

    def _restore(self, counters: Mapping[str, tuple[int, str]]) -> None:
        for station in self._stations:
            if station.site.code in counters:
                station.counter, station.dev_addr = counters[station.site.code]
