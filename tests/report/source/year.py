"""A made fiscal year: two networks, a device that moved, one in season, a gauge with stages, money, measures."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from ingest.figures.project import ProjectRef
from schemas.japan import Month
from schemas.quantity import BY_CODE
from tests.figures.field import jst
from tests.figures.watched import Watched, minutes
from tests.fixtures.database import Database
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town

COSTS: tuple[dict[str, Any], ...] = (
    {"kind": "equipment", "capital": True, "fiscal_year": 2026, "yen": 12_000_000, "subsidy_yen": 6_000_000},
    {"kind": "communication", "capital": False, "fiscal_year": 2026, "yen": 1_200_000, "basis": "measured"},
    {"kind": "cloud", "capital": False, "fiscal_year": 2026, "yen": 600_000, "begins": "2026-04-01",
     "covers_months": 60, "source": "契約書第3号"},
)  # fmt: skip
INCOMES: tuple[dict[str, Any], ...] = (
    {"label": "負担金", "kind": "fee", "fiscal_year": 2026, "yen": 300_000, "basis": "measured", "source": "決算"},
    {"label": "見回りの削減", "kind": "saving", "fiscal_year": 2026, "yen": 900_000, "basis": "estimated",
     "source": "作業記録"},
)  # fmt: skip
KPIS: tuple[dict[str, Any], ...] = (
    kpi(),
    kpi("patrol", label="見回り時間", unit="時間", decimals=0, formula="gain", targets={2026: 150},
        baseline={"value": 260, "fiscal_year": 2024, "source": "聞き取り"},
        evidence={"kind": "observation", "code": "patrol_hours"}),
    kpi("no_data", label="収量", unit="kg", decimals=1, evidence={"kind": "observation", "code": "yield"}),
    kpi("stops", label="停止回数", unit="回", decimals=0, formula="limit", targets={2026: 5},
        evidence={"kind": "figure", "figure": "outages"}),
)  # fmt: skip
DAILY = 86_400
KEPT_OF_TEN = 7
"""Of ten messages the lossy device loses the last three."""
FLOOD = 135
"""The day of the year with the high level: 14 August."""
MOVED = jst(2026, 9, 1)
AUGUST = Month(2026, 8)


def reader_of(database: Database) -> Town:
    """The made year once more, only to be read."""
    town = Town.__new__(Town)
    town.connection = database.connect()
    found = town.connection.execute("select project_id, code, name from project").fetchone()
    assert found is not None
    town.project = ProjectRef(*found)
    return town


def fill_year(town: Town, until: datetime | None = None) -> None:
    """Data of the fiscal year 2026, a message a day of each device, with what people entered."""
    field = town.field
    until = until or jst(2027, 4, 1)
    town.connection.execute("update project set granted_on = '2025-06-20', completed_on = '2026-03-20'")
    town.plan(document(*KPIS, costs=COSTS, incomes=INCOMES))
    field.gateway("roof", "halow", "庁舎屋上")
    steady = field.device("tea-1", interval_s=DAILY, gateway="hill", installed_on=date(2026, 3, 1))
    lossy = field.device("tea-2", interval_s=DAILY, gateway="hill", installed_on=date(2026, 3, 1))
    paddy = field.device("paddy", interval_s=DAILY, network="halow", gateway="roof", season=("04-15", "09-30"))
    moved = field.device("mover", interval_s=DAILY, gateway="hill")
    field.device("off", interval_s=DAILY, enabled=False)
    gauge = field.device("river", interval_s=DAILY, network="halow", gateway="roof", name="田川第二")
    field.stage(gauge, 1, "水防団待機水位", 1.0)
    field.stage(gauge, 2, "氾濫注意水位", 2.0)
    days = [day for day in range(365) if jst(2026, 4, 1, 12) + timedelta(days=day) < until]
    _messages(town, (steady, moved), days)
    _messages(town, (lossy,), [day for day in days if day % 10 < KEPT_OF_TEN and not 60 <= day < 75])
    _messages(town, (paddy,), [day for day in days if 14 <= day < 183])
    _messages(town, (gauge,), [day for day in days if day != FLOOD], "river_level", 0.4)
    _messages(town, (gauge,), [day for day in days if day == FLOOD], "river_level", 2.3)
    _move(town, moved)
    _watch_flood(town, gauge)
    town.work("patrol", jst(2026, 5, 10, 9), 90, 2)
    town.observe("patrol_hours", date(2026, 4, 1), date(2027, 3, 31), 168)
    field.tally(jst(2026, 5, 1, 9), stored=53, duplicate=2, readings_offered=55, readings_stored=53,
                readings_duplicate=2)  # fmt: skip


def _messages(
    town: Town, devices: Iterable[int], days: list[int], quantity: str = "air_temperature", value: float = 20.0
) -> None:
    """A message at noon of each of these days of the year, in one statement each."""
    for device in devices:
        values = {"device": device, "days": days, "quantity": BY_CODE[quantity].id, "value": value,
                  "base": jst(2026, 4, 1, 12)}  # fmt: skip
        town.connection.execute(
            "insert into uplink (time, received_at, message_id, device_id, payload_bytes, kind, offered, refused)"
            " select t.at, t.at, 1000000 + %(device)s * 1000 + t.day, %(device)s, 100, 0, 1, 0 from (select d.day,"
            " %(base)s::timestamptz + d.day * interval '1 day' as at from unnest(%(days)s::int[]) d (day)) t",
            values,
        )
        town.connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel)"
            " select %(base)s::timestamptz + d.day * interval '1 day', %(value)s, %(device)s, %(quantity)s, 0"
            " from unnest(%(days)s::int[]) d (day)",
            values,
        )


def _move(town: Town, device: int) -> None:
    """Into the other network in mid-year: its places are written as the registry would have written them then."""
    town.connection.execute(
        "update device set network_id = (select network_id from network where code = 'halow'),"
        " gateway_id = (select gateway_id from gateway where code = 'roof') where device_id = %s",
        (device,),
    )
    town.connection.execute(
        "update device_placement set valid_to = %s where device_id = %s and valid_to is not null", (MOVED, device)
    )
    town.connection.execute(
        "update device_placement set valid_from = %s where device_id = %s and valid_to is null", (MOVED, device)
    )


def _watch_flood(town: Town, gauge: int) -> None:
    """The watch began in April and ran till July of the next year; of the flood in August 田中 was told after 3 s."""
    watch = Watched(town.connection, town.project.project_id)
    watch.document(jst(2026, 4, 1))
    town.connection.execute("insert into watch_run values (%s, %s)", (jst(2026, 4, 3), jst(2027, 7, 1)))
    at = jst(2026, 4, 1, 12) + timedelta(days=FLOOD)
    over = at + timedelta(days=1)
    flood = watch.incident(gauge, at, 2, closed_at=over, mark="true")
    rose = watch.event(flood, gauge, at, 0, 2, value=2.3, name="氾濫注意水位", unit="m")
    watch.event(flood, gauge, over, 2, 0, value=0.4)
    watch.delivery(flood, rose, at + timedelta(seconds=3))
    watch.action(flood, "acknowledge", at + timedelta(seconds=3) + minutes(7), rank=2)
    watch.action(flood, "note", at + minutes(40), note="樋門を閉めた")
    watch.event(None, gauge, at + minutes(1), 0, 1, withdrawn_at=over, withdrawn_ja="流木", withdrawn_en="driftwood")


def know_outages(town: Town, until: datetime) -> None:
    """Outages were looked for until then: one of two weeks that a human explained, one short, one of a gateway."""
    town.connection.execute("update outage_state set seen_until = %s", (until,))
    places = {code: number for number, code in town.connection.execute("select device_id, code from device")}
    long = {
        "level": "device", "device_id": places["tea-2"], "starts": jst(2026, 5, 30, 12), "ends": jst(2026, 6, 15, 12),
        "proposed_cause": "unknown", "cause": "battery", "cause_note": "電池切れ",
    }  # fmt: skip
    short = {
        "level": "device", "device_id": places["tea-1"], "starts": jst(2026, 7, 1, 12), "ends": jst(2026, 7, 1, 20),
        "proposed_cause": "weather", "proposed_ja": "雷",
    }  # fmt: skip
    roof = {
        "level": "gateway", "starts": jst(2026, 11, 3, 12), "ends": jst(2026, 11, 5, 12), "devices": 2,
        "proposed_cause": "gateway", "gateway_id": None,
    }  # fmt: skip
    for values in (long, short):
        add_outage(town, values)
    whole = add_outage(town, roof)
    for device in ("river", "mover"):
        add_outage(town, {**roof, "level": "device", "device_id": places[device], "devices": 1, "part_of": whole})


def add_outage(town: Town, values: dict[str, Any]) -> int:
    """A row of `outage`; the gateway is the one on the roof. Returns its number."""
    columns = {"project_id": town.project.project_id, **values}
    if "gateway_id" in columns:
        found = town.connection.execute("select gateway_id from gateway where code = 'roof'").fetchone()
        assert found is not None
        columns["gateway_id"] = found[0]
    names, places = ", ".join(columns), ", ".join(f"%({name})s" for name in columns)
    query = f"insert into outage ({names}) values ({places}) returning outage_id"
    row = town.connection.execute(query.encode(), columns).fetchone()
    assert row is not None
    return int(row[0])


def add_measure(town: Town, number: int, title: str, state: str, **columns: Any) -> None:
    """An improvement measure of the fiscal year 2026."""
    values = {
        "project_id": town.project.project_id, "number": number, "fiscal_year": 2026, "kind": "improvement",
        "title": title, "owner": "農林課", "due": date(2026, 10, 31), "state": state, "entered_by": "clerk", **columns,
    }  # fmt: skip
    names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    town.connection.execute(f"insert into measure ({names}) values ({places})".encode(), values)
