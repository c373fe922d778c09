"""The terms of a broker (its CONNACK) against what the service cannot do without, and what an operator should know."""

from collections.abc import Iterator, Sequence

import mqtt5

from ingest.errors import BrokerRefused
from ingest.mqtt.address import Address
from ingest.settings.broker import BrokerSettings
from schemas.bilingual import Bilingual

ONE_WORKER = Bilingual(
    "noroshi ingest を --workers 1 で使うか、対応するブローカーにしてください(docs/brokers.ja.md)",
    "run `noroshi ingest` with --workers 1, or use a broker that knows them (docs/brokers.md)",
)
SHARED = "$share/"


def check_terms(
    said: mqtt5.ConnAckPacket, broker: BrokerSettings, filters: Sequence[str], qos: mqtt5.QoS, address: Address
) -> None:
    """Raises BrokerRefused where messages would be lost, or never come, without a word."""
    for why in _refusals(said, broker, filters, qos):
        raise BrokerRefused(about(address, why))


def _refusals(
    connack: mqtt5.ConnAckPacket, broker: BrokerSettings, filters: Sequence[str], qos: mqtt5.QoS
) -> Iterator[Bilingual]:
    if connack.max_qos.value < qos.value:
        yield Bilingual(
            "QoS 0 だけを認め、届いたことを確かめられません。ブローカーで QoS 1 を許してください(max_qos)",
            "grants QoS 0 only, so nothing can be acknowledged: allow QoS 1 in the broker (max_qos)",
        )
    if connack.session_expiry_interval == 0 < broker.session_expiry_s:
        yield Bilingual(
            "セッションを保ちません。不在の間のものが失われます。保つようにするか、"
            "失ってよければ broker.session_expiry_s = 0 にしてください",
            "keeps no session, so what comes while we are away is lost: let it keep sessions, or set"
            " broker.session_expiry_s = 0 to do without",
        )
    if not connack.shared_subscription_available and any(topic.startswith(SHARED) for topic in filters):
        yield no_shared_subscriptions()
    if not connack.wildcard_subscription_available and any("+" in topic or "#" in topic for topic in filters):
        yield Bilingual(
            "購読にワイルドカードを使えません。ブローカーで許すか、routes に一つずつトピックを書いてください",
            "knows no wildcards in subscriptions: allow them in the broker, or name single topics in routes",
        )
    ours = broker.client_id_in_use
    if connack.assigned_client_id is not None and connack.assigned_client_id != ours:
        yield Bilingual(
            f"broker.client_id {ours!r} の代わりに {connack.assigned_client_id!r} と名付け、次に同じセッションを"
            "見つけられません。クライアントIDを受け入れさせるか、受け入れるものにしてください",
            f"calls us {connack.assigned_client_id!r} instead of our broker.client_id {ours!r}, so it would not"
            " find our session again: let it accept client ids, or choose one that it accepts",
        )


def about(address: Address, why: Bilingual) -> Bilingual:
    """A sentence whose subject is the broker."""
    return Bilingual(f"{address} は{why.ja}", f"{address} {why.en}")


def no_shared_subscriptions() -> Bilingual:
    """Why workers cannot be used with this broker, and what to do."""
    return Bilingual(
        f"共有購読(何人かでメッセージを分ける)に対応していません。{ONE_WORKER.ja}",
        f"knows no shared subscriptions, by which several workers divide the messages: {ONE_WORKER.en}",
    )


def lowered(said: mqtt5.ConnAckPacket, broker: BrokerSettings) -> str:
    """Why the broker keeps our session for less time than asked, and what to do; empty if it does not."""
    granted_s = said.session_expiry_interval
    if granted_s is None or granted_s >= broker.session_expiry_s:
        return ""
    return (
        f"the broker keeps our session for {granted_s} s, not for broker.session_expiry_s = {broker.session_expiry_s}:"
        " what waits is lost when the service is away for longer; raise the limit of the broker"
    )
