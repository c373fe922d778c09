"""What Sparkplug nodes announced survives a restart, on every tier, whichever writer was first."""

from collections.abc import Iterator

import pytest

from ingest.decode.sparkplug.births import Births
from ingest.decode.sparkplug.limits import USUAL
from ingest.decode.sparkplug.session import KEPT_SESSIONS
from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.births import births_when_asked
from ingest.store.batch.writer import Writer
from schemas.certificate import Certificate, Known
from tests.fixtures.database import Database
from tests.store.rows import T0_US, junk

NODE, DEVICE = "Hokuto/edge-1", "Hokuto/edge-1/slope-3"


@pytest.fixture
def writers(database: Database) -> Iterator[tuple[Writer, Writer]]:
    both = [Writer(DatabaseSettings(url=database.url), f"test/{number}", "test") for number in (1, 2)]
    yield both[0], both[1]
    for one in both:
        one.close()


def birth(
    number: int, device: str = "", *, alias: int | None = 2**64 - 1, name: str = "air/temperature"
) -> Certificate:
    event = "DBIRTH" if device else "NBIRTH"
    known = (Known(name, alias, 10, "C", 1_000 + number), Known("no/alias", None, 9, None, None))
    return Certificate(NODE, device, event, number, T0_US + number, 1_000 + number, number % 256, known)


def death(number: int, bd_seq: int) -> Certificate:
    return Certificate(NODE, "", "NDEATH", number, T0_US + number, (T0_US + number) // 1000, bd_seq)


def told(certificate: Certificate) -> MessageRows:
    """A message that said it: what else it said plays no part here."""
    interpreted = junk(repr(certificate).encode(), at_us=certificate.received_us)
    interpreted.certificate = certificate
    return interpreted


def meaning(births: Births, said_ms: int) -> list[str]:
    view = births.view(DEVICE, said_ms, T0_US + 10**9, again=True)
    return [] if view is None else [one.known.name for one in view.by_alias.values()]


def test_births_are_stored_with_their_batch_and_read_again(writers: tuple[Writer, Writer], database: Database) -> None:
    writers[0].write([told(birth(1)), told(birth(2, "slope-3", name="地温/\0℃"))])
    births = births_when_asked(database.connect(), USUAL)
    view = births.view(DEVICE, None, T0_US + 10, again=False)
    assert view is not None
    assert [one.known for one in view.by_alias.values()] == [Known("地温/\ufffd℃", 2**64 - 1, 10, "C", 1_002)]
    assert view.by_name[b"no/alias"].known == Known("no/alias", None, 9, None, None)


def test_which_writer_commits_first_is_of_no_consequence(writers: tuple[Writer, Writer], database: Database) -> None:
    writers[1].write([told(death(30, 20)), told(birth(20)), told(birth(21, "slope-3", name="soil/moisture"))])
    writers[0].write([told(birth(10)), told(birth(11, "slope-3"))])
    births = births_when_asked(database.connect(), USUAL)
    assert meaning(births, 1_015) == ["air/temperature"]
    assert meaning(births, 1_025) == ["soil/moisture"]
    assert births.view(DEVICE, 1_030, T0_US + 40, again=False) is None, "the node is dead"


def test_the_same_birth_again_is_one_birth(writers: tuple[Writer, Writer], database: Database) -> None:
    writers[0].write([told(birth(1))])
    writers[0].write([told(birth(1)._replace(received_us=T0_US + 99))])
    (row,) = database.connect().execute("select count(*), min(received_at) = max(received_at) from sparkplug_session")
    assert row == (1, True)


def test_only_the_last_sessions_of_a_node_are_kept(writers: tuple[Writer, Writer], database: Database) -> None:
    other = birth(1)._replace(node="Hokuto/edge-2")
    writers[0].write([told(other)])
    for number in range(10, 10 + 10 * 3 * KEPT_SESSIONS, 10):
        writers[0].write([told(birth(number)), told(birth(number + 1, "slope-3"))])
    count = "select count(*) filter (where event = 'NBIRTH'), count(*) from sparkplug_session where node = %s"
    connection = database.connect()
    assert connection.execute(count, (NODE,)).fetchone() == (KEPT_SESSIONS, 2 * KEPT_SESSIONS)
    assert connection.execute(count, (other.node,)).fetchone() == (1, 1)
