"""The key that signs: made once, changed on purpose, and never another one by accident."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.access.authority import ChangeRefused
from ingest.errors import SettingsRefused
from ingest.report.order.drafts import kept_document, kept_file
from ingest.report.submission.database import list_keys, read_signature
from ingest.report.submission.keys import make_key, read_key
from ingest.report.submission.signing import digest_of, key_id_of, public_bytes
from ingest.report.submission.using import KeyState, adopt_key, key_in_use, look_at_key, rotate_key
from ingest.report.submission.verify import Finding, check_signature
from ingest.store.database import Database as Connection
from tests.fixtures.database import Database
from tests.report.submission.conftest import FROZEN_AT, ITO, Freeze, one


def id_of(path: Path) -> str:
    return key_id_of(public_bytes(read_key(path).public_key()))


def current(connection: Connection) -> str:
    return str(one(connection, "select key_id from signing_key where own and retired_at is null"))


def test_however_many_ask_at_once_one_key_is_made(office: Database, key_file: Path) -> None:
    """Processes of one machine share the file; each has a connection of its own."""
    connections = [office.connect() for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        keys = list(pool.map(lambda each: key_in_use(each, key_file, ITO), connections))
    assert len({public_bytes(key.public_key()) for key in keys}) == 1
    assert [key.key_id for key in list_keys(connections[0])] == [id_of(key_file)]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert one(connections[0], "select count(*) from audit_entry where action = 'signing_key_made'") == 1


def test_a_second_machine_without_the_file_makes_no_key(office: Database, key_file: Path, tmp_path: Path) -> None:
    here, there = office.connect(), office.connect()
    key_in_use(here, key_file, ITO)
    elsewhere = tmp_path / "other" / "key.pem"
    with pytest.raises(ChangeRefused, match="is not there"):
        key_in_use(there, elsewhere, ITO)
    assert not elsewhere.exists()
    elsewhere.parent.mkdir()
    make_key(elsewhere)
    with pytest.raises(ChangeRefused, match="share one file"):
        key_in_use(there, elsewhere, ITO)
    assert look_at_key(there, elsewhere).state is KeyState.OTHER
    assert current(here) == id_of(key_file)
    elsewhere.write_bytes(key_file.read_bytes())
    assert public_bytes(key_in_use(there, elsewhere, ITO).public_key()) == public_bytes(read_key(key_file).public_key())


def test_a_key_that_was_prepared_is_the_first_one(connection: Connection, key_file: Path) -> None:
    make_key(key_file)
    assert look_at_key(connection, key_file).state is KeyState.NEW
    key_in_use(connection, key_file, ITO)
    assert current(connection) == id_of(key_file)


def test_after_a_rotation_both_keys_verify_what_they_signed(
    connection: Connection, freeze: Freeze, key_file: Path
) -> None:
    first = freeze(7)
    old = id_of(key_file)
    made = rotate_key(connection, key_file, ITO)
    assert (made.key_id, made.own, made.retired_at) == (id_of(key_file), True, None)
    assert made.key_id != old
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [each.name for each in key_file.parent.iterdir()] == [key_file.name]
    second = freeze(8, "訂正", FROZEN_AT + timedelta(days=3))
    sealed = [kept_document(connection, 1, number).sealed for number in (first, second)]
    assert [each and each.key_id for each in sealed] == [old, made.key_id]
    assert {key.key_id: key.retired_at is None for key in list_keys(connection)} == {made.key_id: True, old: False}
    for number in (first, second):
        text = read_signature(connection, 1, number, "json")
        assert text is not None
        sha256 = digest_of(kept_file(connection, 1, number, "json"))
        assert check_signature(sha256, text.text, None).finding is Finding.SIGNED
    noted = "select string_agg(action, ' ' order by entry_id) from audit_entry where action like 'signing_key%%'"
    assert one(connection, noted) == "signing_key_made signing_key_rotated"


def test_a_lost_key_stops_the_freezing_and_says_what_to_do(connection: Connection, key_file: Path) -> None:
    key_in_use(connection, key_file, ITO)
    lost = current(connection)
    key_file.unlink()
    with pytest.raises(ChangeRefused, match=f"key {lost}.*rotate --lost"):
        key_in_use(connection, key_file, ITO)
    with pytest.raises(ChangeRefused, match="is not there"):
        rotate_key(connection, key_file, ITO)
    assert not key_file.exists()
    made = rotate_key(connection, key_file, ITO, lost=True)
    assert current(connection) == made.key_id == id_of(key_file)


def test_a_retired_key_that_comes_back_does_not_sign(connection: Connection, key_file: Path) -> None:
    key_in_use(connection, key_file, ITO)
    copy = key_file.read_bytes()
    rotate_key(connection, key_file, ITO)
    key_file.write_bytes(copy)
    for do in (key_in_use, rotate_key, adopt_key):
        with pytest.raises(ChangeRefused, match="was retired"):
            do(connection, key_file, ITO)


def test_another_key_is_taken_on_purpose_alone(connection: Connection, key_file: Path) -> None:
    key_in_use(connection, key_file, ITO)
    key_file.unlink()
    make_key(key_file)
    with pytest.raises(ChangeRefused, match="is not the one in use"):
        key_in_use(connection, key_file, ITO)
    assert adopt_key(connection, key_file, ITO).key_id == id_of(key_file) == current(connection)
    assert adopt_key(connection, key_file, ITO).key_id == id_of(key_file)  # once more: nothing new
    assert one(connection, "select count(*) from signing_key") == 2
    key_in_use(connection, key_file, ITO)


@pytest.mark.parametrize("mode", [0o644, 0o602, 0o601])
def test_a_key_that_everybody_may_read_does_not_sign(connection: Connection, key_file: Path, mode: int) -> None:
    key_in_use(connection, key_file, ITO)
    key_file.chmod(mode)
    with pytest.raises(SettingsRefused, match="chmod 600"):
        key_in_use(connection, key_file, ITO)
    key_file.chmod(0o440)  # as Kubernetes mounts a secret
    key_in_use(connection, key_file, ITO)


def test_a_place_that_cannot_be_written_to_is_named(connection: Connection) -> None:
    place = Path("/proc/noroshi/key.pem")
    for do in (key_in_use, rotate_key):
        with pytest.raises(SettingsRefused, match=r"report\.key_file: no signing key can be made at /proc/noroshi"):
            do(connection, place, ITO)
    assert one(connection, "select count(*) from signing_key") == 0


def test_root_makes_a_key_that_the_service_can_read(connection: Connection, key_file: Path) -> None:
    """`noroshi report key rotate` as root: the new file belongs to whom the old one, or its folder, belonged."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    key_in_use(connection, key_file, ITO)
    os.chown(key_file, 12345, 12346)
    rotate_key(connection, key_file, ITO)
    assert (key_file.stat().st_uid, key_file.stat().st_gid) == (12345, 12346)
