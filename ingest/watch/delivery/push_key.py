"""The key by which push services know this installation. The private part is a file, never a row of the database."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from ingest.errors import SettingsRefused
from ingest.watch.delivery.senders.push_crypto import encode, public_bytes
from schemas.bilingual import Bilingual

EVERYBODY = 0o007
OPEN_TO_ALL = Bilingual("だれでも読み書きできます。chmod 600 を実行してください", "everybody may read it: chmod 600")


def push_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key of the file, which is made if there is none. Raises SettingsRefused for a file that cannot be used.

    Whoever has the key can call the phones that were registered with it: nobody else may read the file. With another
    key every phone has to be registered anew.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & EVERYBODY:
            raise SettingsRefused(_unfit(path, OPEN_TO_ALL))
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        said = str(error)[:200]
        raise SettingsRefused(_unfit(path, Bilingual(said, said))) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise SettingsRefused(_unfit(path, Bilingual("P-256 の鍵ではありません", "it is no P-256 key")))
    return key


def push_public_key(path: Path) -> str:
    """The public part, as a browser takes it for `applicationServerKey`. Raises SettingsRefused."""
    return encode(public_bytes(push_key(path)))


def _make(path: Path) -> None:
    """The file is whole or not there: of two that make one at the same moment the first counts."""
    content = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        if not path.exists():
            raise
    finally:
        beside.unlink(missing_ok=True)


def _unfit(path: Path, why: Bilingual) -> Bilingual:
    return Bilingual(
        f"watch.push_key_file {path} を使えません: {why.ja}", f"watch.push_key_file {path} cannot be used: {why.en}"
    )
