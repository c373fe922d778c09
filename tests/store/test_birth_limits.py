"""The table of Sparkplug births stays small whatever is announced, and a table that is too large prevents no start."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from ingest.decode.sparkplug.births import Births
from ingest.decode.sparkplug.limits import BirthLimits, weigh
from ingest.decode.sparkplug.session import KEPT_SESSIONS
from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings, Settings
from ingest.settings.sparkplug import SparkplugSettings
from ingest.sparkplug.births import births_at_start
from ingest.store.batch.births import births_to_load, births_when_asked, load_births, trim_births
from ingest.store.batch.writer import Writer
from schemas.certificate import Certificate, Known
from tests.fixtures.database import Database
from tests.store.rows import T0_US, junk

NODE, DEVICE = "Hokuto/edge-1", "Hokuto/edge-1/slope-3"
LIMITS = BirthLimits(devices=4, unregistered=2, node_weight=130, weight_in_all=1_000)

_REGISTER = """
with made as (insert into project (code, name) values ('farm', 'farm') returning project_id),
     net as (insert into network (project_id, code, kind, name) select project_id, 'n', 'other', 'n' from made
             returning network_id, project_id)
insert into device (project_id, network_id, code, name, interval_s, sparkplug_id)
select project_id, network_id, 'slope-' || nth, 'slope', 600, 'Hokuto/edge-1/slope-' || nth
from net, generate_series(3, 6) as nth
"""

# As an attacker leaves it: many births of devices that do not exist, each with many metrics, written by an earlier
# version that counted nothing.
_BLOAT = """
insert into sparkplug_session (node, device, event, message_id, said_ms, received_at, metrics, weight)
select 'Hokuto/edge-1', 'made-up-' || nth, 'DBIRTH', nth, 1000 + nth,
       to_timestamp(%(t0_us)s / 1e6) + nth * interval '1 millisecond', metrics, 4 + %(metrics)s
from generate_series(1000, 999 + %(births)s) as nth,
     (select jsonb_agg(jsonb_build_array('an/invented/metric/' || m, m::text, 10, null, null)) as metrics
      from generate_series(1, %(metrics)s) as m) as made
"""


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    database.connect().execute(_REGISTER)
    one = Writer(DatabaseSettings(url=database.url), "test/1", "test", LIMITS)
    yield one
    one.close()


def birth(number: int, device: str = "", *, metrics: int = 6, name: str = "t") -> Certificate:
    known = tuple(Known(f"{name}/{place}", place + 1, 10, None, None) for place in range(metrics))
    event = "DBIRTH" if device else "NBIRTH"
    return Certificate(NODE, device, event, number, T0_US + number * 1000, 1_000 + number, None, known)


def death(number: int) -> Certificate:
    return Certificate(NODE, "", "NDEATH", number, T0_US + number * 1000, number, number)


def told(certificate: Certificate) -> MessageRows:
    interpreted = junk(repr(certificate).encode(), at_us=certificate.received_us)
    interpreted.certificate = certificate
    return interpreted


def in_table(database: Database) -> tuple[int, int]:
    found = database.connect().execute("select count(*), coalesce(sum(weight), 0) from sparkplug_session").fetchone()
    assert found is not None
    return found[0], found[1]


def names(births: Births, said_ms: int | None, *, again: bool = False) -> set[str] | None:
    view = births.view(DEVICE, said_ms, T0_US + 10**12, again=again)
    return None if view is None else {name.decode().split("/")[0] for name in view.by_name}


def test_what_is_written_says_how_much_it_counts(writer: Writer, database: Database) -> None:
    one = birth(1, metrics=9)
    writer.write([told(one)])
    assert in_table(database) == (1, weigh(one)) == (1, 13)


def test_deaths_and_births_without_end_leave_a_few_rows(writer: Writer, database: Database) -> None:
    for number in range(0, 200, 4):
        writer.write([told(death(number)), told(birth(number + 1, "slope-3")), told(birth(number + 2, f"x-{number}"))])
    rows, weight = in_table(database)
    assert rows <= 2 * KEPT_SESSIONS + LIMITS.unregistered
    assert weight <= LIMITS.node_weight
    assert names(births_when_asked(database.connect(), LIMITS), None) is None


def test_of_a_node_whose_sessions_are_large_the_last_ones_stay(writer: Writer, database: Database) -> None:
    for number in range(10, 200, 10):
        writer.write([told(birth(number, metrics=20, name=f"n{number}"))])
        writer.write([told(birth(number + 1, "slope-3", metrics=20, name=f"d{number}"))])
    rows, weight = in_table(database)
    assert (rows, weight) == (5, 5 * 24)
    births = births_when_asked(database.connect(), LIMITS)
    assert names(births, 1_195, again=True) == {"n190", "d190"}
    assert names(births, 1_185, again=True) == {"n180", "d180"}
    assert names(births, 1_175, again=True) is None


def test_what_a_device_said_before_in_its_session_stays_without_its_metrics(writer: Writer, database: Database) -> None:
    writer.write([told(birth(1, metrics=1, name="n"))])
    for number in range(10, 60, 10):
        writer.write([told(birth(number, "slope-3", metrics=50, name=f"d{number}"))])
    births = births_when_asked(database.connect(), LIMITS)
    assert names(births, 1_055, again=True) == {"n", "d50"}
    assert names(births, 1_045, again=True) == {"n", "d40"}
    assert names(births, 1_035, again=True) is None, "and is not read by what came later"
    assert in_table(database) == (6, 5 + 54 + 54 + 3 * 4)


def test_a_table_that_an_attacker_filled_is_emptied_at_the_start_and_the_registered_devices_stay(
    writer: Writer, database: Database
) -> None:
    writer.write([told(birth(1, metrics=2, name="n")), told(birth(2, "slope-3", name="d"))])
    database.connect().execute(_BLOAT, {"t0_us": T0_US, "births": 400, "metrics": 50})
    settings = Settings(sparkplug=SparkplugSettings(max_devices=4, max_unregistered=2, max_metrics=200))
    with capture_logs() as logs:
        births = births_at_start(database.connect(autocommit=False), settings, trim=True)
    assert [(line["event"], line["rows"]) for line in logs] == [("births_removed", 398)]
    assert in_table(database) == (4, 6 + 10 + 2 * 54)
    assert names(births, None) == {"n", "d"}
    assert births.weight == 6 + 10 + 2 * 54


_BEHIND_NODES = """
with net as (select network_id, project_id from network)
insert into device (project_id, network_id, code, name, interval_s, sparkplug_id)
select project_id, network_id, 'node-' || nth, 'node', 600, 'Hokuto/node-' || nth from net, generate_series(1, 5) as nth
"""
_TWO_SESSIONS = """
insert into sparkplug_session (node, device, event, message_id, said_ms, received_at, bd_seq, metrics, weight)
select 'Hokuto/node-' || nth, device, case device when '' then 'NBIRTH' else 'DBIRTH' end, session * 100 + nth, session,
       to_timestamp(%(t0_us)s / 1e6) + session * interval '1 hour' + place * interval '1 second', session, '[]',
       case when device = '' then 10 when nth = 5 then 190 else 40 end
