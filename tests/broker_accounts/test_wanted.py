"""Which accounts a registry asks for, and which topics each has."""

from typing import Any

import pytest

from ingest.broker_accounts.account import AccountKind, Rule
from ingest.broker_accounts.wanted import Rules, Wanted, ingester, simulator, wanted
from ingest.settings.routes import DEFAULT_ROUTES, Route
from ingest.watch.deeds.by_mqtt import topic_of
from schemas.device import Device, Gateway, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument

pytestmark = pytest.mark.japanese

EUI = "0e4e4f524f000001"
RULES = Rules(DEFAULT_ROUTES)
TASMOTA = Route(topic="tele/{device}/SENSOR", decoder="mapped:tasmota", project="p")


def document(
    *devices: Device, networks: dict[str, NetworkKind], gateways: tuple[Gateway, ...] = ()
) -> RegistryDocument:
    return RegistryDocument(
        projects=(Project(code="p", name="事業"),),
        networks=tuple(Network(code=code, project="p", kind=kind, name=code) for code, kind in networks.items()),
        gateways=gateways,
        devices=devices,
    )


def device(code: str, network: str, **more: Any) -> Device:
    return Device(code=code, project="p", network=network, name=code, **more)


def topics(found: Wanted) -> dict[str, list[str]]:
    return {account.username: account.topics for account in found.accounts}


@pytest.mark.parametrize("kind", NetworkKind)
def test_a_device_speaks_under_its_code_on_every_route_that_knows_it_by_code(kind: NetworkKind) -> None:
    found = wanted(document(device("d", "n"), networks={"n": kind}), RULES)
    assert topics(found) == {"p/d": ["noroshi/v1/p/d/up", "senml/p/d"]}
    (account,) = found.accounts
    assert account.client_id == "p/d"


def test_a_lorawan_device_has_no_account_for_its_server_speaks() -> None:
    found = wanted(document(device("d", "n", dev_eui=EUI), networks={"n": NetworkKind.LPWA}), RULES)
    assert [account.username for account in found.accounts] == ["server:n"]


def test_the_only_server_speaks_for_devices_nobody_has_registered_yet() -> None:
    found = wanted(document(device("d", "n", dev_eui=EUI), networks={"n": NetworkKind.LPWA}), RULES)
    says = topics(found)["server:n"]
    assert "application/+/device/+/event/+" in says
    assert "v3/+/devices/+/+" in says
    assert not any(topic.startswith("noroshi/") for topic in says)


def test_one_server_of_several_speaks_for_its_own_devices_only() -> None:
    mine = device("d", "n", dev_eui=EUI, things_stack_id="app/mine")
    other = device("e", "m", dev_eui="0e4e4f524f000002")
    gateway = Gateway(code="g", network="n", name="基地局", gateway_id="24e124fffef12345")
    registry = document(mine, other, networks={"n": NetworkKind.LPWA, "m": NetworkKind.LPWA}, gateways=(gateway,))
    found = topics(wanted(registry, RULES._replace(things_stack_tenant="city")))
    assert f"application/+/device/{EUI}/event/+" in found["server:n"]
    assert "v3/app@city/devices/mine/+" in found["server:n"]
    assert "gateway/24e124fffef12345/state/conn" in found["server:n"]
    assert "+/gateway/24e124fffef12345/command/down" in found["server:n"]
    assert "gateway/24e124fffef12345/event/ack" in found["gateway:g"]
    assert not any(topic.endswith("command/down") for topic in found["gateway:g"]), "only its server tells it"
    assert found["server:m"] == ["application/+/device/0e4e4f524f000002/event/+"]
    assert all("+/device/+" not in topic and "devices/+" not in topic for topic in found["server:n"])


def test_an_ip_device_with_an_eui_takes_the_wildcard_from_the_server() -> None:
    registry = document(
        device("d", "n", dev_eui=EUI), device("cam", "h", dev_eui="0e4e4f524f000002"),
        networks={"n": NetworkKind.LPWA, "h": NetworkKind.HALOW},
    )  # fmt: skip
    found = topics(wanted(registry, RULES))
    assert found["server:n"] == [f"application/+/device/{EUI}/event/+"]
    assert "server:h" not in found


