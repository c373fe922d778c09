"""When and why a silence ended: it was heard, or nobody expects it to speak any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ingest.store.database import Database
from ingest.watch.model import Kind
from ingest.watch.silence import judge
from ingest.watch.silence.database.standing import heard_again
from ingest.watch.silence.model import DeviceNow, OpenIncident, Silence
from ingest.watch.silence.silences import Scene

Ended = tuple[datetime, Mapping[str, object]]


class Ends:
    """Of what stood open and holds no more. `silent`: the devices that are silent all the same."""

    def __init__(self, scene: Scene, silent: Mapping[int, Silence]) -> None:
        self._scene = scene
        self._silent = silent
        self._devices = {each.device_id: each for each in scene.devices}
        self._gateways = {each.gateway_id: each for each in scene.gateways}

    def of(self, connection: Database, over: Iterable[OpenIncident]) -> dict[str, Ended]:
        """When and why each of these ended, by subject."""
        incidents = list(over)
        heard = [each for each in incidents if self._was_heard(each)]
        since = {each.thing.device_id: each.opened_at for each in heard if each.thing.device_id is not None}
        first = heard_again(connection, since)
        return {each.subject: self._end(each, first) for each in incidents}

    def _was_heard(self, incident: OpenIncident) -> bool:
        device = self._device(incident)
        return device is not None and device.heard_at is not None and device.heard_at > incident.opened_at

    def _device(self, incident: OpenIncident) -> DeviceNow | None:
        number = incident.thing.device_id
        return None if number is None else self._devices.get(number)

    def _end(self, incident: OpenIncident, first: Mapping[int, datetime]) -> Ended:
        if incident.thing.gateway_id is not None:
            gateway = self._gateways.get(incident.thing.gateway_id)
            sign = None if gateway is None else gateway.sign_at
            return (sign, {"reason": "heard"}) if sign and sign > incident.opened_at else self._now("rules")
        device = self._device(incident)
        if device is None:
            return self._now("gone" if incident.thing.network_id is None else "heard")
        if self._was_heard(incident) and device.heard_at is not None:
            return min(first.get(device.device_id, device.heard_at), device.heard_at), {"reason": "heard"}
        return self._now(self._why(incident, device))

    def _why(self, incident: OpenIncident, device: DeviceNow) -> str:
        """Why nobody expects to hear a device that was not heard."""
        if judge.stopped(device, self._scene.stops, self._scene.now):
            return "planned_stop"
        if not device.working or device.state not in judge.WATCHED:
            return "disabled" if device.state == "disabled" else "resting"
        return "rain_over" if incident.kind is Kind.BLIND else "rules"

    def _now(self, why: str) -> Ended:
        return self._scene.now, {"reason": why}
