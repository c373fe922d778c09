"""ChirpStack with its switch at protobuf, and its gateways, through a real broker and the real service."""

import time
from datetime import UTC, datetime

from schemas.device import Device, Gateway, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument
from tests.acceptance.fleet import Message, one, publish, register, rows
from tests.decode.chirpstack_vectors import WIRE, protobuf_up
from tests.decode.envelopes import chirpstack_topic
from tests.decode.test_chirpstack import UP
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, StartService, eventually, identity_holds

EUI, OTHER_EUI = "24e124713c491234", "24e124713c495678"
ROOF, HILL = "a84041ffff1f8020", "a84041ffff1f8033"
NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.120Z")
READINGS = {"air_temperature": 18.4, "air_humidity": 62.0}


def document(*gateways: str) -> RegistryDocument:
    return RegistryDocument(
        projects=(Project(code="paddy", name="水田"),),
        networks=(Network(code="lora", project="paddy", kind=NetworkKind.LPWA, name="LoRaWAN"),),
        gateways=tuple(Gateway(code=f"gw-{id_[-2:]}", network="lora", name=id_, gateway_id=id_) for id_ in gateways),
        devices=tuple(
            Device(code=eui[-4:], project="paddy", network="lora", name=eui, dev_eui=eui) for eui in (EUI, OTHER_EUI)
        ),
    )


def uplink(f_cnt: int) -> bytes:
    return protobuf_up(UP | {"time": NOW, "fCnt": f_cnt, "data": b"\x01", "object": READINGS})


def of_a_gateway(gateway: str, what: str) -> str:
    return f"as923/gateway/{gateway}/{what}"


async def test_protobuf_uplinks_and_the_gateways_own_reports_are_stored_and_counted(
    database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(database.url, document(ROOF))
    service = start_service(database.url, mosquitto.url)
    stats = WIRE["stats"].replace(bytes.fromhex("9aafbcd106"), _varint(int(time.time()) - 5))
    messages: list[Message] = [
        *((chirpstack_topic(EUI), uplink(number)) for number in (1, 2)),
        (chirpstack_topic(EUI), uplink(2)),
        (of_a_gateway(ROOF, "event/stats"), stats),
        (of_a_gateway(ROOF, "event/stats"), stats),
        (of_a_gateway(ROOF, "state/conn"), WIRE["conn_online"]),
        (f"gateway/{ROOF}/state/conn", b"{}"),
        (of_a_gateway(HILL, "state/conn"), WIRE["conn_online"]),
        (of_a_gateway(ROOF, "state/conn"), b"\x1a\xff"),
    ]
    await publish(mosquitto.url, messages)
    metrics = service.wait_settled(len(messages))
    assert identity_holds(metrics)
    assert (metrics["messages_stored"], metrics["messages_duplicate"], metrics["messages_quarantined"]) == (5, 2, 2)
    assert (metrics["quarantined:unknown_gateway"], metrics["quarantined:wrong_shape"]) == (1, 1)
    assert one(database.url, "select count(*)::int, count(distinct counter)::int from uplink") == (2, 2)
    found = rows(database.url, "select distinct rssi_dbm, snr_db, gateway_count, spreading_factor from uplink")
    assert found == [(-109.0, -4.5, 2, 9)]
    assert one(database.url, "select count(*) from uplink where gateway_id is not null") == 2
    heard = "select count(*) from gateway_heard where received_at > now() - interval '1 minute'"
    eventually(lambda: one(database.url, heard) == 1, what="the gateway that heard them is noted as alive")
    assert one(database.url, "select count(*) from reading") == 2, "both frames claim the same time"
    events = rows(database.url, "select kind, online, received, received_ok, sent from gateway_event order by received")
    assert sorted(events, key=str) == sorted(
        [(0, True, 14, 11, 2), (1, True, None, None, None), (1, False, None, None, None)], key=str
    )
    assert one(database.url, "select sum(stored)::int, sum(duplicate)::int, sum(quarantined)::int from tally") == (
        5,
        2,
        2,
    )


async def test_an_encrypted_frame_counts_as_received_and_its_bytes_are_kept(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(ROOF))
    service = start_service(any_database.url, mosquitto.url)
    payload = protobuf_up(UP | {"time": NOW, "data": b"\x01\x02\x03", "joinServerContext": {"sessionKeyId": "01"}})
    await publish(mosquitto.url, [(chirpstack_topic(EUI), payload)])
    metrics = service.wait_settled(1)
    assert (metrics["messages_stored"], metrics["readings_quarantined"]) == (1, 1)
    assert one(any_database.url, "select counter, refused, link->'encrypted' from uplink") == (1042, 1, True)
    kept = one(any_database.url, "select reason, part, part_value, payload from quarantine")
    assert kept == ("encrypted", 1, "AQID", payload)


async def test_a_gateway_registered_later_gets_what_it_said_before(
    any_database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi
) -> None:
    register(any_database.url, document())
    service = start_service(any_database.url, mosquitto.url)
    await publish(mosquitto.url, [(of_a_gateway(ROOF, "state/conn"), WIRE["conn_online"])])
    service.wait_settled(1)
    assert one(any_database.url, "select reason from quarantine") == "unknown_gateway"
    register(any_database.url, document(ROOF))
    assert "tried 1: stored 1" in run_noroshi("quarantine", "replay", "--database", any_database.url).stdout
    assert one(any_database.url, "select online from gateway_event") is True
    assert one(any_database.url, "select sum(stored)::int, sum(quarantined)::int from tally") == (1, 0)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
