"""A project worth handing over: two months, every kind of row, a neighbour on the same gateways, awkward texts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from ingest.handover.compare import compare
from ingest.handover.difference import Difference
from ingest.handover.manifest import Manifest, PartEntry, SpanEntry
from ingest.handover.read import bring_in
from ingest.handover.verify import verify
from ingest.handover.write import export
from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from schemas.reading import Quality
from tests.figures.field import Field, jst
from tests.fixtures.database import Database
from tests.handover.papers import freeze_papers
from tests.handover.valley_watch import WATCH
from tests.store.rows import junk, message, reading

NOW = jst(2026, 6, 1, 9)
PAYLOAD = b'\xff\x00quoted " \r\n'
AWKWARD = '茶畑 "第1区",\r\n=1+1〜㐂'
EVERYTHING = SpanEntry()

MIDNIGHT = jst(2026, 5, 1)
"""Between April and May in Japan; in London it is still April."""


def us(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


def fill(database: Database) -> None:
    """Project `tea` with devices a and b and a silent c; project `rice` beside it, which must stay behind."""
    with database.connect(autocommit=False) as connection:
        devices, tea, rice = _register(connection)
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    a, b, stranger = devices
    at = us(MIDNIGHT)
    for batch in (
        [_of(a, tea, at + minute * 60_000_000, minute) for minute in range(-30, 30)],
        [_of(b, tea, at - 86_400_000_000 * 20 + day * 86_400_000_000, day) for day in range(40)],
        [_flagged(b, tea, at + 7), _of(stranger, rice, at, 3)],
        [message(reading(at, 99.5, a), at_us=at + 1, device_id=a, project_id=tea)],  # a conflict
        [message(reading(at + 9, 1.5, a), at_us=at + 9, device_id=a, project_id=tea, refused=2)],
        [_junk(tea, at + 11), junk(b"of nobody", at + 12)],
        [_of(a, tea, at, 0)],  # a duplicate
    ):
        writer.write(batch)
    writer.close()
    with database.connect() as connection:
        _own_quantities(connection, a, tea, rice)
        _foreign_gateway(connection, a)
        _correct(connection, a)
        connection.execute("update quarantine set replayed_at = received_at where part = 2")
        _plan(connection, a, tea, rice)
        _own(connection, a, tea, rice)
        freeze_papers(connection, {"rice": rice, "tea": tea})


def _register(connection: Connection[Any]) -> tuple[tuple[int, int, int], int, int]:
    field = Field(connection)
    connection.execute("update project set granted_on = '2026-04-01', organisation_name = ''")
    a = field.device("a", gateway="hill", name=AWKWARD)
    b = field.device("b", season=("04-15", "09-30"), network="halow")
    field.device("c", enabled=False)
    tea = field.project_id
    connection.execute("update device set dev_eui = '70b3d57ed0000001', latitude = 34.75 where code = 'a'")
    connection.execute(
        "update device set area = '中谷', calm_interval_s = 86400, active_level_m = 1.2 where code = 'a'"
    )
    connection.execute('insert into profile (code, body) values (\'own\', \'{"fields": {"水": "river_level"}}\')')
    connection.execute("update device set profile_id = (select profile_id from profile) where code = 'b'")
    row = connection.execute("insert into project (code, name) values ('rice', '水田') returning project_id").fetchone()
    assert row is not None
    field.project_id = row[0]
    field.network("paddy", "lpwa", "水田網")
    field.gateway("shed", "paddy", "納屋")
    return (a, b, field.device("a", network="paddy")), tea, row[0]


def _of(device: int, project: int, at_us: int, number: int) -> MessageRows:
    row = reading(at_us, 18.0 + number / 7, device)
    return message(row, (at_us, number, device, 37, 1, None), at_us=at_us, device_id=device, project_id=project)


def _flagged(device: int, project: int, at_us: int) -> MessageRows:
    row = (at_us, 42.5, device, 20, 0, int(Quality.RANGE | Quality.CLOCK_AHEAD))
    return message(row, at_us=at_us, device_id=device, project_id=project)


def _junk(project: int, at_us: int) -> MessageRows:
    one = junk(PAYLOAD, at_us, detail=AWKWARD)
    one.project_id = project
    one.quarantined = [one.quarantined[0]._replace(project_id=project)]
    return one


def _own_quantities(connection: Connection[Any], device: int, *projects: int) -> None:
    """Each project measures something of its own, and both call it alike; one calls two states alike, too."""
    for project, unit, states in zip(projects, ("cm", "1"), ('{"静か": 0, "calm": 0, "荒れ": 1}', "{}"), strict=True):
        connection.execute(
            "insert into quantity (of_project_id, code, unit, unit_ja, kind, label_ja, label_en, reject_low,"
            " reject_high, flag_low, flag_high, states) values (%s, 'foam', %s, '', 'state', '泡', 'foam', 0,"
            " 'infinity', 0, 1, %s)",
            (project, unit, states),
        )
    connection.execute(
        "insert into reading (time, value, device_id, quantity_id, channel) select %s, 1, %s, quantity_id, 0"
        " from quantity where of_project_id = %s",
        (MIDNIGHT, device, projects[0]),
    )
    for gateway, kind, at in (("hill", 0, MIDNIGHT), ("hill", 1, MIDNIGHT), ("shed", 1, MIDNIGHT)):
        connection.execute(
            "insert into gateway_event (time, received_at, message_id, gateway_id, kind, online, received, more)"
            """ select %s, %s, 9 + %s, gateway_id, %s, true, 5, '{"温度": 31}' from gateway where code = %s""",
            (at, at, kind, kind, gateway),
        )


def _foreign_gateway(connection: Connection[Any], device: int) -> None:
    """One message of ours was heard best by the neighbour's gateway."""
    connection.execute(
        "update uplink_packed set gateway_id = (select gateway_id from gateway where code = 'shed'),"
        " device_time = '1980-01-06' where device_id = %s and time = %s",
        (device, MIDNIGHT),
    )


