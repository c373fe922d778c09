"""Web Push on the wire: a message for one phone alone (RFC 8291, RFC 8188), and who sends it (VAPID, RFC 8292)."""

import base64
import json
import os
import struct
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.bilingual import Bilingual

RECORD = 4_096
MOST_BYTES = 3_993
"""What a push service has to take, without what the encryption adds."""
PUBLIC_BYTES, AUTH_BYTES, SALT_BYTES = 65, 16, 16
TOKEN_LASTS = timedelta(hours=12)
_CURVE = ec.SECP256R1()
_LAST_RECORD = b"\x02"


def encode(content: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Bytes of base64 for URLs. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as a point of 65 bytes."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def check_subscription(p256dh: str, auth: str) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """The keys of a phone. Raises ValueError (a `Bilingual`) for what are none."""
    try:
        point, secret = decode(p256dh), decode(auth)
        if len(point) != PUBLIC_BYTES or len(secret) != AUTH_BYTES:
            raise ValueError
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point), secret
    except ValueError:
        raise ValueError(Bilingual("端末の鍵として読めません", "these are no keys of a phone")) from None


def encrypt(
    content: bytes,
    p256dh: str,
    auth: str,
    *,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The content as `aes128gcm` for a phone. `salt` and `key` are made anew unless a test names them.

    Raises ValueError for keys that are none, and for content beyond MOST_BYTES.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(Bilingual("端末への通知が長すぎます", "the message is too long for a phone"))
    phone, secret = check_subscription(p256dh, auth)
    own = key or ec.generate_private_key(_CURVE)
    salt = salt or os.urandom(SALT_BYTES)
    info = b"WebPush: info\0" + decode(p256dh) + public_bytes(own)
    shared = _derive(secret, own.exchange(ec.ECDH(), phone), info, 32)
    cipher = AESGCM(_derive(salt, shared, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _derive(salt, shared, b"Content-Encoding: nonce\0", 12)
    header = salt + struct.pack(">IB", RECORD, PUBLIC_BYTES) + public_bytes(own)
    return header + cipher.encrypt(nonce, content + _LAST_RECORD, None)


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def authorization(key: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: datetime) -> str:
    """The header by which a push service knows us. `contact`: mailto: or https:, whom it can ask."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((now + TOKEN_LASTS).timestamp()),
        "sub": contact,
    }
    signed = ".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEADER, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    token = f"{signed}.{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={encode(public_bytes(key))}"


_HEADER = {"typ": "JWT", "alg": "ES256"}
