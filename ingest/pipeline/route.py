"""Topic -> who is speaking and which decoder reads it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.decode.chirpstack import message as chirpstack_message
from ingest.decode.common.limits import Limits
from ingest.decode.mapped import mapped
from ingest.errors import Undecodable
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry, NetworkEntry
from schemas.json_map import MAPPED
from schemas.rejection import RejectionReason

GATEWAY_DECODER = "chirpstack_gateway"
"""The decoder of routes on which gateways speak for themselves."""

_BY_ANY_NAME = ("raw", "mapped")
"""Decoders on whose topics a device is called by its DevEUI or by its code, in either case."""

_LONGEST_REMEMBERED = 200
"""Characters. No topic of a real device comes near; MQTT allows 65535."""

_SPARKPLUG_EVENTS = frozenset({"NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"})
"""Events that a route may write out: `spBv1.0/{group}/+/{node}` would subscribe to the commands to a node too."""


class RoutePattern(NamedTuple):
    """A route of the settings, cut into levels: literals, `{placeholder}`s and `+`."""

    levels: tuple[str, ...]
    decoder: str
    project: str | None
    network: str | None = None


class Inside(NamedTuple):
    """The payload names the device: that of a network server, or with `network` that of a vendor's gateway in it."""

    route: RoutePattern
    network: NetworkEntry | None = None


