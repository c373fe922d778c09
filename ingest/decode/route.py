"""Topic -> who is speaking and which decoder reads it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.decode import chirpstack_message
from ingest.decode.limits import Limits
from ingest.directory import DeviceEntry, Directory, GatewayEntry
from schemas.rejection import RejectionReason

GATEWAY_DECODER = "chirpstack_gateway"
"""Of routes on which gateways speak, not devices."""

_LONGEST_REMEMBERED = 200
"""Characters. No topic of a real device comes near; MQTT allows 65535."""

_SPARKPLUG_EVENTS = frozenset({"NBIRTH", "NDEATH", "NDATA", "DBIRTH", "DDEATH", "DDATA"})
"""A route may write them out: `spBv1.0/{group}/+/{node}` would hear the commands to a node too."""


class RoutePattern(NamedTuple):
    """A route of the settings, cut into levels: literals, `{placeholder}`s and `+`."""

    levels: tuple[str, ...]
    decoder: str
    project: str | None


class Destination(NamedTuple):
    """Where messages of one topic go. `device` and `gateway` are None exactly when `reason` says why."""

    decoder: str
    event: str
    device: DeviceEntry | None
    project_id: int
    reason: RejectionReason | None
    detail: str = ""
    gateway: GatewayEntry | None = None
    inside: RoutePattern | None = None
    """The route, where its topics name no device: the network server names it in the payload."""
    sender: str = ""
    """Sparkplug's name for who speaks: its sessions are followed whether the registry knows the device or not."""


def pattern(topic: str, decoder: str, project: str | None) -> RoutePattern:
    """Cut a topic pattern such as `noroshi/v1/{project}/{device}/up`."""
    return RoutePattern(tuple(topic.split("/")), decoder, project)


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
            return unnamed._replace(detail="the topic names no device, and neither does the payload", inside=route)
        event = names.get("event") or _written_out(route)
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
        if not device.enabled:
            return Destination(
                route.decoder,
                event,
                None,
                device.project_id,
                RejectionReason.DEVICE_DISABLED,
                f"{device.code} is disabled",
            )
        return Destination(route.decoder, event, device, device.project_id, None)

    def named(self, to: Destination, payload: bytes, limits: Limits) -> Destination:
        """Where a message goes whose topic names no device: its payload does. Raises Undecodable."""
        assert to.inside is not None  # whoever asks has looked
        eui = chirpstack_message.speaker(payload, to.event, limits)
        return self._resolve(to.inside, {"device": eui, "event": to.event}) if eui else to

    def _gateway(self, route: RoutePattern, names: Mapping[str, str]) -> Destination:
        """A gateway that speaks for itself; the last level of its topic is the event."""
        event, name = names.get("event", route.levels[-1]), names.get("gateway", "")
        project_id = self._directory.projects.get(route.project or "", 0)
        found = self._directory.gateway_entries.get(name.lower())
        if found is None:
            reason, detail = RejectionReason.UNKNOWN_GATEWAY, f"{name} is not in the registry"
            return Destination(route.decoder, event, None, project_id, reason, detail)
        if route.project is not None and found.project != route.project:
            reason, detail = RejectionReason.WRONG_PROJECT, f"{found.code} belongs to {found.project}"
            return Destination(route.decoder, event, None, project_id, reason, detail)
        return Destination(route.decoder, event, None, found.project_id, None, gateway=found)

    def _device(self, decoder: str, names: Mapping[str, str], project: str) -> DeviceEntry | None:
        name = names.get("device", "")
        if decoder == "chirpstack":
            return self._directory.dev_eui.get(name.lower())
        if decoder == "things_stack":
            application = names.get("application", "").split("@", 1)[0]
            return self._directory.things_stack.get(f"{application}/{name}")
        if decoder == "sparkplug":
            return self._directory.sparkplug.get(_sender(names))
        return self._directory.native.get(f"{project}/{name}")


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
