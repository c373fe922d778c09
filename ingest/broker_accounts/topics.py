"""The topics of one device, gateway or network server, as the routes of the settings have them."""

from collections.abc import Iterable, Iterator, Mapping

from ingest.settings.routes import SPARKPLUG_STATE, Route
from schemas.device import Device
from schemas.json_map import MAPPED

_BY_CODE = ("native", "senml")
COMMANDS = "/command/down"
"""What a network server tells a gateway: a gateway has no right to say it."""

_BY_SERVER = ("chirpstack", "things_stack", "chirpstack_gateway")


def filled(topic: str, names: Mapping[str, str]) -> str:
    """The topic with `names` in its placeholders; the other placeholders become wildcards."""
    return "/".join(names.get(level[1:-1], "+") if level.startswith("{") else level for level in topic.split("/"))


def of_device(device: Device, routes: Iterable[Route]) -> Iterator[str]:
    """The topics of a device with a connection of its own to the broker."""
    for route in routes:
        if "{device}" not in route.topic or route.project not in (None, device.project):
            continue
        by_code = "{project}" in route.topic or route.project is not None
        if route.decoder in _BY_CODE and by_code:
            yield filled(route.topic, {"project": device.project, "device": device.code})
        elif route.decoder in ("raw", "mapped") or route.decoder.startswith(MAPPED):
            for name in _names(device, by_code=by_code):
                yield filled(route.topic, {"project": device.project, "device": name})


def _names(device: Device, *, by_code: bool) -> list[str]:
    by_eui = [device.dev_eui, device.dev_eui.upper()] if device.dev_eui else []
    return [device.code, *by_eui] if by_code else by_eui


def of_node(group: str, node: str, routes: Iterable[Route]) -> Iterator[str]:
    """The topics of a Sparkplug edge node, for itself and for the devices behind it."""
    for route in routes:
        if route.decoder == "sparkplug":
            yield filled(route.topic, {"group": group, "node": node})


def commands_of_node(group: str, node: str) -> list[str]:
    """The filters for the commands to an edge node and its devices."""
    return [f"spBv1.0/{group}/NCMD/{node}", f"spBv1.0/{group}/DCMD/{node}/+"]


def host_state(host_id: str | None) -> Iterator[str]:
    """The topic of our own STATE, if we are a primary host."""
    if host_id is not None:
        yield SPARKPLUG_STATE + host_id


def of_gateway(
    gateway_id: str, project: str, routes: Iterable[Route], *, lorawan: bool, commands: bool = False
) -> Iterator[str]:  # fmt: skip
    """The topics of a gateway with a connection of its own to the broker. `commands`: those of its server too."""
    for route in routes:
        if "{gateway}" not in route.topic or route.project not in (None, project):
            continue
        if not commands and route.topic.endswith(COMMANDS):
            continue
        if (lorawan and route.decoder == "chirpstack_gateway") or route.decoder.startswith(MAPPED):
            yield filled(route.topic, {"gateway": gateway_id, "project": project})


def of_only_server(routes: Iterable[Route]) -> Iterator[str]:
    """The topics of the only network server, which include devices that are not registered yet."""
    return (route.filter for route in routes if route.decoder in _BY_SERVER)


def of_server_among_others(
    devices: Iterable[Device], gateways: Iterable[tuple[str, str]], routes: Iterable[Route], tenant: str | None
) -> Iterator[str]:
    """The topics of one network server of several: of its own `devices` and `gateways` (gateway id, project) only."""
    routes = tuple(routes)
    for device in devices:
        yield from _spoken_for(device, routes, tenant)
    for gateway_id, project in gateways:
        yield from of_gateway(gateway_id, project, routes, lorawan=True, commands=True)


def _spoken_for(device: Device, routes: Iterable[Route], tenant: str | None) -> Iterator[str]:
    for route in routes:
        if "{device}" not in route.topic or route.project not in (None, device.project):
            continue
        if route.decoder == "chirpstack" and device.dev_eui:
            yield filled(route.topic, {"device": device.dev_eui})
        elif route.decoder == "things_stack" and device.things_stack_id:
            application, _, name = device.things_stack_id.partition("/")
            application = application if tenant is None else f"{application}@{tenant}"
            yield filled(route.topic, {"application": application, "device": name})


def of_network(network: str, routes: Iterable[Route]) -> Iterator[str]:
    """The topics whose messages name their devices themselves and are believed for this network."""
    return (route.filter for route in routes if route.network == network)
