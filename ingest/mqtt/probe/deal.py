"""Does the broker deal messages out to a group, or does it take `$share/...` for an ordinary topic without messages?"""

from uuid import uuid4

from ingest.mqtt.probe.plain import PlainClient, TrialFailed
from ingest.mqtt.probe.session import TOPICS
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

QUIET_S = 2.0


async def deals(broker: BrokerSettings, *, patience_s: float) -> bool:
    """Whether a message comes by a shared subscription of our own. Raises TrialFailed where none comes by any."""
    token = uuid4().hex[:12]
    topic = f"{TOPICS}/{token}/deal"
    client = PlainClient(broker, f"noroshi-doctor-{token}-deal", expiry_s=0, patience_s=patience_s)
    try:
        await client.connect(clean=True)
        await client.subscribe(f"$share/noroshi-doctor-{token}/{topic}")
        if await _comes(client, topic):
            return True
        await client.subscribe(topic)
        if await _comes(client, topic):
            return False
        raise TrialFailed(
            Bilingual(
                f"{topic} に送ったものが戻りません。利用者に読み書きの権利があるか確かめてください",
                f"nothing we publish on {topic} comes back to us; may our user read and write it?",
            )
        )
    finally:
        await client.leave()


async def _comes(client: PlainClient, topic: str) -> bool:
    before = len(client.deliveries)
    await client.publish(topic, [b"1"])
    return len(await client.gather(before + 1, quiet_s=QUIET_S)) > before