from generate_series(1, 5) as nth, generate_series(1, 2) as session,
     (values ('', 0), ('a', 1), ('b', 2)) as of_node (device, place)
"""


@pytest.mark.parametrize(
    ("weight_in_all", "kept", "spent"),
    [
        (2_000, {1: 6, 2: 6, 3: 6, 4: 6, 5: 6}, 1_500),
        (900, {1: 5, 2: 5, 3: 4, 4: 4, 5: 3}, 870),
        (560, {1: 3, 2: 3, 3: 3, 4: 3, 5: 2}, 560),
        (200, {1: 2, 2: 2, 3: 2, 4: 1, 5: 1}, 170),
    ],
)
def test_of_all_nodes_no_more_is_read_at_the_start_than_is_kept(
    writer: Writer, database: Database, weight_in_all: int, kept: dict[int, int], spent: int
) -> None:
    """Sessions in force before older ones, and of each the small births of many nodes before the large of one."""
    assert writer
    database.connect().execute(_BEHIND_NODES)
    database.connect().execute(_TWO_SESSIONS, {"t0_us": T0_US})
    read = [certificate for certificate, _ in births_to_load(database.connect(autocommit=False), weight_in_all)]
    by_node = Counter(int(certificate.node[-1]) for certificate in read)
    assert (dict(by_node), weight_of(database, read)) == (kept, spent)
    in_force = [certificate for certificate in read if certificate.bd_seq == 2]
    assert in_force == read or len(in_force) == 15


def test_of_one_node_the_births_of_registered_devices_are_read_before_those_that_are_made_up(
    writer: Writer, database: Database
) -> None:
    writer.write([told(birth(1, metrics=2, name="n")), told(birth(2, "slope-3", metrics=20, name="d"))])
    database.connect().execute(_BLOAT, {"t0_us": T0_US, "births": 40, "metrics": 10})
    read = [one for one, _ in births_to_load(database.connect(autocommit=False), 6 + 24 + 14)]
    assert sorted(one.device for one in read) == ["", "made-up-1039", "slope-3"]


def weight_of(database: Database, read: list[Certificate]) -> int:
    query = "select sum(weight) from sparkplug_session where node = %s and device = %s and message_id = %s"
    found = [database.connect().execute(query, (one.node, one.device, one.message_id)).fetchone() for one in read]
    return sum(row[0] for row in found if row is not None)


def test_loading_a_table_that_is_too_large_takes_no_more_memory_than_the_limits_allow(
    writer: Writer, database: Database
) -> None:
    """What 60 MB of births did to every start. Read as a whole, these few were 14 MB."""
    writer.write([told(birth(1, metrics=2, name="n"))])
    database.connect().execute(_BLOAT, {"t0_us": T0_US, "births": 60, "metrics": 500})
    limits = BirthLimits(node_weight=1_000, weight_in_all=1_000)
    connection = database.connect()
    tracemalloc.start()
    births = load_births(connection, limits)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert births.weight <= 1_000
    assert births.refused_total == 59
    assert births.take_refused()[NODE][0] == 59
    assert peak_bytes < 5 * 2**20


def test_births_of_a_node_that_the_registry_does_not_know_are_not_loaded(writer: Writer, database: Database) -> None:
    writer.write([told(birth(1)), told(birth(2)._replace(node="Hokuto/another"))])
    assert [*load_births(database.connect())._nodes] == [NODE]


def test_rows_another_writer_has_in_hand_are_left_for_the_next_time(writer: Writer, database: Database) -> None:
    writer.write([told(birth(1))])
    database.connect().execute(_BLOAT, {"t0_us": T0_US, "births": 10, "metrics": 1})
    other = database.connect(autocommit=False)
    other.execute("select from sparkplug_session where message_id in (1000, 1001) for update")
    assert trim_births(database.connect(), LIMITS) == 6
    other.rollback()
    assert trim_births(database.connect(), LIMITS) == 2
    assert in_table(database)[0] == 1 + LIMITS.unregistered
