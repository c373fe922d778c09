"""The key of this installation that signs frozen reports. The private part is a file, never a row of the database."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ingest.errors import SettingsRefused
from schemas.bilingual import Bilingual, quoted

ONLY_OWNER = 0o600
EVERYBODY = 0o007
"""Bits of a mode that no private key has. A group may read it: Kubernetes gives a mounted secret to one."""


def is_there(path: Path) -> bool:
    """Whether there is a file. Raises SettingsRefused for a place that cannot be looked at."""
    try:
        return path.exists()
    except OSError as error:
        raise SettingsRefused(quoted(f"report.key_file {path}: {error.strerror}")) from error


def read_key(path: Path) -> Ed25519PrivateKey:
    """The private key of the file.

    Raises SettingsRefused for a file that is not there, is no such key, or that everybody on the machine may read or
    change: whoever reads it can sign.
    """
    try:
        if path.stat().st_mode & EVERYBODY:
            raise SettingsRefused(_open(path))
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsRefused(_unreadable(path, error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsRefused(_unreadable(path, "not Ed25519"))
    return key


def make_key(path: Path) -> Ed25519PrivateKey:
    """A new key in a file that only its owner reads. Raises FileExistsError rather than replace one, and OSError.

    The file is whole or not there: whoever makes one at the same moment gets FileExistsError.
    """
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, ONLY_OWNER)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return key


def keep_owner(path: Path, former: Path) -> None:
    """Give a key that root made to whom the former file, or else its folder, belongs: the service is to read it."""
    if os.geteuid() == 0:
        like = (former if former.exists() else former.parent).stat()
        os.chown(path, like.st_uid, like.st_gid)


def _open(path: Path) -> Bilingual:
    return Bilingual(
        f"署名の鍵 {path} は、この機械のだれでも読み書きできます。chmod 600 を実行してください。"
        "人に見られたおそれがあれば、noroshi report key rotate で替えてください",
        f"the key for signing reports {path} can be read or changed by everybody on this machine: chmod 600; if"
        " somebody may have seen it, change it by `noroshi report key rotate`",
    )


def _unreadable(path: Path, why: object) -> Bilingual:
    return Bilingual(
        f"署名の鍵 {path} を読めません({why})。なくした場合は新しい鍵を作ってください",
        f"the key for signing reports {path} cannot be read ({why}); if it is lost, make a new one",
    )
