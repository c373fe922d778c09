"""The second factor: codes of an authenticator (TOTP, RFC 6238). Each code is accepted once."""

import hmac
from datetime import datetime
from typing import NamedTuple

import pyotp

from ingest.access.database import accounts as rows
from ingest.store.database import Database

STEP_S = 30
TOLERANCE = 1
"""Codes of so many steps before and after are accepted: clocks of telephones are apart by seconds."""
ISSUER = "Noroshi 狼煙"

_KEY_CHARACTERS = 32


class Enrolment(NamedTuple):
    """What an authenticator is set up with: the key in base32, and the same as an address for a QR code."""

    key: str
    uri: str


def new_enrolment(login: str) -> Enrolment:
    """A new key. Nothing is stored before a code shows that the authenticator has it."""
    return enrolment_of(pyotp.random_base32(_KEY_CHARACTERS), login)


def enrolment_of(key: str, login: str) -> Enrolment:
    """What an authenticator is set up with for this key: shown again after a wrong code."""
    return Enrolment(key, pyotp.TOTP(key).provisioning_uri(name=login, issuer_name=ISSUER))


def is_key(text: str) -> bool:
    """Whether a text can be a key of `new_enrolment`."""
    return len(text) == _KEY_CHARACTERS and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def step_of(key: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, among those that are accepted now; None for a wrong code."""
    plain = code.replace(" ", "")
    if not (len(plain) == 6 and plain.isascii() and plain.isdigit()):
        return None
    totp = pyotp.TOTP(key)
    step = int(now.timestamp()) // STEP_S
    steps = range(step - TOLERANCE, step + TOLERANCE + 1)
    right = [each for each in steps if hmac.compare_digest(totp.generate_otp(each), plain)]
    return max(right, default=None)


def use_code(connection: Database, person_id: int, key: str, code: str, now: datetime) -> bool:
    """Whether this code is right and was not used before. It is used by this."""
    step = step_of(key, code, now)
    return step is not None and rows.use_totp_step(connection, person_id, key, step)


def confirm(connection: Database, person_id: int, key: str, code: str, now: datetime) -> bool:
    """Store the key if the code is of it; False for a wrong code, or if there is a second factor already."""
    step = step_of(key, code, now) if is_key(key) else None
    return step is not None and rows.set_totp_key(connection, person_id, key, step)