class Destination(NamedTuple):
    """Where messages of one topic go.

    `device` and `gateway` are None exactly when `reason` says why, or when each message names its device itself: then
    `inside` is there, and `Routes.named` finds it.
    """

    decoder: str
    event: str
    device: DeviceEntry | None
    project_id: int
    reason: RejectionReason | None
    detail: str = ""
    gateway: GatewayEntry | None = None
    inside: Inside | None = None
    sender: str = ""
    """Sparkplug's name for who speaks: its sessions are followed whether the registry knows the device or not."""


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

    def named(self, to: Destination, payload: bytes, limits: Limits) -> Destination:
        """Where a message goes whose topic names no device: its payload does. Raises Undecodable.

        The registry has the last word: behind a gateway or in a network, the device must belong to it.
        """
        assert to.inside is not None  # only such destinations are asked
        route, network = to.inside
        if network is None:
            eui = chirpstack_message.speaker(payload, to.event, limits)
            return self._resolve(route, {"device": eui, "event": to.event}) if eui else to
        name = mapped.named_device(self._directory.maps[to.decoder.removeprefix(MAPPED)], payload, limits)
        if name is None:
            raise Undecodable(RejectionReason.UNKNOWN_DEVICE, "the message names no device")
        device = self._directory.dev_eui.get(name) or self._directory.native.get(f"{network.project}/{name}")
        if device is None or device.network_id != network.network_id:
            detail = f"{name[:60]} is not in the registry under the network of this gateway"
            raise Undecodable(RejectionReason.UNKNOWN_DEVICE, detail)
        return _to_device(to.decoder, to.event, device)

    def _look_up(self, topic: str) -> Destination:
        levels = topic.split("/")
        for route in self._patterns:
            names = _match(route.levels, levels)
            if names is not None:
                found = self._resolve(route, names)
                return found._replace(sender=_sender(names)) if route.decoder == "sparkplug" else found
        return Destination(
            "", "", None, 0, RejectionReason.UNKNOWN_TOPIC, "no route of the settings matches this topic"
        )

    def _resolve(self, route: RoutePattern, names: Mapping[str, str]) -> Destination:
        if route.decoder == GATEWAY_DECODER:
            return self._gateway(route, names)
        if route.decoder == "chirpstack" and "device" not in names:
            unnamed = self._resolve(route, {"device": "", **names})
            detail = "the topic names no device, and neither does the payload"
            return unnamed._replace(detail=detail, inside=Inside(route))
        event = names.get("event") or _written_out(route)
        if "channel" in names:
            event = f"{names['channel']}/{event}"
        if route.decoder.startswith(MAPPED) and (destination := self._beside(route, names, event)):
            return destination
        claimed = names.get("project") or route.project or ""
        project_id = self._directory.projects.get(claimed, 0)
        device = self._device(route.decoder, names, claimed)
        if device is None:
            claimed = names.get("group") or names.get("application") or claimed
            who = "/".join(part for part in (claimed, names.get("node"), names.get("device")) if part)
            return Destination(
                route.decoder, event, None, project_id, RejectionReason.UNKNOWN_DEVICE, f"{who} is not in the registry"
            )
        if route.project is not None and device.project != route.project:
            return Destination(
                route.decoder, event, None, project_id, RejectionReason.WRONG_PROJECT,
                f"{device.code} belongs to {device.project}",
            )  # fmt: skip
        return _to_device(route.decoder, event, device)

    def _beside(self, route: RoutePattern, names: Mapping[str, str], event: str) -> Destination | None:
        """Where messages of a map go, if not to the device of their topic."""
        code = route.decoder.removeprefix(MAPPED)
        if code not in self._directory.maps:
            detail = f"there is no map {code}: the route of the settings names it"
            return Destination(route.decoder, event, None, 0, RejectionReason.NOT_DECODED, detail)
        return None if "device" in names else self._carrier(route, names, event)

    def _carrier(self, route: RoutePattern, names: Mapping[str, str], event: str) -> Destination:
        """Messages that name their device themselves are believed within the network of their gateway."""
        gateway = names.get("gateway")
        network = self._directory.networks.get(route.network or "")
        if gateway is not None:
            entry = self._directory.gateway_entries.get(gateway.lower())
            network = None if entry is None else NetworkEntry(entry.network_id, entry.project)
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
        return Destination(route.decoder, event, None, project_id, None, inside=Inside(route, network))

    def _gateway(self, route: RoutePattern, names: Mapping[str, str]) -> Destination:
        """A gateway that speaks for itself; the last level of its topic is the event."""
        event, name = names.get("event", route.levels[-1]), names.get("gateway", "")
        project_id = self._directory.projects.get(route.project or "", 0)
        gateway = self._directory.gateway_entries.get(name.lower())
        if gateway is None:
            reason, detail = RejectionReason.UNKNOWN_GATEWAY, f"{name} is not in the registry"
            return Destination(route.decoder, event, None, project_id, reason, detail)
        if route.project is not None and gateway.project != route.project:
            reason, detail = RejectionReason.WRONG_PROJECT, f"{gateway.code} belongs to {gateway.project}"
            return Destination(route.decoder, event, None, project_id, reason, detail)
        return Destination(route.decoder, event, None, gateway.project_id, None, gateway=gateway)

    def _device(self, decoder: str, names: Mapping[str, str], project: str) -> DeviceEntry | None:
        name = names.get("device", "")
        if decoder == "chirpstack":
            return self._directory.dev_eui.get(name.lower())
        if decoder == "things_stack":
            application = names.get("application", "").split("@", 1)[0]
            return self._directory.things_stack.get(f"{application}/{name}")
        if decoder == "sparkplug":
            return self._directory.sparkplug.get(_sender(names))
        if decoder in _BY_ANY_NAME or decoder.startswith(MAPPED):
            by_eui = self._directory.dev_eui.get(name.lower())
            return by_eui or self._directory.native.get(f"{project}/{name.lower()}")
        return self._directory.native.get(f"{project}/{name}")


def _to_device(decoder: str, event: str, device: DeviceEntry) -> Destination:
    if device.enabled:
        return Destination(decoder, event, device, device.project_id, None)
    detail = f"{device.code} is disabled"
    return Destination(decoder, event, None, device.project_id, RejectionReason.DEVICE_DISABLED, detail)


def _written_out(route: RoutePattern) -> str:
    """The event of topics that spell it: Sparkplug's kind of message, the last level with The Things Stack."""
    if route.decoder == "sparkplug":
        return next((level for level in route.levels if level in _SPARKPLUG_EVENTS), "")
    return route.levels[-1] if route.decoder == "things_stack" else ""


def _sender(names: Mapping[str, str]) -> str:
    """group/edge node, or group/edge node/device."""
    return "/".join(names[level] for level in ("group", "node", "device") if level in names)


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
