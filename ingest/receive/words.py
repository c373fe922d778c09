"""What went wrong with the broker, in one line for an operator: what was tried, what to do."""

import enum
import socket
import ssl

import mqtt5

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.receive.address import Address

TRY_311 = '; if it only speaks MQTT 3.1.1, set broker.protocol = "3.1.1"'
SECOND_PROGRAM = "; if this repeats, a second program may be using our broker.client_id"


class SessionTakenOver(BrokerUnavailable):
    """Another program connected with our client id: reconnecting at once would throw it out in turn."""


def cannot_connect(address: Address, error: OSError, timeout_s: float) -> BrokerUnavailable:
    """No connection came about: name the likely reason and the setting behind it."""
    return BrokerUnavailable(f"{address}: {_likely_reason(address, error, timeout_s)}")


def _likely_reason(address: Address, error: OSError, timeout_s: float) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there; is the broker running, is broker.url right?"
    if isinstance(error, socket.gaierror):
        return f"the name {address.host} cannot be resolved; check broker.url and the DNS"
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_s:g} s; check broker.url, the network and the firewall"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}); set broker.ca_file to the authority that"
            " signed it, and use the host name it was issued for"
        )
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or error}); does this port speak TLS, does it want broker.cert_file?"
    return f"{error}; check broker.url and the network"


def refusal(connack: mqtt5.ConnAckPacket, address: Address) -> BrokerRefused | BrokerUnavailable:
    """The answer to CONNECT was no: is it one that waiting can heal?"""
    said = in_words(connack.reason_code, connack.reason_str)
    advice = refusal_advice(connack.reason_code.value, address)
    if advice:
        return BrokerRefused(f"{address} says: {said}; {advice}")
    return BrokerUnavailable(f"{address} says: {said}; trying again")


def refusal_advice(code: int, address: Address) -> str:
    """Which setting to change after this CONNACK reason; empty when trying again may be enough."""
    who = "nobody (no user name)" if address.username is None else repr(address.username)
    match code:
        case mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD.value | mqtt5.ConnAckReasonCode.NOT_AUTHORIZED.value:
            return f"we came as {who}: check broker.username and broker.password"
        case mqtt5.ConnAckReasonCode.UNSUPPORTED_PROTOCOL_VERSION.value:
            return 'it may not speak this version of MQTT: set broker.protocol = "3.1.1" (or "5")'
        case mqtt5.ConnAckReasonCode.CLIENT_ID_NOT_VALID.value:
            return "choose another broker.client_id"
        case _:
            return ""


def silent_on_connect(address: Address, timeout_s: float, advice: str = "") -> BrokerUnavailable:
    """The port is open, but nobody answers CONNECT: a frozen link, or a program that cannot read it."""
    return BrokerUnavailable(f"{address} is open but does not answer CONNECT within {timeout_s:g} s{advice}")


def only_speaks_311(address: Address) -> BrokerRefused:
    """The answer to our MQTT 5 CONNECT was one of MQTT 3.1.1."""
    return BrokerRefused(f'{address} does not speak MQTT 5: set broker.protocol = "3.1.1"')


def hung_up(address: Address, error: Exception | None, *, answered: bool) -> BrokerUnavailable:
    """The connection ended without a word from the broker; Mosquitto 2.0 ends a session taken over like that too."""
    how = f"the connection to {address} broke: {error}" if error else f"{address} closed the connection"
    return BrokerUnavailable(how + (SECOND_PROGRAM if answered else TRY_311))


def farewell(packet: mqtt5.DisconnectPacket, address: Address) -> BrokerUnavailable:
    """The broker ended the connection and said why."""
    said = in_words(packet.reason_code, packet.reason_str)
    if packet.reason_code == mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER:
        return SessionTakenOver(
            f"{address} says: {said}; a second program uses our broker.client_id: stop it, or give each its own"
        )
    return BrokerUnavailable(f"{address} ended the connection: {said}")


def in_words(code: enum.IntEnum, explanation: str | None) -> str:
    """A reason code of MQTT 5 as text, with what the broker adds to it."""
    words = code.name.lower().replace("_", " ")
    return f"{words} ({explanation})" if explanation else words


def filter_refused(address: Address, topic_filter: str, said: str) -> BrokerRefused:
    """A subscription did not come about."""
    return BrokerRefused(
        f"{address} refuses the subscription to {topic_filter}: {said}; give our user the right to read it,"
        " or change the topic in routes"
    )
