"""A city with a river over its stage, one gauge that cannot be seen, a drill, messages, and a watcher that looks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from ingest.access.roles import Role
from tests.figures.watch_rows import MINUTE, WatchRows
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.web.field import FieldSize, sow
from tests.web.townhall import Townhall, townhall

QUIET = "いま基準に届いているところはありません"
STOPPED = "監視が止まっています"


@dataclass
class WatchedCity:
    """The city of the field that is watched. `numbers`: of its incidents by what they are."""

    town: Townhall
    rows: WatchRows
    gauges: list[str]
    numbers: dict[str, int] = field(default_factory=dict)

    def fill(self) -> None:
        """Everything at once, as in a bad night."""
        rows = self.rows
        numbers = self.numbers
        numbers["river"] = rows.stage(self.gauges[0], 2, 42 * MINUTE, name="氾濫危険水位", value=4.31, threshold=4.2)
        committed = rows.now - 42 * MINUTE
        rows.delivery(numbers["river"], recipient="tanaka", delivered_at=committed + timedelta(seconds=0.8))
        rows.delivery(
            numbers["river"], "hook", "webhook", given_up_at=rows.now, tries=5, failed_ja="接続を断られました",
            failed_en="the connection was refused",
        )  # fmt: skip
        rows.delivery(numbers["river"], "team", "slack", doubt_at=rows.now, tries=1)
        rows.event(
            numbers["river"], 1, 65 * MINUTE, name="氾濫注意水位", name_en="Caution", value=3.1, threshold=3.0, unit="m"
        )
        self.measure(self.gauges[0], 4.31)
        numbers["second"] = rows.stage(self.gauges[1], 1, 8 * MINUTE, value=3.05, threshold=3.0)
        rows.delivery(numbers["second"])
        hidden = rows.device(self.gauges[2])
        numbers["blind"] = rows.incident("blind", f"blind:d{hidden}", 1, 12 * MINUTE, device_id=hidden, hazard="river")
        rows.event(numbers["blind"], 1, 12 * MINUTE)
        drill = rows.drill()
        numbers["drill"] = rows.stage(self.gauges[0], 3, 5 * MINUTE, name="計画高水位", drill=drill)
        rows.maintenance(self.gauges[1])
        rows.document({"people": [{"code": "tanaka", "name": "田中"}], "rules": []})

    def measure(self, device: str, level_m: float) -> None:
        """The level that a gauge measured just now."""
        self.town.connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel) select now(), %s, %s, quantity_id, 0"
            " from quantity where code = 'river_level'", (level_m, self.rows.device(device)),
        )  # fmt: skip


def empty(rows: WatchRows) -> None:
    """Nothing lasts, nothing was ever told, and the watcher looks."""
    rows.connection.execute(
        "truncate watch_incident, watch_event, watch_delivery, watch_action, watch_maintenance, watch_drill,"
        " watch_note, watch_progress, watch_document, watch_selected, watch_duty, watch_push cascade"
    )
    rows.connection.execute("delete from device_stage")
    rows.alive()


@pytest.fixture(scope="module")
def watched_database(servers: Servers) -> Iterator[Database]:
    """A field of its own, for these tests write into it."""
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection, FieldSize(devices=20, hours=2))
    yield database
    database.drop()


@pytest.fixture(scope="module")
def town(watched_database: Database) -> Iterator[Townhall]:
    with townhall(watched_database) as running_town:
        yield running_town


@pytest.fixture
def city(town: Townhall) -> WatchedCity:
    """The city, with nothing at a stage yet; three river gauges and one stage of the registry that none has reached."""
    rows = WatchRows(town.connection, "fukuroi")
    empty(rows)
    found = town.connection.execute(
        "select d.code, d.device_id from device d join project p using (project_id) where p.code = 'fukuroi'"
        " and d.name like '%%河川水位計%%' and d.enabled order by d.device_id limit 3"
    ).fetchall()
    town.connection.execute(
        "insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official)"
        " select %s, quantity_id, 0, 1, '氾濫注意水位', 'Caution', 99, true from quantity where code = 'river_level'",
        (found[0][1],),
    )
    return WatchedCity(town, rows, [code for code, _ in found])


@pytest.fixture(scope="module")
def people(town: Townhall) -> dict[str, int]:
    """Somebody of each role in the city, and an operator of the other one."""
    found = {
        role.value: town.person(f"watch-{role}", town.in_city(role))
        for role in (Role.VIEWER, Role.REPORTER, Role.OPERATOR, Role.ADMIN)
    }
    return found | {"elsewhere": town.person("watch-elsewhere", town.in_city(Role.OPERATOR, "ina"))}


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
