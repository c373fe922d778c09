"""Does the broker deliver again under the packet ids of the first time? MQTT asks it to; not every broker does.

Five messages are sent to a session of our own. Two are acknowledged, so that the ids of the others are not those with
which a broker begins to count. What is left in flight must come again under its ids, and as a duplicate.
"""

from typing import NamedTuple
from uuid import uuid4

from ingest.message import Canary
from ingest.mqtt.address import address_of
from ingest.mqtt.probe.plain import Delivery, PlainClient, TrialCut, TrialFailed
from ingest.mqtt.probe.session import ANSWER_S, SESSION_S
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

SENT = 5
ACKNOWLEDGED = 2
QUIET_S = 2.0


async def set_up(client: PlainClient, topic: str, broker: str) -> Canary:
    """Leave messages in flight in a new session of this client, and go. Raises TrialFailed."""
    token = uuid4().hex[:12]
    await client.connect(clean=True)  # MQTT 3.1.1 keeps no session that began so
    await client.leave()
    await client.connect(clean=False)
    await client.subscribe(topic)
    await client.publish(topic, _payloads(token, 0))
    for number in range(ACKNOWLEDGED):  # HiveMQ may wait for an answer to the first before it sends the rest
        client.acknowledge((await client.gather(number + 1, quiet_s=QUIET_S))[number : number + 1])
    came = await client.gather(SENT, quiet_s=QUIET_S)
    if [delivery.payload for delivery in came] != _payloads(token, 0):
        raise TrialFailed(
            Bilingual(
                f"{broker} は {topic} の {SENT} 通のうち {len(came)} 通だけを届けました。"
                "利用者に読む権利があるか確かめてください",
                f"{broker} delivered {len(came)} of {SENT} messages on {topic}; may our user read it?",
            )
        )
    await client.leave()
    return Canary(broker, token, tuple(delivery.packet_id for delivery in came[ACKNOWLEDGED:]))


async def came_again(client: PlainClient, canary: Canary) -> list[Delivery] | None:
    """What is delivered when the client comes back; None if its session is gone. It stays in flight."""
    if not await client.connect(clean=False):
        return None
    came = list(await client.gather(len(canary.packet_ids), quiet_s=QUIET_S))
    await client.leave()
    return came


def check_all_came(client: PlainClient, canary: Canary, came: list[Delivery]) -> None:
    """Raises TrialCut if what came is right as far as it goes: the link may have broken before the rest."""
    if len(came) < len(canary.packet_ids) and came == _as_kept(canary)[: len(came)]:
        raise TrialCut(
            Bilingual(
                f"{client.address} は {len(canary.packet_ids)} 通のうち {len(came)} 通を届けたところで黙りました",
                f"{client.address} fell silent after {len(came)} of {len(canary.packet_ids)} messages",
            )
        )


def kept(canary: Canary, came: list[Delivery]) -> bool:
    """Whether each message came under its own id, with the duplicate flag.

    Ids from 1 on prove nothing: a broker that begins to count anew gives them too.
    """
    return min(canary.packet_ids) > 1 and came == _as_kept(canary)


def _as_kept(canary: Canary) -> list[Delivery]:
    wanted = zip(_payloads(canary.token, ACKNOWLEDGED), canary.packet_ids, strict=True)
    return [Delivery(payload, packet_id, duplicate=True) for payload, packet_id in wanted]


def _payloads(token: str, start: int) -> list[bytes]:
    return [f"{token} {number}".encode() for number in range(start, SENT)]


class Again(NamedTuple):
    """Of so many messages in flight: how many came again, and whether under their own ids."""

    in_flight: int
    came: int
    same_ids: bool


async def try_out(broker: BrokerSettings, name: str, topic: str) -> Again:
    """Try it with a throw-away client of this name, in the protocol of the settings. Raises TrialFailed."""
    client = PlainClient(broker, name, expiry_s=SESSION_S, patience_s=min(broker.connect_timeout_s, ANSWER_S))
    try:
        canary = await set_up(client, topic, str(address_of(broker)))
        came = await came_again(client, canary) or []
        await client.connect(clean=True)
        await client.leave()
    finally:
        client.drop()
    return Again(len(canary.packet_ids), len(came), kept(canary, came))
