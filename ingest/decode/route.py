"""Topic -> who is speaking and which decoder reads it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.decode import mapped
from ingest.decode.limits import Limits
from ingest.decode.table import MAPPED
from ingest.directory import DeviceEntry, Directory, NetworkEntry
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

_BY_ANY_NAME = ("raw", "mapped")
"""Decoders on whose topics a device is called by its DevEUI or by its code, in either case."""

_LONGEST_REMEMBERED = 200
"""Characters. No topic of a real device comes near; MQTT allows 65535."""


class RoutePattern(NamedTuple):
    """A route of the settings, cut into levels: literals, `{placeholder}`s and `+`."""

    levels: tuple[str, ...]
    decoder: str
    project: str | None
    network: str | None = None


class Destination(NamedTuple):
    """Where messages of one topic go.

    `device` is None exactly when `reason` says why, or when each message names it itself: then
    `carrier` is the network to which it must belong, and `Routes.carried` finds it.
    """

    decoder: str
    event: str
    device: DeviceEntry | None
    project_id: int
    reason: RejectionReason | None
    detail: str = ""
    carrier: NetworkEntry | None = None


def pattern(topic: str, decoder: str, project: str | None, network: str | None = None) -> RoutePattern:
    """Cut a topic pattern such as `noroshi/v1/{project}/{device}/up`."""
    return RoutePattern(tuple(topic.split("/")), decoder, project, network)


class Routes:
    """Routes and registry together; answers are remembered, because a field has few topics and many messages."""

    def __init__(self, patterns: Iterable[RoutePattern], directory: Directory, remember: int = 200_000) -> None:
        self._patterns = tuple(patterns)
        self._directory = directory
        self._remember = remember
        self._room = max(remember, 2 * len(directory.native))
        """Every device of a large fleet has its topic remembered, and made-up topics still have a bound."""
        self._known: dict[str, Destination] = {}

    @property
    def directory(self) -> Directory:
        """The registry these answers come from."""
        return self._directory

    def with_directory(self, directory: Directory) -> "Routes":
        """The same routes over a newer registry."""
        return Routes(self._patterns, directory, self._remember)

    def destination(self, topic: str) -> Destination:
        """Who speaks on `topic`. Never raises: an unknown topic or device is an answer too."""
        found = self._known.get(topic)
        if found is None:
            found = self._look_up(topic)
            if len(topic) <= _LONGEST_REMEMBERED:  # a flood of made-up topics must not fill the memory
                if len(self._known) >= self._room:
                    self._known.clear()
                self._known[topic] = found
        return found

    def carried(self, to: Destination, payload: bytes, limits: Limits) -> Destination:
        """Where a message of a gateway's topic goes, which names its device. Never raises.

        The registry has the last word: the device must belong to the network of that gateway.
        """
        network = to.carrier
        assert network is not None  # only such destinations are asked
        try:
            name = mapped.named_device(self._directory.maps[to.decoder.removeprefix(MAPPED)], payload, limits)
        except Undecodable as bad:
            return to._replace(reason=bad.reason, detail=bad.detail, carrier=None)
        if name is None:
            return to._replace(
                reason=RejectionReason.UNKNOWN_DEVICE, detail="the message names no device", carrier=None
            )
        device = self._directory.dev_eui.get(name) or self._directory.native.get(f"{network.project}/{name}")
        if device is None or device.network_id != network.network_id:
            detail = f"{name[:60]} is not in the registry under the network of this gateway"
            return to._replace(reason=RejectionReason.UNKNOWN_DEVICE, detail=detail, carrier=None)
        return _found(to.decoder, to.event, device)

    def _look_up(self, topic: str) -> Destination:
        levels = topic.split("/")
        for route in self._patterns:
            names = _match(route.levels, levels)
            if names is not None:
                return self._resolve(route, names)
        return Destination(
            "", "", None, 0, RejectionReason.UNKNOWN_TOPIC, "no route of the settings matches this topic"
        )

    def _resolve(self, route: RoutePattern, names: Mapping[str, str]) -> Destination:
        event = names.get("event", "")
        if "channel" in names:
            event = f"{names['channel']}/{event}"
        if route.decoder.startswith(MAPPED):
            mapping = self._directory.maps.get(route.decoder.removeprefix(MAPPED))
            if mapping is None:
                detail = f"there is no map {route.decoder.removeprefix(MAPPED)}: the route of the settings names it"
                return Destination(route.decoder, event, None, 0, RejectionReason.NOT_DECODED, detail)
            if "device" not in names:
                return self._carrier(route, names, event)
        claimed = names.get("project") or route.project or ""
        project_id = self._directory.projects.get(claimed, 0)
        device = self._device(route.decoder, names, claimed)
        if device is None:
            who = "/".join(part for part in (names.get("application") or claimed, names.get("device", "")) if part)
            return Destination(
                route.decoder, event, None, project_id, RejectionReason.UNKNOWN_DEVICE, f"{who} is not in the registry"
            )
        if route.project is not None and device.project != route.project:
            return Destination(
                route.decoder, event, None, project_id, RejectionReason.WRONG_PROJECT,
                f"{device.code} belongs to {device.project}",
            )  # fmt: skip
        return _found(route.decoder, event, device)

    def _carrier(self, route: RoutePattern, names: Mapping[str, str], event: str) -> Destination:
        """Messages that name their device themselves are believed within the network of their gateway."""
        gateway = names.get("gateway")
        if gateway is not None:
            network = self._directory.gateway_networks.get(gateway.lower())
        else:
            network = self._directory.networks.get(route.network or "")
        if network is None:
            who = f"the gateway {gateway[:60]}" if gateway is not None else f"the network {route.network}"
            return Destination(
                route.decoder, event, None, 0, RejectionReason.UNKNOWN_DEVICE, f"{who} is not in the registry"
            )
        project_id = self._directory.projects.get(network.project, 0)
        if route.project is not None and network.project != route.project:
            return Destination(
                route.decoder, event, None, project_id, RejectionReason.WRONG_PROJECT,
                f"this gateway belongs to {network.project}",
            )  # fmt: skip
        return Destination(route.decoder, event, None, project_id, None, "", network)

    def _device(self, decoder: str, names: Mapping[str, str], project: str) -> DeviceEntry | None:
        name = names.get("device", "")
        if decoder == "chirpstack":
            return self._directory.dev_eui.get(name.lower())
        if decoder == "things_stack":
            application = names.get("application", "").split("@", 1)[0]
            return self._directory.things_stack.get(f"{application}/{name}")
        if decoder in _BY_ANY_NAME or decoder.startswith(MAPPED):
            by_eui = self._directory.dev_eui.get(name.lower())
            return by_eui or self._directory.native.get(f"{project}/{name.lower()}")
        return self._directory.native.get(f"{project}/{name}")


def _found(decoder: str, event: str, device: DeviceEntry) -> Destination:
    if device.enabled:
        return Destination(decoder, event, device, device.project_id, None)
    detail = f"{device.code} is disabled"
    return Destination(decoder, event, None, device.project_id, RejectionReason.DEVICE_DISABLED, detail)


def _match(levels: tuple[str, ...], topic: list[str]) -> dict[str, str] | None:
    """The placeholders of a pattern that fits, or None."""
    if len(levels) != len(topic):
        return None
    names: dict[str, str] = {}
    for expected, actual in zip(levels, topic, strict=True):
        if expected.startswith("{"):
            names[expected[1:-1]] = actual
        elif expected not in ("+", actual):
            return None
    return names
