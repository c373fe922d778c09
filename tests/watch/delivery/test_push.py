"""Phones: the test vector of RFC 8291, and a push service that reads what it is sent as a phone would."""

import base64
import json
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ingest.errors import SettingsRefused
from ingest.watch.delivery.database.phones import Phone, keep_phone
from ingest.watch.delivery.model import Way
from ingest.watch.delivery.push_key import push_key, push_public_key
from ingest.watch.delivery.senders.push_crypto import decode, encode, encrypt, public_bytes
from ingest.watch.delivery.senders.web_push import PushSender
from tests.watch.delivery.conftest import URL, Sending, wait_until
from tests.watch.delivery.receiver import Receiver
from tests.watch.delivery.valley import NOON, Valley


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decode(text), "big"), ec.SECP256R1())


def test_the_example_of_the_rfc_is_encrypted_to_the_letter() -> None:
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"),
        key=key_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert encode(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


class OwnPhone:
    """A phone that reads what a push service hands it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"0123456789abcdef"

    def registered(self, endpoint: str) -> Phone:
        return Phone(endpoint, encode(public_bytes(self.key)), encode(self.auth))

    def read(self, body: bytes) -> dict[str, object]:
        salt, (_, length) = body[:16], struct.unpack(">IB", body[16:21])
        sender, content = body[21 : 21 + length], body[21 + length :]
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        info = b"WebPush: info\0" + public_bytes(self.key) + sender
        shared = _derive(self.auth, self.key.exchange(ec.ECDH(), point), info, 32)
        cipher = AESGCM(_derive(salt, shared, b"Content-Encoding: aes128gcm\0", 16))
        plain = cipher.decrypt(_derive(salt, shared, b"Content-Encoding: nonce\0", 12), content, None)
        assert plain.endswith(b"\x02")
        found: dict[str, object] = json.loads(plain[:-1])
        return found


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@pytest.fixture
def register(valley: Valley, hook: Receiver) -> Callable[[], OwnPhone]:
    """Give the one on duty a phone, and tell nobody else."""

    def make() -> OwnPhone:
        phone = OwnPhone()
        query = "insert into person (login, name) values ('tanaka', '田中') returning person_id"
        row = valley.connection.execute(query).fetchone()
        assert row is not None
        keep_phone(valley.connection, valley.project_id, row[0], phone.registered(hook.url))
        valley.apply(notify=[{"to": ["phones"]}])
        return phone

    return make


def test_a_phone_is_called_and_reads_it(
    valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path, register: Callable[[], OwnPhone]
) -> None:
    phone, key = register(), push_key(tmp_path / "push.pem")
    hook.answers = ["201"]
    sending(valley, more={Way.WEB_PUSH: PushSender(key, "mailto:noroshi@city.example.jp", outside=False)})
    (stored,) = valley.keep(valley.event((0, 2)))
    (request,) = hook.wait_for(1)
    read = phone.read(request.body)
    assert read["title"] == "【狼煙】水位計0: 市設定基準2に到達(参考: 警戒レベル3の目安) 1.23 m 12:00"
    assert str(read["url"]).startswith(f"{URL}/watch/ack/")
    assert (request.headers["ttl"], request.headers["urgency"]) == ("14400", "high")
    assert stored.incident_id
    claims = _verified(request.headers["authorization"], key)
    assert (claims["aud"], claims["sub"]) == (hook.url.removesuffix("/hook"), "mailto:noroshi@city.example.jp")
    assert 0 < int(str(claims["exp"])) - datetime.now(UTC).timestamp() <= 24 * 3600


def _verified(header: str, key: ec.EllipticCurvePrivateKey) -> dict[str, object]:
    token, _, public = header.removeprefix("vapid t=").partition(", k=")
    signed, _, signature = token.rpartition(".")
    both = decode(signature)
    encoded = encode_dss_signature(int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big"))
    key.public_key().verify(encoded, signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert decode(public) == public_bytes(key)
    found: dict[str, object] = json.loads(decode(signed.partition(".")[2]))
    return found


def test_a_name_that_leads_into_our_own_network_gets_nothing(
    valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path, register: Callable[[], OwnPhone]
) -> None:
    register()
    sending(valley, more={Way.WEB_PUSH: PushSender(push_key(tmp_path / "push.pem"), "mailto:a@city.example.jp")})
    valley.keep(valley.event((0, 2)))
    wait_until(valley, "failed_en = 'nothing is sent to 127.0.0.1'")
    assert hook.requests == []


@pytest.mark.parametrize("answer", ["404", "410"])
def test_a_phone_that_is_gone_is_not_called_again(
    valley: Valley, hook: Receiver, sending: Sending, tmp_path: Path, register: Callable[[], OwnPhone], answer: str
) -> None:
    register()
    hook.answers = [answer]
    sending(
        valley,
        more={Way.WEB_PUSH: PushSender(push_key(tmp_path / "push.pem"), "mailto:a@city.example.jp", outside=False)},
    )
    valley.keep(valley.event((0, 2)))
    wait_until(valley, "given_up_at is not null and exists (select from watch_push where ended_at is not null)")
    valley.keep(valley.event((2, 3), NOON + timedelta(minutes=1)))
    assert valley.rows("withheld", "event_id = (select max(event_id) from watch_event) and kind <> 'mqtt'") == [
        ("no_phone",)
    ]


def test_without_a_key_the_row_says_what_to_set(
    valley: Valley, sending: Sending, register: Callable[[], OwnPhone]
) -> None:
    register()
    sending(valley)
    valley.keep(valley.event((0, 2)))
    wait_until(valley, "failed_en like '%watch.push_key_file%'")


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "push.pem"
    public = push_public_key(path)
    assert push_public_key(path) == public
    assert len(base64.urlsafe_b64decode(public + "=")) == 65
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(SettingsRefused, match="chmod 600"):
        push_key(path)
