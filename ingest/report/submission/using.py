"""The key that signs now: made at first use, known to the database, exchanged on purpose and never by accident."""

import os
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused
from ingest.errors import SettingsRefused
from ingest.report.submission import database
from ingest.report.submission.database import Key
from ingest.report.submission.keys import is_there, keep_owner, make_key, read_key
from ingest.report.submission.signing import key_id_of, public_bytes
from ingest.store.database import Database
from schemas.bilingual import Bilingual


class KeyState(StrEnum):
    """How the file of the key stands to what the database knows. The names are in the figures of the doctor."""

    NONE_YET = "none_yet"
    """No file, and nothing was signed: it is made when the first report is frozen."""
    NEW = "new"
    """A file that somebody prepared: it becomes the key when the first report is frozen."""
    CURRENT = "current"
    LOST = "lost"
    """No file, although this installation has a key."""
    RETIRED = "retired"
    """The file is that of a key that was exchanged for another."""
    OTHER = "other"
    """Another key than the one in use, as on a second machine that made its own."""
    FOREIGN = "foreign"
    """The key of another installation, whose project was brought in."""


class KeyFile(NamedTuple):
    """The file as it stands. `key_id`: of the key in it; `current`: the id of the key in use. None: there is none."""

    state: KeyState
    private: Ed25519PrivateKey | None
    key_id: str | None
    current: str | None


def look_at_key(connection: Database, path: Path) -> KeyFile:
    """How the file stands. Raises SettingsRefused for one that is no key, or cannot be read."""
    keys = {key.key_id: key for key in database.list_keys(connection)}
    current = next((key.key_id for key in keys.values() if key.own and key.retired_at is None), None)
    if not is_there(path):
        return KeyFile(KeyState.NONE_YET if current is None else KeyState.LOST, None, None, current)
    private = read_key(path)
    key_id = key_id_of(public_bytes(private.public_key()))
    known = keys.get(key_id)
    if known is not None:
        state = KeyState.FOREIGN if not known.own else KeyState.RETIRED if known.retired_at else KeyState.CURRENT
    else:
        state = KeyState.NEW if current is None else KeyState.OTHER
    return KeyFile(state, private, key_id, current)


def key_in_use(connection: Database, path: Path, by: By) -> Ed25519PrivateKey:
    """The key that signs: that of the file, which is made if nothing was signed here before.

    However many processes and machines ask at once, one key is made. Raises SettingsRefused for a file that cannot be
    read or written, and ChangeRefused for any other key than the one in use.
    """
    with connection.transaction():
        database.lock_keys(connection)
        found = look_at_key(connection, path)
        if found.state in WRONG:
            raise ChangeRefused(about_key(path, found))
        key = found.private or _made(path)
        if found.state is not KeyState.CURRENT:
            _note(connection, public_bytes(key.public_key()), by, Action.SIGNING_KEY_MADE)
    return key


def rotate_key(connection: Database, path: Path, by: By, *, lost: bool = False) -> Key:
    """Make a new key that signs from now on; what the old one signed stays valid.

    The private part of the old one is gone. `lost`: the file is not there, or has another key than the one in use.
    Raises ChangeRefused for such a file otherwise, and SettingsRefused for a folder that cannot be written to.
    """
    beside = path.with_name(f"{path.name}.new")
    with connection.transaction():
        database.lock_keys(connection)
        if not lost:
            found = look_at_key(connection, path)
            if found.state in WRONG:
                raise ChangeRefused(about_key(path, found))
        before = any(key.own for key in database.list_keys(connection))
        public = public_bytes(_made(beside, anew=True).public_key())
        keep_owner(beside, path)
        _note(connection, public, by, Action.SIGNING_KEY_ROTATED if before else Action.SIGNING_KEY_MADE)
        os.replace(beside, path)  # noqa: PTH105  the one word for it that replaces
    return _key(connection, public)