def test_a_route_of_one_project_gives_topics_to_its_devices_only() -> None:
    rules = Rules((TASMOTA,))
    assert topics(wanted(document(device("d", "n"), networks={"n": NetworkKind.WIFI}), rules)) == {
        "p/d": ["tele/d/SENSOR"]
    }
    elsewhere = Rules((TASMOTA.model_copy(update={"project": "q"}),))
    assert topics(wanted(document(device("d", "n"), networks={"n": NetworkKind.WIFI}), elsewhere)) == {}


def test_where_the_topic_tells_no_project_only_an_eui_is_a_name() -> None:
    rules = Rules((Route(topic="raw/{device}", decoder="raw"),))
    registry = document(device("d", "n", dev_eui=EUI), device("e", "n"), networks={"n": NetworkKind.HALOW})
    assert topics(wanted(registry, rules)) == {"p/d": [f"raw/{EUI}", f"raw/{EUI.upper()}"]}


def test_an_edge_node_known_by_its_devices_has_an_account_and_they_have_none() -> None:
    registry = document(
        device("a", "n", sparkplug_id="plant/node/a"), device("b", "n", sparkplug_id="plant/node/b"),
        networks={"n": NetworkKind.WIFI},
    )  # fmt: skip
    (node,) = wanted(registry, RULES).accounts
    assert (node.username, node.kind, node.client_id) == ("node:plant/node", AccountKind.NODE, "node:plant/node")
    assert "spBv1.0/plant/DDATA/node/+" in node.topics
    assert Rule("subscribePattern", "spBv1.0/plant/NCMD/node") in node.rules


@pytest.mark.parametrize("name", ["plant/+", "plant/#", "plant/no%u", "plant/$SYS", "plant//x", "+/node/a"])
def test_a_name_that_would_be_a_wildcard_gets_no_account_and_is_told(name: str) -> None:
    found = wanted(document(device("d", "n", sparkplug_id=name), networks={"n": NetworkKind.WIFI}), RULES)
    assert found == Wanted((), ("p/d",))


def test_a_network_whose_messages_name_their_devices_has_a_server() -> None:
    rules = Rules((Route(topic="soracom/{event}", decoder="raw", network="n"),))
    found = wanted(document(networks={"n": NetworkKind.LTE}), rules)
    assert topics(found) == {"server:n": ["soracom/+"]}


def test_the_service_hears_every_topic_it_has_a_decoder_for_alone_and_in_a_group() -> None:
    rules = ingester("i", RULES).rules
    for route in DEFAULT_ROUTES:
        for rule in (
            Rule("subscribePattern", route.filter),
            Rule("publishClientReceive", route.filter),
            Rule("subscribePattern", f"$share/+/{route.filter}"),
        ):
            assert rule in rules
    assert ingester("i", RULES).topics == ["noroshi/doctor/#", "noroshi/v1/+/watch/#"]
    assert ingester("i", RULES._replace(asks_for_rebirths=True)).topics == [
        "spBv1.0/+/NCMD/+",
        "noroshi/doctor/#",
        "noroshi/v1/+/watch/#",
    ]


def test_the_simulated_field_hears_nothing() -> None:
    assert {rule.what for rule in simulator("s", RULES).rules} == {"publishClientSend"}


def test_a_primary_host_speaks_and_hears_its_state_and_its_nodes_hear_it() -> None:
    rules = RULES._replace(sparkplug_host="noroshi")
    state = "spBv1.0/STATE/noroshi"
    service = ingester("i", rules)
    assert service.topics == [state, "noroshi/doctor/#", "noroshi/v1/+/watch/#"]
    assert {Rule("subscribePattern", state), Rule("publishClientReceive", state)} <= set(service.rules)
    node = device("d", "n", sparkplug_id="Hokuto/edge-1")
    for given, told in ((rules, True), (RULES, False)):
        (account,) = wanted(document(node, networks={"n": NetworkKind.OTHER}), given).accounts
        assert (Rule("publishClientReceive", state) in account.rules) is told
        assert Rule("publishClientSend", state) not in account.rules


def test_panels_of_a_project_hear_its_watch_and_publish_acknowledgements_alone() -> None:
    registry = document(networks={"n": NetworkKind.OTHER})
    assert wanted(registry, RULES).accounts == ()
    (account,) = wanted(registry, RULES._replace(watch_panels=("p",))).accounts
    assert (account.username, account.kind, account.client_id) == ("watch:p", AccountKind.PANEL, "watch:p")
    assert account.topics == [topic_of("p")]
    assert {rule.topic for rule in account.rules if rule.what != "publishClientSend"} == {"noroshi/v1/p/watch/#"}
