"""The key that signs now: made at first use, known to the database, exchanged on purpose and never by accident."""

import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused
from ingest.errors import SettingsRefused
from ingest.report.submission import database
from ingest.report.submission.database import Key
from ingest.report.submission.keys import make_key, read_key
from ingest.report.submission.signing import key_id_of, public_bytes
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted


def check_key_file(path: Path) -> None:
    """Raises SettingsRefused for a file that is no key, or cannot be read; one that is absent is made later."""
    try:
        absent = not path.exists()
    except OSError as error:
        raise SettingsRefused(quoted(f"report.key_file {path}: {error.strerror}")) from error
    if not absent:
        read_key(path)


def key_in_use(connection: Database, path: Path, by: By) -> Ed25519PrivateKey:
    """The key that signs: that of the file, which is made if nothing was signed here before.

    Raises SettingsRefused for a file that cannot be read or written, and ChangeRefused for one that is not there
    although this installation has signed, or whose key was retired.
    """
    with connection.transaction():
        database.lock_keys(connection)
        own = {key.key_id: key for key in database.list_keys(connection) if key.own}
        if not path.exists():
            current = next((key for key in own.values() if key.retired_at is None), None)
            if current is not None:
                raise ChangeRefused(_lost(path, current))
            key = _made(path)
        else:
            key = read_key(path)
        public = public_bytes(key.public_key())
        known = own.get(key_id_of(public))
        if known is not None and known.retired_at is not None:
            raise ChangeRefused(_retired(path, known))
        if known is None:
            _note(connection, public, by, Action.SIGNING_KEY_ROTATED if own else Action.SIGNING_KEY_MADE)
    return key


def rotate_key(connection: Database, path: Path, by: By) -> Key:
    """Make a new key that signs from now on; what the old one signed stays valid.

    The private part of the old one is gone. Raises SettingsRefused for a folder that cannot be written to.
    """
    beside = path.with_name(f"{path.name}.new")
    with connection.transaction():
        database.lock_keys(connection)
        before = any(key.own for key in database.list_keys(connection))
        beside.unlink(missing_ok=True)
        public = public_bytes(_made(beside).public_key())
        _note(connection, public, by, Action.SIGNING_KEY_ROTATED if before else Action.SIGNING_KEY_MADE)
        os.replace(beside, path)  # noqa: PTH105  the one word for it that replaces
    return next(key for key in database.list_keys(connection) if key.key_id == key_id_of(public))


def _note(connection: Database, public: bytes, by: By, action: Action) -> None:
    database.add_key(connection, key_id_of(public), public)
    after = {"key": key_id_of(public), "public_key": public.hex(), "at": datetime.now(UTC).isoformat()}
    audit.append(connection, by.entry(action, key_id_of(public), after=after), by.address)


def _made(path: Path) -> Ed25519PrivateKey:
    try:
        return make_key(path)
    except FileExistsError:  # somebody was quicker
        return read_key(path)
    except OSError as error:
        raise SettingsRefused(
            Bilingual(
                f"設定 report.key_file {path} に署名の鍵を作れません({error.strerror})。"
                "書き込めて、消えない場所を指定してください",
                f"setting report.key_file: no signing key can be made at {path} ({error.strerror});"
                " name a place that can be written to and lasts",
            )
        ) from error


def _lost(path: Path, current: Key) -> Bilingual:
    return Bilingual(
        f"署名の鍵 {path} がありません(鍵番号 {current.key_id})。控えを戻すか、noroshi report key rotate で"
        "新しい鍵に替えてください。これまでの署名は有効なままです",
        f"the signing key {path} is not there (key {current.key_id}): restore it from a copy, or make a new one by"
        " `noroshi report key rotate`; earlier signatures stay valid",
    )


def _retired(path: Path, known: Key) -> Bilingual:
    return Bilingual(
        f"署名の鍵 {path}(鍵番号 {known.key_id})は交換済みで、もう使えません。新しい鍵を戻すか、"
        "noroshi report key rotate を実行してください",
        f"the signing key {path} (key {known.key_id}) was retired: restore the newer one, or run"
        " `noroshi report key rotate`",
    )
