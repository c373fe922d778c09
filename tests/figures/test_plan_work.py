"""Sums of the work log and observations of a period, reckoned by hand."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import psycopg
import pytest

from ingest.figures.plan.work import WorkSums, observation_values, work_sums
from schemas.device import NetworkKind
from schemas.japan import JST
from schemas.plan import PlanScope, Season
from schemas.work import Basis, WorkKind

APRIL, MAY, YEAR = date(2026, 4, 1), date(2026, 5, 1), date(2027, 4, 1)
Connection = psycopg.Connection[Any]

SEED = """
insert into project (code, name) values ('tea', '茶畑'), ('rice', '水田');
insert into network (code, project_id, kind, name)
select v.code, p.project_id, v.kind, v.name
from project p join (values ('lora', 'lpwa', 'LoRa 網', 'tea'), ('halow', 'halow', 'HaLow 網', 'tea'),
    ('paddy', 'lpwa', '水田網', 'rice')) v (code, kind, name, project) on v.project = p.code;
insert into gateway (code, network_id, name) select 'gw-' || code, network_id, code from network;
insert into device (project_id, code, network_id, gateway_id, name, interval_s, use, area)
select n.project_id, v.code, n.network_id, g.gateway_id, v.code, 600, v.use, v.area
from (values ('soil-1', 'lora', '農業', '中谷'), ('soil-2', 'halow', '農業', '奥山'), ('river-1', 'lora', '防災', null),
    ('paddy-1', 'paddy', '農業', '中谷')) v (code, network, use, area)