def _correct(connection: Connection[Any], device: int) -> None:
    """Decisions about the readings, and how the device was set up."""
    connection.execute(
        "insert into quantity_range (project_id, quantity_id, flag_high)"
        " select project_id, 20, 35 from device where device_id = %s",
        (device,),
    )
    connection.execute(
        "insert into quantity_range (project_id, quantity_id, greatest_per_hour)"
        " select d.project_id, q.quantity_id, 80 from device d, quantity q"
        " where d.device_id = %s and q.code = 'rain_total'",
        (device,),
    )
    connection.execute(
        "insert into device_binding (device_id, quantity_id, channel, mount_height_m, level, sensor, blind_zone_m,"
        ' range_m, bed_m, scale, "offset")'
        " select %s, quantity_id, 0, 6.2, 'river_level', 'radar', 0.15, 12.5, -0.4, 1, 0 from quantity"
        " where code = 'distance'",
        (device,),
    )
    connection.execute(
        "insert into device_binding"
        ' (device_id, quantity_id, channel, valid_from, valid_to, unit, depth_cm, level, scale, "offset") values'
        " (%(a)s, 20, 0, null, '2026-05-01', '[degF]', 10, 'river_level', 1, 0),"
        " (%(a)s, 20, 0, '2026-05-01', null, null, null, 'river_level', 1, -0.5)",
        {"a": device},
    )
    connection.execute(
        "insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official, source,"
        " ref_level, valid_from, valid_to) values"
        " (%(a)s, 52, 0, 1, '市設定基準1', '', 1.2, false, null, null, null, '2026-05-01'),"
        " (%(a)s, 52, 0, 1, '市設定基準1', '', 1.3, false, null, 3, '2026-05-01', null),"
        " (%(a)s, 52, 0, 2, '氾濫危険水位', 'Flood danger level', 2.5, true, '県', 4, null, null)",
        {"a": device},
    )
    connection.execute(
        "insert into correction (kind, device_id, starts, who, why) values"
        " ('annul', %(a)s, '2026-05-10', '係', '故障'), ('annul', %(a)s, null, '係', '誤り')",
        {"a": device},
    )
    connection.execute(
        "update correction set revoked_by = '長', revoked_at = now(), revoked_why = '誤り' where starts is null"
    )


def _own(connection: Connection[Any], device: int, tea: int, rice: int) -> None:
    """Assets of both projects: an old and a new one of a device, a pole, a gateway."""
    connection.execute(
        "update device set airtime_regime = 'B', site_class = 'valley', published = true where device_id = %s",
        (device,),
    )
    connection.execute("update gateway set airtime_regime = 'A' where code = 'hill'")
    connection.execute(
        "insert into asset (project_id, code, name, device_id, unit_price_yen, acquired_on, state, disposed_on, note)"
        " values (%(tea)s, 'a-1', %(awkward)s, %(device)s, 820000, '2026-04-01', 'disposed', '2026-05-01', '雷'),"
        " (%(tea)s, 'a-2', '水位計', %(device)s, 900000, '2026-05-01', 'in_use', null, null),"
        " (%(tea)s, 'p-1', '柱', null, null, null, 'in_use', null, null),"
        " (%(rice)s, 'a-1', '隣', null, null, null, 'in_use', null, null)",
        {"tea": tea, "rice": rice, "device": device, "awkward": AWKWARD},
    )
    connection.execute(
        "insert into asset (project_id, code, name, gateway_id)"
        " select %s, 'g-1', '基地局', gateway_id from gateway where code = 'hill'",
        (tea,),
    )