def adopt_key(connection: Database, path: Path, by: By) -> Key:
    """Take the key of the file as the one that signs from now on: one that was prepared elsewhere.

    Raises SettingsRefused for a file that is no key, and ChangeRefused for a key that was retired, or is of another
    installation.
    """
    with connection.transaction():
        database.lock_keys(connection)
        found = look_at_key(connection, path)
        if found.private is None or found.state in {KeyState.RETIRED, KeyState.FOREIGN}:
            raise ChangeRefused(about_key(path, found))
        public = public_bytes(found.private.public_key())
        if found.state is not KeyState.CURRENT:
            first = found.current is None
            _note(connection, public, by, Action.SIGNING_KEY_MADE if first else Action.SIGNING_KEY_ROTATED)
    return _key(connection, public)


def _key(connection: Database, public: bytes) -> Key:
    return next(key for key in database.list_keys(connection) if key.key_id == key_id_of(public))


def _note(connection: Database, public: bytes, by: By, action: Action) -> None:
    database.add_key(connection, key_id_of(public), public)
    after = {"key": key_id_of(public), "public_key": public.hex(), "at": datetime.now(UTC).isoformat()}
    audit.append(connection, by.entry(action, key_id_of(public), after=after), by.address)


def _made(path: Path, *, anew: bool = False) -> Ed25519PrivateKey:
    try:
        if anew:
            path.unlink(missing_ok=True)
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


WRONG = (KeyState.LOST, KeyState.RETIRED, KeyState.OTHER, KeyState.FOREIGN)
"""With a file that stands so nothing is signed."""


def about_key(path: Path, found: KeyFile) -> Bilingual:
    """What is to be said of a file of the key that is not the one in use."""
    said, values = _ABOUT[found.state], {"path": path, "key": found.key_id, "current": found.current}
    return Bilingual(said.ja.format(**values), said.en.format(**values))


_ABOUT = {
    KeyState.NONE_YET: Bilingual(
        "署名の鍵 {path} はまだありません。最初に確定するときに作ります",
        "there is no signing key {path} yet: it is made when the first report is frozen",
    ),
    KeyState.NEW: Bilingual(
        "署名の鍵 {path}(鍵番号 {key})は、最初に確定するときから使います",
        "the signing key {path} (key {key}) is used from the first freezing on",
    ),
    KeyState.CURRENT: Bilingual("署名の鍵 {path}(鍵番号 {key})", "signing key {path} (key {key})"),
    KeyState.LOST: Bilingual(
        "署名の鍵 {path} がありません(鍵番号 {current})。控えを戻すか、noroshi report key rotate --lost で"
        "新しい鍵に替えてください。これまでの署名は有効なままです",
        "the signing key {path} is not there (key {current}): restore it from a copy, or make a new one by"
        " `noroshi report key rotate --lost`; earlier signatures stay valid",
    ),
    KeyState.RETIRED: Bilingual(
        "署名の鍵 {path}(鍵番号 {key})は交換済みで、もう使えません。使用中の鍵 {current} を戻すか、"
        "noroshi report key rotate --lost を実行してください",
        "the signing key {path} (key {key}) was retired: restore the key in use, {current}, or run"
        " `noroshi report key rotate --lost`",
    ),
    KeyState.OTHER: Bilingual(
        "署名の鍵 {path}(鍵番号 {key})は、使用中の鍵 {current} ではありません。複数の機械で動かすときは、"
        "同じ鍵のファイルを置いてください。この鍵に替えるときは noroshi report key adopt を実行してください",
        "the signing key {path} (key {key}) is not the one in use, {current}. Machines of one installation share one"
        " file: copy it. To change to this key, run `noroshi report key adopt`",
    ),
    KeyState.FOREIGN: Bilingual(
        "署名の鍵 {path}(鍵番号 {key})は、引き継いだ事業に前の設置が署名した鍵です。ここでは使えません。"
        "noroshi report key rotate --lost で、この設置の鍵を作ってください",
        "the signing key {path} (key {key}) came with a project: another installation signed with it. Make one of"
        " this installation by `noroshi report key rotate --lost`",
    ),
}