join network n on n.code = v.network join gateway g using (network_id);
"""


@pytest.fixture
def here(connection: Connection) -> Connection:
    connection.execute(SEED.encode())
    return connection


def jst(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=JST)


def work(
    connection: Connection,
    kind: WorkKind,
    starts: datetime,
    minutes: int,
    people: int = 1,
    device: str | None = None,
    *,
    place: str = "",
    km: tuple[float, float] | None = None,
    project: str = "tea",
    voided: str | None = None,
) -> None:
    connection.execute(
        """insert into work_entry (project_id, kind, starts, minutes, people, device_id, place, km_before, km_after,
               entered_by, voided_at)
           select p.project_id, %s, %s, %s, %s, (select device_id from device where code = %s), %s, %s, %s, 'sato', %s
           from project p where p.code = %s""",
        (kind, starts, minutes, people, device, place, *(km or (None, None)), voided, project),
    )


def table(rows: list[WorkSums], level: str) -> dict[str | None, tuple[int, int, float | None]]:
    return {row.key: (row.visits, row.minutes, row.km) for row in rows if row.level == level}


def test_a_year_reckoned_by_hand(here: Connection) -> None:
    work(here, WorkKind.PATROL, jst(APRIL), 30, 2, "soil-1", km=(100.0, 112.5))  # 60 minutes of people, 12.5 km
    work(here, WorkKind.PATROL, jst(date(2026, 4, 30), 23, 59), 20, 1, place="奥山")  # an area by its name alone
    work(here, WorkKind.BATTERY, jst(MAY), 45, 1, "soil-2", km=(7.0, 10.0))
    work(here, WorkKind.MOWING, jst(MAY), 100, 3, place="どこか")
    work(here, WorkKind.REPAIR, jst(MAY), 999, 9, "soil-1", voided="2026-05-02")
    work(here, WorkKind.PATROL, jst(MAY), 999, 9, "paddy-1", project="rice")
    rows = work_sums(here, "tea", APRIL, YEAR)
    assert rows[0].level == "project"
    assert table(rows, "project") == {"": (4, 60 + 20 + 45 + 300, 15.5)}
    assert rows[0].hours == Fraction(425, 60)
    assert rows[0].distances == 2
    assert table(rows, "kind") == {"patrol": (2, 80, 12.5), "battery": (1, 45, 3.0), "mowing": (1, 300, None)}
    assert table(rows, "month") == {"2026-04": (2, 80, 12.5), "2026-05": (2, 345, 3.0)}
    assert table(rows, "area") == {"中谷": (1, 60, 12.5), "奥山": (2, 65, 3.0), None: (1, 300, None)}
    assert table(rows, "network") == {"lora": (1, 60, 12.5), "halow": (1, 45, 3.0), None: (2, 320, None)}
    assert table(rows, "technology") == {"lpwa": (1, 60, 12.5), "halow": (1, 45, 3.0), None: (2, 320, None)}
    assert table(rows, "gateway") == {"gw-lora": (1, 60, 12.5), "gw-halow": (1, 45, 3.0), None: (2, 320, None)}
    assert table(rows, "use") == {"農業": (2, 105, 15.5), None: (2, 320, None)}
    assert table(rows, "device") == {"soil-1": (1, 60, 12.5), "soil-2": (1, 45, 3.0), None: (2, 320, None)}
    assert {row.name for row in rows if row.level == "network"} == {"LoRa 網", "HaLow 網", None}


def test_a_project_without_work_has_zero_visits_and_no_distance(here: Connection) -> None:
    (only,) = work_sums(here, "tea", APRIL, YEAR)
    assert (only.level, only.name, only.visits, only.minutes, only.km) == ("project", "茶畑", 0, 0, None)
    assert work_sums(here, "nowhere", APRIL, YEAR) == []


def test_days_are_days_of_japan(here: Connection) -> None:
    work(here, WorkKind.PATROL, jst(APRIL, 0, 0), 1)  # 31 March in UTC
    work(here, WorkKind.PATROL, jst(APRIL, 0, 0) - timedelta(seconds=1), 10)
    work(here, WorkKind.PATROL, jst(YEAR, 8, 59), 100)  # 31 March in UTC, and the next fiscal year in Japan
    assert table(work_sums(here, "tea", APRIL, YEAR), "project") == {"": (1, 1, None)}
    assert table(work_sums(here, "tea", APRIL, YEAR), "month") == {"2026-04": (1, 1, None)}


def test_a_device_counts_where_it_stood_when_the_work_began(here: Connection) -> None:
    here.execute(
        """update device_placement set valid_to = '2026-05-01+09'
           where device_id = (select device_id from device where code = 'soil-1')"""
    )
    here.execute(
        """insert into device_placement select d.device_id, '2026-05-01+09', null, d.project_id, n.network_id,
               null, '防災', '奥山', 600, null, null, null, null, null, true
           from device d, network n where d.code = 'soil-1' and n.code = 'halow'"""
    )
    work(here, WorkKind.PATROL, jst(date(2026, 4, 30)), 10, device="soil-1")
    work(here, WorkKind.PATROL, jst(MAY, 0), 100, device="soil-1")
    rows = work_sums(here, "tea", APRIL, YEAR)
    assert table(rows, "network") == {"lora": (1, 10, None), "halow": (1, 100, None)}
    assert table(rows, "use") == {"農業": (1, 10, None), "防災": (1, 100, None)}
    assert table(rows, "area") == {"中谷": (1, 10, None), "奥山": (1, 100, None)}


def test_kinds_and_scopes_leave_out_what_they_do_not_name(here: Connection) -> None:
    work(here, WorkKind.PATROL, jst(APRIL), 1, device="soil-1")
    work(here, WorkKind.BATTERY, jst(date(2026, 12, 1)), 10, device="soil-2")
    work(here, WorkKind.PATROL, jst(date(2027, 1, 31)), 100, place="中谷")
    work(here, WorkKind.PATROL, jst(date(2026, 8, 1)), 1000, device="river-1")

    def minutes(*kinds: WorkKind, **scope: Any) -> int:
        return work_sums(here, "tea", APRIL, YEAR, kinds, PlanScope(**scope))[0].minutes

    assert minutes() == 1111
    assert minutes(WorkKind.PATROL) == 1101
    assert minutes(areas=("中谷",)) == 101
    assert minutes(networks=("lora",)) == 1001
    assert minutes(networks=("lora",), uses=("農業",)) == 1
    assert minutes(gateways=("gw-halow",)) == 10
    assert minutes(technologies=(NetworkKind.HALOW,)) == 10
    assert minutes(devices=("soil-1", "river-1")) == 1001
    assert minutes(season=Season(begins="11-01", ends="01-31")) == 110
    assert minutes(season=Season(begins="04-01", ends="08-01")) == 1001


def test_every_level_is_a_naive_sum_over_the_entries(here: Connection) -> None:
    random = Random(16)
    entries: list[tuple[tuple[str | None, ...], int, float | None]] = []
    for _ in range(300):
        kind = random.choice(list(WorkKind))
        starts = jst(APRIL) + timedelta(minutes=random.randrange(-40_000, 565_000))
        minutes, people = random.randrange(1, 300), random.randrange(1, 5)
        device = random.choice([None, "soil-1", "soil-2", "river-1"])
        km = random.choice([None, (10.0, 10.0 + random.randrange(80))])
        voided = random.choice([None, None, "2026-06-01"])
        work(here, kind, starts, minutes, people, device, km=km, voided=voided)
        if voided is None and APRIL <= starts.date() < YEAR:
            keys = (kind.value, f"{starts:%Y-%m}", device)
            entries.append((keys, minutes * people, km[1] - km[0] if km else None))
    rows = work_sums(here, "tea", APRIL, YEAR)
    for level, place in (("kind", 0), ("month", 1), ("device", 2)):
        wanted: dict[str | None, tuple[int, int, float | None]] = {}
        for names, spent, distance in entries:
            visits, total, km_sum = wanted.get(names[place], (0, 0, None))
            if distance is not None:
                km_sum = (km_sum or 0) + distance
            wanted[names[place]] = (visits + 1, total + spent, km_sum)
        assert table(rows, level) == wanted, level


def observe(
    connection: Connection, code: str, first: date, last: date, value: float, voided: str | None = None
) -> None:
    connection.execute(
        """insert into observation (project_id, code, first_day, last_day, value, unit, source, basis, entered_by,
               voided_at)
           select project_id, %s, %s, %s, %s, '円', '農政課調べ', 'estimated', 'sato', %s from project
           where code = 'tea'""",
        (code, first, last, value, voided),
    )


def test_observations_count_if_their_whole_period_is_within(here: Connection) -> None:
    last = YEAR - timedelta(days=1)
    observe(here, "damage_yen", APRIL, last, 120_000)
    observe(here, "damage_yen", APRIL - timedelta(days=1), last, 1)
    observe(here, "damage_yen", APRIL, YEAR, 2)
    observe(here, "damage_yen", MAY, MAY, 3, voided="2026-05-02")
    observe(here, "yield_kg", MAY, MAY, 4)
    (found,) = observation_values(here, "tea", "damage_yen", APRIL, YEAR)
    assert (found.value, found.unit, found.basis, found.source) == (120_000, "円", Basis.ESTIMATED, "農政課調べ")
    assert observation_values(here, "rice", "damage_yen", APRIL, YEAR) == []
