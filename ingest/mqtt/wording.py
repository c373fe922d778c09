"""What went wrong with the broker, in one line for an operator: what was tried, what to do."""

import enum
import socket
import ssl

import mqtt5

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.mqtt.address import Address
from schemas.bilingual import Bilingual, joined, quoted
from schemas.foreign import one_line

TRY_311 = Bilingual(
    '。MQTT 3.1.1 だけのブローカーなら broker.protocol = "3.1.1" にしてください',
    '; if it only speaks MQTT 3.1.1, set broker.protocol = "3.1.1"',
)
SECOND_PROGRAM = Bilingual(
    "。繰り返すときは、別のプログラムが同じ broker.client_id を使っているかもしれません",
    "; if this repeats, a second program may be using our broker.client_id",
)
NOTHING = quoted("")


class SessionTakenOver(BrokerUnavailable):
    """Another program connected with our client id: reconnecting at once would throw it out in turn."""


def cannot_connect(address: Address, error: OSError, timeout_s: float) -> BrokerUnavailable:
    """No connection came about: name the likely reason and the setting behind it."""
    return BrokerUnavailable(joined((quoted(address), _likely_reason(address, error, timeout_s)), ": "))


def _likely_reason(address: Address, error: OSError, timeout_s: float) -> Bilingual:
    if isinstance(error, ConnectionRefusedError):
        return Bilingual(
            "待ち受けているものがありません。ブローカーが動いているか、broker.url が正しいかを確かめてください",
            "nothing listens there; is the broker running, is broker.url right?",
        )
    if isinstance(error, socket.gaierror):
        return Bilingual(
            f"名前 {address.host} の住所が分かりません。broker.url と DNS を確かめてください",
            f"the name {address.host} cannot be resolved; check broker.url and the DNS",
        )
    if isinstance(error, TimeoutError):
        return Bilingual(
            f"{timeout_s:g} 秒以内に応答がありません。broker.url、回線、ファイアウォールを確かめてください",
            f"no answer within {timeout_s:g} s; check broker.url, the network and the firewall",
        )
    return _of_tls(error) if isinstance(error, ssl.SSLError) else _of_the_network(error)


def _of_tls(error: ssl.SSLError) -> Bilingual:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Bilingual(
            f"証明書を信用できません({error.verify_message})。署名した認証局を broker.ca_file に書き、"
            "証明書にあるホスト名で接続してください",
            f"its certificate is not trusted ({error.verify_message}); set broker.ca_file to the authority that"
            " signed it, and use the host name it was issued for",
        )
    return Bilingual(
        f"TLS の接続ができません({error.reason or error})。このポートが TLS か、broker.cert_file が要るかを"
        "確かめてください",
        f"TLS failed ({error.reason or error}); does this port speak TLS, does it want broker.cert_file?",
    )


def _of_the_network(error: OSError) -> Bilingual:
    return Bilingual(f"{error}。broker.url と回線を確かめてください", f"{error}; check broker.url and the network")


def refusal(connack: mqtt5.ConnAckPacket, address: Address) -> BrokerRefused | BrokerUnavailable:
    """The error behind a refused CONNECT: BrokerUnavailable if waiting may help, else BrokerRefused."""
    said = in_words(connack.reason_code, connack.reason_str)
    advice = refusal_advice(connack.reason_code.value, address)
    return refused_with(address, said, advice)


def refused_with(address: Address, said: str, advice: Bilingual | None) -> BrokerRefused | BrokerUnavailable:
    """What the broker said, and what to do; without advice trying again may be enough."""
    if advice is not None:
        return BrokerRefused(
            Bilingual(f"{address} の返事: {said}。{advice.ja}", f"{address} says: {said}; {advice.en}")
        )
    return BrokerUnavailable(
        Bilingual(f"{address} の返事: {said}。もう一度試します", f"{address} says: {said}; trying again")
    )


def refusal_advice(code: int, address: Address) -> Bilingual | None:
    """Which setting to change after this CONNACK reason; None when trying again may be enough."""
    match code:
        case mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD.value | mqtt5.ConnAckReasonCode.NOT_AUTHORIZED.value:
            return _wrong_name(address.username)
        case mqtt5.ConnAckReasonCode.UNSUPPORTED_PROTOCOL_VERSION.value:
            return Bilingual(
                'この版の MQTT に対応していないようです。broker.protocol = "3.1.1" (か "5")にしてください',
                'it may not speak this version of MQTT: set broker.protocol = "3.1.1" (or "5")',
            )
        case mqtt5.ConnAckReasonCode.CLIENT_ID_NOT_VALID.value:
            return Bilingual("別の broker.client_id にしてください", "choose another broker.client_id")
        case _:
            return None