def _plan(connection: Connection[Any], device: int, tea: int, rice: int) -> None:
    """A plan of both projects, with rows that refer to later ones; `a` stood in the neighbour's paddy before."""
    for project in (rice, tea):  # so that ids are no numbers
        mine = device if project == tea else None
        for statement in (*_PLAN, *WATCH):
            connection.execute(statement.encode(), {"project": project, "device": mine})
    connection.execute("delete from device_placement where device_id = %s", (device,))
    connection.execute(
        "insert into device_placement (device_id, valid_from, valid_to, project_id, network_id, interval_s, area,"
        " enabled) select d.device_id, '-infinity'::timestamptz, '2026-04-10'::timestamptz, n.project_id, n.network_id,"
        " 600, null, true"
        " from device d, network n where d.device_id = %(device)s and n.code = 'paddy'"
        " union all select device_id, '2026-04-10', null, project_id, network_id, interval_s, '第1区', true from device"
        " where device_id = %(device)s",
        {"device": device},
    )


_PLAN = (
    (
        "insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)"
        """ values (%(project)s, 1, '2026-04-01', '係', '', '{"題": "計画", "yen": 100.0, "tiny": 1e-7}', '\\x00ff')"""
    ),
    (
        "insert into measure (project_id, number, fiscal_year, kind, title, owner, due, kpis, devices, state,"
        " entered_by) select %(project)s, 7, 2026, 'improvement', '電池', '係', '2026-09-30', array['patrol_hours'],"
        " array_remove(array[%(device)s::integer], null), 'proposed', '係' from generate_series(1, 1)"
    ),
    (
        "insert into measure (project_id, number, fiscal_year, kind, title, owner, due, state, entered_by)"
        " values (%(project)s, 8, 2027, 'improvement', '次', '係', '2027-09-30', 'proposed', '係')"
    ),
    (
        "update measure m set carried_from = o.measure_id from measure o"
        " where o.project_id = m.project_id and o.number = 8 and m.number = 7"
    ),
    (
        "insert into measure_event (measure_id, project_id, by, before, after)"
        """ select measure_id, project_id, '係', '{}', '{"state": "proposed"}' from measure
    where project_id = %(project)s"""
    ),
    (
        "insert into work_entry (project_id, kind, starts, minutes, device_id, note, measure_id, entered_by,"
        " client_key) select %(project)s, 'battery', '2026-05-02', 30, %(device)s, '=1+1', measure_id, '係',"
        " gen_random_uuid() from measure where project_id = %(project)s and number = 8"
    ),
    (
        "insert into planned_stop (project_id, network_id, starts, ends, reason, entered_by)"
        " select project_id, network_id, '2026-05-03', '2026-05-04', '停電', '係' from network"
        " where project_id = %(project)s order by network_id limit 1"
    ),
    (
        "insert into observation (project_id, code, first_day, last_day, value, unit, source, entered_by)"
        " values (%(project)s, 'damage_yen', '2026-04-01', '2027-03-31', 190000.5, '円', '統計', '係')"
    ),
    (
        "insert into outage (project_id, level, network_id, gateway_id, device_id, starts)"
        " select %(project)s, level, network_id, case level when 'gateway' then gateway_id end, null, '2026-05-05'"
        " from network left join gateway using (network_id), (values ('gateway'), ('network')) as l (level)"
        " where project_id = %(project)s and gateway_id is not null order by level"
    ),
    (
        "update outage o set part_of = n.outage_id from outage n"
        " where n.project_id = o.project_id and n.level = 'network' and o.level = 'gateway'"
    ),
    (
        "insert into outage_change (outage_id, project_id, by, what, before, reason_ja, reason_en)"
        """ select outage_id, project_id, 'service', 'ended', '{"ends": null}', '届いた', 'it came' from outage
    where project_id = %(project)s"""
    ),
    (
        "insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by, software,"
        " reason, body, digest) values (%(project)s, 'month', '2026-04-01', '2026-05-01', 1, '2026-05-10',"
        """ 'service', '1.0', '', '{"rate": 83.60}', '\\x01')"""
    ),
    (
        "insert into plan_review (project_id, kind, first_day, factors, entered_by)"
        " values (%(project)s, 'quarter', '2026-04-01', '改行\nあり', '係')"
    ),
    "insert into plan_cycle (project_id, fiscal_year, closed_by, draft) values (%(project)s, 2026, '係', '{}')",
)
"""One row of everything; a measure and an outage refer to a later one."""


def exported(
    database: Database,
    directory: Path,
    asked: SpanEntry = EVERYTHING,
    *,
    project: str = "tea",
    say: Callable[[PartEntry], None] = lambda _: None,
) -> Manifest:
    """A project as files."""
    return export(database.connect(), project, directory, asked, by="茶園係", now=NOW, say=say)


def brought_in(database: Database, directory: Path) -> None:
    """What the directory holds, verified, into the database."""
    bring_in(database.connect(), directory, verify(directory), lambda _: None)


def compared(database: Database, directory: Path) -> tuple[bool, dict[str, Difference]]:
    """Whether the database has everything, and what was found part by part."""
    found: dict[str, Difference] = {}

    def note(part: PartEntry, difference: Difference) -> None:
        found[part.name] = difference

    complete = compare(database.connect(), directory, verify(directory), note)
    return complete, found


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    return database.connect().execute(query.encode()).fetchall()
