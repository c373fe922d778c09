"""Who is silent now: devices, and the gateways and networks that explain them. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ingest.watch.model import Kind, Thing, subject_of
from ingest.watch.silence import judge
from ingest.watch.silence.groups import Together, together
from ingest.watch.silence.hearing import Hearing
from ingest.watch.silence.model import DEVICE_RANK, GROUP_RANK, Condition, DeviceNow, GatewayNow, Silence, Stop
from schemas.watch_silence import WatchSilence


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything as it is at one moment. `wanted`: how the silence of a project is watched."""

    now: datetime
    hearing: Hearing
    devices: Sequence[DeviceNow]
    gateways: Sequence[GatewayNow]
    stops: Sequence[Stop]
    wanted: Callable[[int], WatchSilence]
    _keep_alive: dict[int, Mapping[str, float]] = field(default_factory=dict)

    def patience(self, device: DeviceNow) -> timedelta:
        """How long a device may say nothing."""
        return judge.patience_of(device, self.wanted(device.project_id), self.keep_alive(device.project_id))

    def keep_alive(self, project_id: int) -> Mapping[str, float]:
        """The devices of a project that speak rarely, by code: the longest time between two proofs of life in hours."""
        if project_id not in self._keep_alive:
            self._keep_alive[project_id] = judge.keep_alive_of(self.wanted(project_id))
        return self._keep_alive[project_id]

    def suspects(self) -> Iterator[DeviceNow]:
        """The devices that were not heard for too long, and that no planned stop excuses."""
        for device in self.devices:
            if (
                self.wanted(device.project_id).enabled
                and judge.may_be_silent(device, self.patience(device), self.now)
                and not judge.stopped(device, self.stops, self.now)
            ):
                yield device

    def silent_devices(self, begins: Mapping[int, datetime]) -> dict[int, Silence]:
        """The silences of the suspects. `begins`: since when each of them has been at work without a break."""
        found = {}
        for device in self.suspects():
            begun = begins.get(device.device_id)
            if begun is None:
                continue
            ended = judge.stop_ended(device, self.stops, self.now)
            start = begun if ended is None else max(begun, ended)
            silence = judge.silence_of(device, self.patience(device), start, self.hearing, self.now)
            if silence is not None:
                found[device.device_id] = silence
        return found

    def silent_gateways(self) -> dict[int, Silence]:
        """The gateways that say nothing themselves, whoever else hears their devices."""
        found = {}
        for gateway in self.gateways:
            if not gateway.working or gateway.sign_at is None or gateway.silent_from is None:
                continue
            stops = judge.stops_of_gateway(gateway.project_id, gateway.network_id, gateway.gateway_id, self.stops)
            stopped = any(each.starts <= self.now < each.ends for each in stops)
            if stopped or not self.wanted(gateway.project_id).enabled:
                continue
            patience = max(gateway.silent_from - gateway.sign_at, timedelta())
            since = max([gateway.sign_at, *(each.ends for each in stops if each.ends <= self.now)])
            at = self.hearing.runs_out(since, patience)
            if at < self.now:
                found[gateway.gateway_id] = Silence(since, patience, at)
        return found


class Silences:
    """Who is silent, taken together by its cause.

    `conditions`: by subject. `devices`: the silences of devices by number.
    """

    def __init__(self, scene: Scene, devices: Mapping[int, Silence]) -> None:
        self.devices = devices
        self.conditions: dict[str, Condition] = {}
        self._scene = scene
        self._gateways = scene.silent_gateways()
        self._explained: dict[int, str] = {}
        """By number of a device: the subject that explains its silence."""
        self._behind: defaultdict[int, list[DeviceNow]] = defaultdict(list)
        self._in_network: defaultdict[int, list[DeviceNow]] = defaultdict(list)
        for device in scene.devices:
            self._in_network[device.network_id].append(device)
            for gateway in device.behind:
                self._behind[gateway].append(device)
        self._add_groups()
        for device in scene.devices:
            if device.device_id in devices:
                self._add_device(device)

    def group_of(self, device_id: int) -> str | None:
        """The subject of which people are told when this device is silent: its group or itself; None: it is heard."""
        subject = subject_of(Kind.SILENCE, Thing(0, device_id))
        found = self.conditions.get(subject)
        return None if found is None else found.group or subject

    def _add_groups(self) -> None:
        networks = {each.network_id: each.project_id for each in self._scene.devices}
        networks |= {each.network_id: each.project_id for each in self._scene.gateways}
        whole = {number: self._add_network(project, number) for number, project in sorted(networks.items())}
        for gateway in self._scene.gateways:
            self._add_gateway(gateway, whole.get(gateway.network_id))

    def _add_network(self, project_id: int, network_id: int) -> str | None:
        """A network whose gateways, or whose devices where it has none, mostly fell silent together."""
        gateways = [each for each in self._scene.gateways if each.network_id == network_id]
        if gateways:
            silent = {each.gateway_id: self._gateways[each.gateway_id] for each in gateways
                      if each.gateway_id in self._gateways}  # fmt: skip
            found = together(silent, [each.gateway_id for each in gateways if each.state == "live"])
        else:
            found = self._together(self._in_network[network_id])
        if found is None:
            return None
        thing = Thing(project_id, network_id=network_id)
        subject = self._add_group(thing, found.at, found, None)
        if not gateways:
            self._explained |= dict.fromkeys(found.members, subject)
        return subject

    def _add_gateway(self, gateway: GatewayNow, network: str | None) -> None:
        """A gateway that says nothing, or most of whose devices fell silent together though it speaks."""
        members = self._behind[gateway.gateway_id]
        own = self._gateways.get(gateway.gateway_id)
        found = self._together(members)
        if own is None and found is None:
            return
        thing = Thing(gateway.project_id, gateway_id=gateway.gateway_id)
        at = own.at if own is not None else found.at if found is not None else self._scene.now
        subject = self._add_group(thing, at, found, network, own)
        explained = [each.device_id for each in members] if own is not None else list(found.members if found else ())
        for device_id in explained:
            self._explained.setdefault(device_id, network or subject)

    def _together(self, members: Sequence[DeviceNow]) -> Together | None:
        silent = {each.device_id: self.devices[each.device_id] for each in members if each.device_id in self.devices}
        live = [
            each.device_id
            for each in members
            if each.state == "live"
            and each.device_id not in self.devices
            and each.code not in self._scene.keep_alive(each.project_id)
        ]
        return together(silent, live)

    def _add_group(
        self, thing: Thing, at: datetime, found: Together | None, group: str | None, own: Silence | None = None
    ) -> str:
        details: dict[str, object] = {}
        if found is not None:
            details |= {"silent": found.silent, "of": found.working}
        if own is not None:
            details["heard_at"] = own.since.isoformat()
        subject = subject_of(Kind.SILENCE, thing)
        self.conditions[subject] = Condition(Kind.SILENCE, thing, GROUP_RANK, at, group, details=details)
        return subject

    def _add_device(self, device: DeviceNow) -> None:
        silence = self.devices[device.device_id]
        thing = Thing(device.project_id, device.device_id)
        details = {
            "heard_at": silence.since.isoformat(), "patience_s": round(silence.patience.total_seconds()),
            "mode": ("calm" if device.calm else "flood") if device.has_calm else "",
        }  # fmt: skip
        self.conditions[subject_of(Kind.SILENCE, thing)] = Condition(
            Kind.SILENCE, thing, DEVICE_RANK, silence.at, self._explained.get(device.device_id), details=details
        )