def _wrong_name(username: str | None) -> Bilingual:
    ja = "ユーザー名なし" if username is None else repr(username)
    en = "nobody (no user name)" if username is None else repr(username)
    return Bilingual(
        f"{ja} で接続しました。broker.username と broker.password を確かめてください",
        f"we came as {en}: check broker.username and broker.password",
    )


def silent_on_connect(address: Address, timeout_s: float, advice: Bilingual = NOTHING) -> BrokerUnavailable:
    """The port is open, but CONNECT gets no answer: a frozen link, or a program that cannot read it."""
    return BrokerUnavailable(
        Bilingual(
            f"{address} は開いていますが、{timeout_s:g} 秒以内に CONNECT に答えません{advice.ja}",
            f"{address} is open but does not answer CONNECT within {timeout_s:g} s{advice.en}",
        )
    )


def silent_on_subscribe(address: Address, timeout_s: float) -> BrokerUnavailable:
    """The broker does not answer SUBSCRIBE."""
    return BrokerUnavailable(
        Bilingual(
            f"{address} は {timeout_s:g} 秒以内に SUBSCRIBE に答えません",
            f"{address} does not answer SUBSCRIBE within {timeout_s:g} s",
        )
    )


def only_speaks_311(address: Address) -> BrokerRefused:
    """The answer to our MQTT 5 CONNECT was one of MQTT 3.1.1."""
    return BrokerRefused(
        Bilingual(
            f'{address} は MQTT 5 に対応していません。broker.protocol = "3.1.1" にしてください',
            f'{address} does not speak MQTT 5: set broker.protocol = "3.1.1"',
        )
    )


def hung_up(address: Address, error: Exception | None, *, answered: bool) -> BrokerUnavailable:
    """The connection ended without a word from the broker; Mosquitto 2.0 ends a session taken over like that too."""
    broke = Bilingual(f"{address} との接続が切れました: {error}", f"the connection to {address} broke: {error}")
    closed = Bilingual(f"{address} が接続を閉じました", f"{address} closed the connection")
    return BrokerUnavailable(joined((broke if error else closed, SECOND_PROGRAM if answered else TRY_311), ""))


def farewell(packet: mqtt5.DisconnectPacket, address: Address) -> BrokerUnavailable:
    """The broker ended the connection and said why."""
    reason = in_words(packet.reason_code, packet.reason_str)
    if packet.reason_code == mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER:
        return SessionTakenOver(
            Bilingual(
                f"{address} の返事: {reason}。別のプログラムが同じ broker.client_id を使っています。"
                "止めるか、それぞれに別のものを付けてください",
                f"{address} says: {reason}; a second program uses our broker.client_id: stop it, or give each its own",
            )
        )
    return BrokerUnavailable(
        Bilingual(f"{address} が接続を終えました: {reason}", f"{address} ended the connection: {reason}")
    )


def in_words(code: enum.IntEnum, explanation: str | None) -> str:
    """A reason code of MQTT 5 as text, with what the broker adds to it."""
    words = code.name.lower().replace("_", " ")
    return f"{words} ({one_line(explanation)})" if explanation else words


def filter_refused(address: Address, topic_filter: str, said: str) -> BrokerRefused:
    """The broker refused a subscription."""
    return BrokerRefused(
        Bilingual(
            f"{address} が {topic_filter} の購読を断りました: {said}。"
            "利用者に読む権利を与えるか、routes のトピックを直してください",
            f"{address} refuses the subscription to {topic_filter}: {said}; give our user the right to read it,"
            " or change the topic in routes",
        )
    )


def only_qos_0(address: Address, topic_filter: str) -> BrokerRefused:
    """The broker granted a subscription with QoS 0 only."""
    return BrokerRefused(
        Bilingual(
            f"{address} は {topic_filter} を QoS 0 でしか認めません。不在の間のものが失われます。"
            "ブローカーで QoS 1 を許してください",
            f"{address} grants QoS 0 on {topic_filter}: what comes while we are away is lost; allow QoS 1 in the"
            " broker",
        )
    )
