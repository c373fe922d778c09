"""The accounts that a registry asks for."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ingest.broker_accounts import topics
from ingest.broker_accounts.account import Account, AccountKind, Rule, hearing, publishing
from ingest.settings.routes import Route
from schemas.device import Device, Gateway, Network, NetworkKind
from schemas.registry import RegistryDocument

_UNFIT = frozenset("+#%/$\0")
"""Characters that no level of a topic may have: each would turn one topic into many, or into another."""

HEALTH = "$SYS/broker/#"

DOCTOR = "noroshi/doctor/#"
"""The topics on which `noroshi doctor` tests the broker. Nothing else uses them."""

WATCH = "noroshi/v1/+/watch/#"
"""The topics of the watch: what is open, what happened, and acknowledgements of other systems."""


class Rules(NamedTuple):
    """The settings that matter to accounts. `any_client_id`: user names of accounts that may use any client id.

    `watch_panels`: codes of projects whose watch is heard and acknowledged from outside.
    """

    routes: tuple[Route, ...]
    any_client_id: frozenset[str] = frozenset()
    things_stack_tenant: str | None = None
    asks_for_rebirths: bool = False
    sparkplug_host: str | None = None
    watch_panels: tuple[str, ...] = ()


class Wanted(NamedTuple):
    """The accounts in the order of the registry, and devices that get none because their names cannot be topics."""

    accounts: tuple[Account, ...]
    unfit: tuple[str, ...]


def wanted(document: RegistryDocument, rules: Rules) -> Wanted:
    """One account for each device and gateway with a connection of its own, each network server, and each panel."""
    unfit = tuple(_unfit(document))
    found = [
        *_devices(document, rules, frozenset(unfit)),
        *_nodes(document, rules),
        *_gateways(document, rules),
        *_servers(document, rules),
        *_panels(document, rules),
    ]
    return Wanted(tuple(account for account in found if account.rules), unfit)


def ingester(username: str, rules: Rules) -> Account:
    """The service: subscribes to every route; publishes what the watch says, and to Sparkplug nodes as settings say."""
    filters = [route.filter for route in rules.routes]
    shared = tuple(Rule("subscribePattern", f"$share/+/{each}") for each in (*filters, DOCTOR))
    rebirths = ["spBv1.0/+/NCMD/+"] if rules.asks_for_rebirths else []
    state = list(topics.host_state(rules.sparkplug_host))
    hears = hearing([*filters, *state, HEALTH, DOCTOR, WATCH])
    says = publishing([*rebirths, *state, DOCTOR, WATCH])
    return Account(username, AccountKind.INGESTER, "ingest", "", (*hears, *shared, *says))


def simulator(username: str, rules: Rules) -> Account:
    """The simulator of the demonstration: publishes for every device, and subscribes to nothing."""
    says = publishing([route.filter for route in rules.routes])
    return Account(username, AccountKind.SIMULATOR, "simulate", "", says)


def speaks_itself(device: Device, kind: NetworkKind) -> bool:
    """Whether the device connects itself. A LoRaWAN device does not: a network server publishes for it."""
    return not (kind is NetworkKind.LPWA and (device.dev_eui or device.things_stack_id))


def _devices(document: RegistryDocument, rules: Rules, unfit: frozenset[str]) -> Iterator[Account]:
    kinds = {network.code: network.kind for network in document.networks}
    for device in document.devices:
        key = f"{device.project}/{device.code}"
        if not speaks_itself(device, kinds.get(device.network, NetworkKind.OTHER)) or key in unfit:
            continue
        node = _node_of(device.sparkplug_id)
        if node and device.sparkplug_id and device.sparkplug_id.count("/") > 1:
            continue  # its edge node publishes for it
        says = publishing([*topics.of_device(device, rules.routes), *(_node_topics(node, rules) if node else ())])
        hears = _heard_by(node, rules) if node else ()
        client_id = _bound(key, rules, device.client_id)
        yield Account(key, AccountKind.DEVICE, device.code, _place(device), (*says, *hears), client_id, device.enabled)


def _nodes(document: RegistryDocument, rules: Rules) -> Iterator[Account]:
    """Accounts of edge nodes that are known only by the devices behind them."""
    ids = [device.sparkplug_id for device in document.devices if device.sparkplug_id]
    themselves = {_node_of(each) for each in ids if each.count("/") == 1}
    for node in dict.fromkeys(_node_of(each) for each in ids):
        if node is not None and node not in themselves:
            name = "node:" + "/".join(node)
            says = publishing(list(_node_topics(node, rules)))
            hears = _heard_by(node, rules)
            yield Account(name, AccountKind.NODE, "/".join(node), "", (*says, *hears), _bound(name, rules))


def _gateways(document: RegistryDocument, rules: Rules) -> Iterator[Account]:
    networks = {network.code: network for network in document.networks}
    for gateway in document.gateways:
        network = networks.get(gateway.network)
        if network is None or not gateway.gateway_id or _UNFIT & set(gateway.gateway_id):
            continue
        lorawan = network.kind is NetworkKind.LPWA
        says = topics.of_gateway(gateway.gateway_id, network.project, rules.routes, lorawan=lorawan)
        name = f"gateway:{gateway.code}"
        client_id = _bound(name, rules)
        yield Account(name, AccountKind.GATEWAY, gateway.code, _place(gateway), publishing(list(says)), client_id)


def _servers(document: RegistryDocument, rules: Rules) -> Iterator[Account]:
    """One account for each network server, with the topics it publishes to."""
    networks = {network.code: network for network in document.networks}
    lorawan = {code for code, network in networks.items() if network.kind is NetworkKind.LPWA}
    named = [device for device in document.devices if device.dev_eui or device.things_stack_id]
    gateways = [gateway for gateway in document.gateways if gateway.gateway_id and gateway.network in lorawan]
    concerned = {device.network for device in named} | {gateway.network for gateway in gateways}
    for code, network in networks.items():
        says = list(topics.of_network(code, rules.routes))
        if code in lorawan and code in concerned:
            mine = [device for device in named if device.network == code]
            ids = [each.gateway_id for each in gateways if each.network == code and each.gateway_id]
            says += _of_server(network, mine, ids, rules, alone=concerned == {code})
        name = f"server:{code}"
        yield Account(name, AccountKind.SERVER, code, network.name, publishing(says), _bound(name, rules))


def _of_server(
    network: Network, devices: Sequence[Device], gateway_ids: Sequence[str], rules: Rules, *, alone: bool
) -> Iterator[str]:
    """An only server may publish for unregistered devices too, one of several only for its own."""
    if alone:
        return topics.of_only_server(rules.routes)
    ids = [(gateway_id, network.project) for gateway_id in gateway_ids]
    return topics.of_server_among_others(filter(_fit, devices), ids, rules.routes, rules.things_stack_tenant)


def _panels(document: RegistryDocument, rules: Rules) -> Iterator[Account]:
    """One account for the panels of a project: it hears the watch, and publishes acknowledgements alone."""
    for project in document.projects:
        if project.code in rules.watch_panels:
            name = f"watch:{project.code}"
            says = publishing([f"noroshi/v1/{project.code}/watch/ack"])
            hears = hearing([f"noroshi/v1/{project.code}/watch/#"])
            yield Account(name, AccountKind.PANEL, project.code, project.name, (*says, *hears), _bound(name, rules))


def _bound(username: str, rules: Rules, own: str | None = None) -> str | None:
    """The only client id of this account: a client that may choose its id can take over the session of another."""
    return None if username in rules.any_client_id else own or username


def _node_topics(node: tuple[str, str], rules: Rules) -> Iterable[str]:
    return topics.of_node(*node, rules.routes)


def _heard_by(node: tuple[str, str], rules: Rules) -> tuple[Rule, ...]:
    return hearing([*topics.commands_of_node(*node), *topics.host_state(rules.sparkplug_host)])


def _node_of(sparkplug_id: str | None) -> tuple[str, str] | None:
    """(group, edge node); None if no topics can be made from the id."""
    levels = (sparkplug_id or "").split("/")
    if len(levels) not in (2, 3) or not _levels_fit(levels):
        return None
    return levels[0], levels[1]


def _unfit(document: RegistryDocument) -> Iterator[str]:
    return (f"{device.project}/{device.code}" for device in document.devices if not _fit(device))


def _fit(device: Device) -> bool:
    """Whether the two free texts of a device fit into topics. Its codes and EUIs are checked by their models."""
    return all(_levels_fit(each.split("/")) for each in (device.sparkplug_id, device.things_stack_id) if each)


def _levels_fit(levels: Sequence[str]) -> bool:
    return all(level and not _UNFIT & set(level) for level in levels)


def _place(thing: Device | Gateway) -> str:
    if thing.latitude is None or thing.longitude is None:
        return thing.name
    return f"{thing.name} ({thing.latitude:.4f}, {thing.longitude:.4f})"
