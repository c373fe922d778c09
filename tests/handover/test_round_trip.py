"""Out of one database, into another of whatever tier: nothing is missing, nothing is added."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import CallRefused
from ingest.handover.database.rows import identity
from ingest.handover.manifest import SpanEntry
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.handover.rewriting import aged
from tests.handover.valley import MIDNIGHT, PAYLOAD, brought_in, compared, exported, fill, rows, us
from tests.store.rows import message, reading

NewDatabase = Callable[[], Database]


def check(source: Database, target: Database, directory: Path) -> None:
    fill(source)
    manifest = exported(source, directory)
    brought_in(target, directory)
    complete, found = compared(target, directory)
    assert complete
    assert all(each.missing == each.extra == each.different == 0 for each in found.values())
    assert {name: each.same for name, each in found.items()} == {part.name: part.rows for part in manifest.parts}
    assert {name for name, each in found.items() if each.same} >= {
        "project", "network", "gateway", "profile", "device", "quantity", "uplink", "reading", "reading_conflict",
        "quarantine", "tally", "gateway_event", "device_binding", "device_stage", "asset", "device_placement",
        "plan_version", "measure", "measure_event", "work_entry", "planned_stop", "observation", "outage",
        "outage_change", "plan_snapshot", "plan_review", "plan_cycle", "signing_key", "report", "report_file",
        "report_text", "watch_document", "watch_drill", "watch_incident", "watch_event", "watch_delivery",
        "watch_action", "watch_maintenance", "watch_duty", "watch_flag", "watch_airtime",
    }  # fmt: skip


def test_what_any_tier_exports_an_empty_database_has_after_an_import(
    database: Database, any_database: Database, tmp_path: Path
) -> None:
    check(database, any_database, tmp_path / "out")


def test_what_is_exported_any_tier_has_after_an_import(
    database: Database, any_database: Database, tmp_path: Path
) -> None:
    check(any_database, database, tmp_path / "out")


def test_what_refers_to_another_row_refers_to_the_same_after_an_import(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    source, target = new_database(), new_database()
    fill(source)
    target.connect().execute("select setval(pg_get_serial_sequence('measure', 'measure_id'), 500)")
    exported(source, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    assert rows(target, "select min(measure_id), count(*) from measure") == [(501, 2)]
    later = "select o.number from measure m join measure o on o.measure_id = m.carried_from"
    assert rows(target, later) == [(8,)]
    assert rows(target, "select m.number from work_entry join measure m using (measure_id)") == [(8,)]
    whole = "select o.level, w.level from outage o join outage w on w.outage_id = o.part_of"
    assert rows(target, whole) == [("gateway", "network")]
    assert rows(target, "select d.code from measure m join device d on d.device_id = any(m.devices)") == [("a",)]
    stood = (
        "select p.code, valid_from = '-infinity' from device_placement join project p using (project_id)"
        " join device d using (device_id) where d.code = 'a' order by valid_from"
    )
    assert rows(target, stood) == [("rice", True), ("tea", False)]


def test_conditions_of_the_watch_have_the_numbers_of_the_new_database(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    """Drills and incidents refer to the same, and what was on its way, addresses and links stay behind."""
    source, target = new_database(), new_database()
    fill(source)
    for table, column in (("device", "device_id"), ("watch_incident", "incident_id"), ("watch_drill", "drill_id")):
        target.connect().execute(f"select setval(pg_get_serial_sequence('{table}', '{column}'), 700)".encode())
    exported(source, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    named = (
        "select distinct e.subject = 'stage:d' || e.device_id || ':q' || e.quantity_id || ':c0:d1',"
        " i.subject = e.subject, e.device_id > 700 from watch_event e join watch_incident i using (incident_id)"
    )
    assert rows(target, named) == [(True, True, True)]
    drilled = "select (e.details ->> 'drill')::bigint = i.drill_id from watch_event e join watch_incident i"
    assert rows(target, f"{drilled} using (incident_id) where e.origin = 'drill'") == [(True,)]
    sent = "select kind, target, link_digest is null, digest_id is not null from watch_delivery order by delivery_id"
    assert rows(target, sent) == [
        ("mail", "", True, True), ("mqtt", "https://secret", True, False),
        ("mail", "", True, True), ("mqtt", "https://secret", True, False),
    ]  # fmt: skip
    undone = "select m.action from watch_action n join watch_action m on m.watch_action_id = n.about"
    assert rows(target, undone) == [("missed",)]
    transmitters = (
        "select transmitter = coalesce('d:' || device_id, 'g:' || gateway_id), worst_s from watch_airtime order by 2"
    )
    assert rows(target, transmitters) == [(True, 3.5), (True, 12.5)]


def test_what_a_version_before_the_plan_exported_is_brought_in(any_database: Database, copied: Path) -> None:
    """Its devices have no area and one interval, and each stands since ever where it stands."""
    older = aged(copied)
    assert "plan_version" not in {part.name for part in older.parts}
    assert "area" not in copied.joinpath("device.csv").read_text(encoding="utf-8").splitlines()[0]
    brought_in(any_database, copied)
    _, found = compared(any_database, copied)
    # Sums of states are worked out anew: without a calm interval a state is held less long than in these files.
    assert [name for name, each in found.items() if not each.complete] == ["rollup_hourly", "rollup_daily"]
    assert found["device"].same == 3
    stands = (
        "select d.code, d.area, d.calm_interval_s, d.active_level_m, p.valid_from = '-infinity', p.valid_to"
        " from device d left join device_placement p using (device_id) order by d.code"
    )
    assert rows(any_database, stands) == [(code, None, None, None, True, None) for code in "abc"]


def test_a_project_that_has_a_plan_here_is_in_use(new_database: NewDatabase, tmp_path: Path) -> None:
    source, target = new_database(), new_database()
    fill(source)
    exported(source, tmp_path / "out")
    connection = target.connect()
    connection.execute("insert into project (code, name) values ('tea', '茶')")
    connection.execute(
        "insert into plan_version (project_id, number, entered_by, reason, document, digest)"
        " select project_id, 1, '', '', '{}', '' from project"
    )
    with pytest.raises(CallRefused, match="is in use here"):
        brought_in(target, tmp_path / "out")


def test_the_identity_is_exactly_what_it_was(new_database: NewDatabase, tmp_path: Path) -> None:
    source, target = new_database(), new_database()
    fill(source)
    manifest = exported(source, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    assert manifest.identity["stored"] == 103
    assert manifest.identity["readings_conflict"] == 1
    assert identity(target.connect(), "tea") == identity(source.connect(), "tea") == manifest.identity
    figure = "select received, quarantined, readings_unexplained from figure_identity where project = 'tea'"
    assert rows(target, figure) == rows(source, figure)


def test_the_service_goes_on_where_the_other_one_stopped(
    database: Database, any_database: Database, tmp_path: Path
) -> None:
    """A message that the old installation had stored is a duplicate in the new one; a new one is stored."""
    fill(any_database)
    exported(any_database, tmp_path / "out")
    brought_in(database, tmp_path / "out")
    ((device, project),) = rows(
        database,
        "select device_id, project_id from device join project using (project_id)"
        " where device.code = 'a' and project.code = 'tea'",
    )
    at = us(MIDNIGHT)
    again = message(reading(at + 9, 1.5, device), at_us=at + 9, device_id=device, project_id=project)
    fresh = message(reading(at + 99, 2.5, device), at_us=at + 99, device_id=device, project_id=project)
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    total = writer.write([again, fresh]).total
    writer.close()
    assert (total.readings_stored, total.readings_duplicate) == (1, 1)


def test_the_neighbour_stays_behind_but_for_the_gateway_that_heard_us(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    source, target = new_database(), new_database()
    fill(source)
    exported(source, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    assert rows(target, "select code from project order by 1") == [("rice",), ("tea",)]
    assert rows(target, "select code from gateway order by 1") == [("hill",), ("shed",)]
    assert rows(target, "select count(*), count(distinct project_id) from device") == [(3, 1)]
    assert rows(target, "select g.code from uplink join gateway g using (gateway_id)") == [("shed",)]
    assert rows(target, "select count(*) from quarantine where payload = 'of nobody'") == [(0,)]


def test_the_neighbour_may_follow_later(new_database: NewDatabase, tmp_path: Path) -> None:
    """Its name is there already, because its gateway heard us; that does not mean it is in use."""
    source, target = new_database(), new_database()
    fill(source)
    for project in ("tea", "rice"):
        exported(source, tmp_path / project, project=project)
        brought_in(target, tmp_path / project)
    assert rows(target, "select count(*) from reading") == rows(source, "select count(*) from reading")


def test_the_bytes_of_what_was_set_aside_come_along(new_database: NewDatabase, tmp_path: Path) -> None:
    source, target = new_database(), new_database()
    fill(source)
    exported(source, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    assert rows(target, "select payload from quarantine where reason = 'not_json'") == [(PAYLOAD,)]


def test_own_quantities_come_along_by_their_code_and_not_those_of_the_neighbour(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    source, target = new_database(), new_database()
    fill(source)
    target.connect().execute("select setval('own_quantity', 10500)")  # its ids are others
    manifest = exported(source, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    assert [each.unit for each in manifest.quantities if each.code == "foam"] == ["cm"]
    own = "select quantity_id, unit, reject_high, states ->> '荒れ' from quantity where of_project_id is not null"
    assert rows(target, own) == [(10501, "cm", float("inf"), "1")]
    assert rows(target, "select value from reading where quantity_id = 10501") == [(1.0,)]
    assert rows(target, "select name from figure_state_name where quantity_id = 10501 order by value") == [
        ("calm",),
        ("荒れ",),
    ]


def test_a_gateway_comes_with_what_it_said_of_itself_and_the_neighbours_without(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    source, target = new_database(), new_database()
    fill(source)
    exported(source, tmp_path / "out")
    brought_in(target, tmp_path / "out")
    said = "select code, kind, more ->> '温度' from gateway_event join gateway using (gateway_id) order by 2"
    assert rows(target, said) == [("hill", 0, "31"), ("hill", 1, "31")]


def test_a_running_service_hears_of_the_new_devices(new_database: NewDatabase, tmp_path: Path) -> None:
    source, target = new_database(), new_database()
    fill(source)
    exported(source, tmp_path / "out")
    before = rows(target, "select version from registry_state")
    brought_in(target, tmp_path / "out")
    assert rows(target, "select version from registry_state") > before


def test_a_project_in_use_is_refused_and_nothing_is_written(new_database: NewDatabase, tmp_path: Path) -> None:
    source = new_database()
    fill(source)
    exported(source, tmp_path / "out")
    before = rows(source, "select count(*) from uplink")
    with pytest.raises(CallRefused, match="tea"):
        brought_in(source, tmp_path / "out")
    assert rows(source, "select count(*) from uplink") == before


def test_a_code_that_means_something_else_here_is_refused_and_nothing_is_written(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    source, target = new_database(), new_database()
    fill(source)
    exported(source, tmp_path / "out")
    target.connect().execute(
        "with p as (insert into project (code, name) values ('other', '他') returning project_id)"
        " insert into network (code, project_id, kind, name) select 'lora', project_id, 'wifi', '他' from p"
    )
    with pytest.raises(CallRefused, match=r"network lora"):
        brought_in(target, tmp_path / "out")
    assert rows(target, "select code from project") == [("other",)]


def test_a_dev_eui_that_somebody_else_has_here_is_refused(new_database: NewDatabase, tmp_path: Path) -> None:
    source, target = new_database(), new_database()
    fill(source)
    exported(source, tmp_path / "out")
    target.connect().execute(
        "with p as (insert into project (code, name) values ('other', '他') returning project_id), n as ("
        "insert into network (code, project_id, kind, name) select 'net', project_id, 'wifi', '他' from p"
        " returning network_id, project_id)"
        " insert into device (code, project_id, network_id, name, interval_s, dev_eui)"
        " select 'x', project_id, network_id, '他', 600, '70b3d57ed0000001' from n"
    )
    with pytest.raises(CallRefused, match=r"device a"):
        brought_in(target, tmp_path / "out")


def test_what_was_changed_afterwards_is_found(new_database: NewDatabase, tmp_path: Path) -> None:
    source = new_database()
    fill(source)
    exported(source, tmp_path / "out")
    connection = source.connect()
    connection.execute("update reading_packed set amount = -per where time = %s and amount = 18 * per", (MIDNIGHT,))
    connection.execute("delete from quarantine where part = 2")
    connection.execute("insert into tally (hour, project_id, writer) select now(), project_id, 'w' from project")
    complete, found = compared(source, tmp_path / "out")
    assert not complete
    reading_, quarantine, tally = found["reading"], found["quarantine"], found["tally"]
    assert (reading_.different, reading_.missing, reading_.extra) == (1, 0, 0)
    assert reading_.examples[0].key == ("a", "air_temperature", 0, MIDNIGHT)
    assert reading_.examples[0].found is not None
    assert reading_.examples[0].found[4] == -1
    assert (quarantine.missing, quarantine.extra, quarantine.different) == (1, 0, 0)
    assert (tally.missing, tally.extra, tally.different) == (0, 1, 0)


def test_a_span_holds_its_days_in_japan_and_is_compared_with_them_only(
    new_database: NewDatabase, tmp_path: Path
) -> None:
    source = new_database()
    fill(source)
    day = jst(2026, 5, 1).date()
    manifest = exported(source, tmp_path / "out", SpanEntry(first_day=day, last_day=day))
    part = manifest.part("uplink")
    assert part is not None
    assert [file.path for file in part.files] == ["uplink/2026-05.parquet", "uplink/2026-05.csv.gz"]
    assert part.files[0].first == "2026-04-30T15:00:00+00:00"
    expected = "select count(*) from uplink join device using (device_id) join project using (project_id)"
    within = " where project.code = 'tea' and time >= '2026-05-01 00:00+09' and time < '2026-05-02 00:00+09'"
    assert rows(source, expected + within) == [(part.rows,)]
    assert compared(source, tmp_path / "out")[0]


def test_only_one_moment_is_exported(new_database: NewDatabase, tmp_path: Path) -> None:
    """What is committed while the export runs is in none of its files."""
    source = new_database()
    fill(source)
    late = source.connect()

    def meanwhile(_: object) -> None:
        late.execute("insert into tally (hour, project_id, writer) select now(), 1, gen_random_uuid()::text")

    manifest = exported(source, tmp_path / "out", say=meanwhile)
    assert rows(source, "select count(*) from tally where length(writer) > 30")[0][0] > 5
    part = manifest.part("tally")
    assert part is not None
    assert part.rows == 3
