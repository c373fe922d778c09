"""停止: what a reader sees of outages, who may write a cause, and that nobody writes into another town."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from ingest.access.roles import Role
from tests.fixtures.browser import show, watched
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.web.field import FieldSize, sow
from tests.web.test_access_in_a_browser import UNSAID
from tests.web.townhall import Townhall, csrf_of, townhall

NOW = datetime.now(UTC)
INSERT = """
insert into outage (project_id, level, network_id, gateway_id, device_id, part_of, starts, ends, proposed_cause,
    proposed_ja, proposed_en, devices)
values (%(project)s, %(level)s, %(network)s, %(gateway)s, %(device)s, %(part_of)s, %(starts)s, %(ends)s, %(cause)s,
    %(ja)s, %(en)s, %(devices)s)
returning outage_id
"""


@pytest.fixture(scope="module")
def valley(servers: Servers) -> Iterator[Database]:
    """A field of its own, for these tests write into it."""
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection, FieldSize(devices=20, hours=2))
    yield database
    database.drop()


@pytest.fixture(scope="module")
def town(valley: Database) -> Iterator[Townhall]:
    with townhall(valley) as running_town:
        yield running_town


class Written:
    """Outages written by hand: a gateway with two devices in it, a device by itself, and one of the other town."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        rows = connection.execute(
            "select d.device_id, d.code, d.name, d.network_id, d.gateway_id, d.project_id, p.code from device d"
            " join project p using (project_id) order by p.code, d.gateway_id nulls last, d.device_id"
        ).fetchall()
        here = [row for row in rows if row[6] == "fukuroi"]
        there = next(row for row in rows if row[6] == "ina")
        together = [row for row in here if row[4] == here[0][4]][:2]
        self.gateway = self.add(here[0], "gateway", starts=NOW - timedelta(hours=30), ends=NOW - timedelta(hours=6))
        self.parts = [
            self.add(
                row, "device", part_of=self.gateway, starts=NOW - timedelta(hours=30), ends=NOW - timedelta(hours=6)
            )
            for row in together
        ]
        self.device = here[-1]
        self.open = self.add(here[-1], "device", starts=NOW - timedelta(hours=5), cause="battery")
        self.foreign = self.add(there, "device", starts=NOW - timedelta(hours=5))

    def add(self, row: Any, level: str, **columns: Any) -> int:
        """One outage."""
        values = {
            "project": row[5], "level": level, "network": row[3], "gateway": row[4],
            "device": row[0] if level == "device" else None, "part_of": None, "ends": None, "cause": "gateway",
            "ja": "直前に電池が3.1 Vまで下がっていました", "en": "battery fell to 3.1 V before",
            "devices": 1 if level == "device" else 2, **columns,
        }  # fmt: skip
        return int(self._connection.execute(INSERT, values).fetchone()[0])

    def cause(self, number: int) -> Any:
        """The cause, the note and who wrote it."""
        query = "select cause, cause_note, cause_by from outage where outage_id = %s"
        return self._connection.execute(query, (number,)).fetchone()


@pytest.fixture
def written(valley: Database) -> Iterator[Written]:
    connection = valley.connect()
    yield Written(connection)
    connection.execute("set session_replication_role = replica")
    connection.execute("delete from outage_change")
    connection.execute("set session_replication_role = origin")
    connection.execute("update outage set part_of = null")
    connection.execute("delete from outage")


@pytest.fixture(scope="module")
def clerk(town: Townhall) -> Iterator[httpx.Client]:
    person = town.person("outage-clerk", town.in_city(Role.REPORTER))
    with town.browser(person) as client:
        yield client


def test_the_list_has_open_ones_first_and_parts_only_where_asked(clerk: httpx.Client, written: Written) -> None:
    html = clerk.get("/outages?project=fukuroi").text
    assert html.index(f'id="o-{written.open}"') < html.index(f'id="o-{written.gateway}"')
    assert not any(f'id="o-{part}"' in html for part in written.parts)
    assert f'id="o-{written.foreign}"' not in html
    assert "直前に電池が3.1 Vまで下がっていました" in html
    devices = clerk.get("/outages?project=fukuroi&level=device").text
    assert all(f'id="o-{number}"' in devices for number in (*written.parts, written.open))
    only = clerk.get("/outages?project=fukuroi&state=open").text
    assert f'id="o-{written.gateway}"' not in only
    by_cause = clerk.get("/outages?project=fukuroi&cause=battery").text
    assert f'id="o-{written.open}"' in by_cause
    assert f'id="o-{written.gateway}"' not in by_cause
    assert "battery fell to 3.1 V before" in clerk.get("/outages?project=fukuroi&lang=en").text
    clerk.cookies.delete("noroshi_lang")


def test_a_cause_of_a_gateway_is_written_for_what_is_part_of_it(
    clerk: httpx.Client, town: Townhall, written: Written
) -> None:
    own = {"csrf": csrf_of(clerk)}
    assert (
        clerk.post(f"/outages/{written.parts[0]}", data=own | {"cause": "vandalism", "note": "盗難"}).status_code == 303
    )
    answer = clerk.post(f"/outages/{written.gateway}", data=own | {"cause": "power", "note": "落雷で停電"})
    assert answer.headers["location"] == f"/outages/{written.gateway}?done=explained"
    assert written.cause(written.gateway) == ("power", "落雷で停電", "outage-clerk")
    assert written.cause(written.parts[1])[0] == "power"
    assert written.cause(written.parts[0])[:2] == ("vandalism", "盗難")  # somebody said so of this one alone
    shown = clerk.get(f"/outages/{written.gateway}").text
    assert "原因: 停電(落雷で停電)" in shown
    assert town.entries("outage_explained")
    clerk.post(f"/outages/{written.gateway}", data=own | {"cause": "", "note": ""})
    assert written.cause(written.gateway) == (None, None, None)


def test_many_are_explained_at_once_and_mistakes_are_told(clerk: httpx.Client, written: Written) -> None:
    own = {"csrf": csrf_of(clerk), "project": "fukuroi"}
    none = clerk.post("/outages", data=own | {"cause": "device"})
    assert none.status_code == 422
    assert "停止を一つ以上選んでください" in none.text
    unsaid = clerk.post("/outages", data=own | {"outage": str(written.open)})
    assert unsaid.status_code == 422
    done = clerk.post("/outages", data=own | {"cause": "weather", "outage": [str(written.open), str(written.gateway)]})
    assert done.status_code == 303
    assert {written.cause(number)[0] for number in (written.open, written.gateway, *written.parts)} == {"weather"}


def test_who_may_not_write_and_what_is_of_others_stays(clerk: httpx.Client, town: Townhall, written: Written) -> None:
    own = {"csrf": csrf_of(clerk), "cause": "device"}
    assert clerk.post(f"/outages/{written.foreign}", data=own).status_code == 404
    assert clerk.get(f"/outages/{written.foreign}").status_code == 404
    both = own | {"project": "fukuroi", "outage": [str(written.open), str(written.foreign)]}
    assert clerk.post("/outages", data=both).status_code == 404
    assert written.cause(written.open)[0] is None
    viewer = town.person("outage-viewer", town.in_city(Role.VIEWER))
    with town.browser(viewer) as client:
        assert 'action="/outages"' not in client.get("/outages?project=fukuroi").text
        refused = client.post(f"/outages/{written.open}", data={"csrf": csrf_of(client), "cause": "device"})
        assert refused.status_code == 403
    assert written.cause(written.open)[0] is None


def test_the_file_has_the_list(clerk: httpx.Client, written: Written) -> None:
    answer = clerk.get("/outages.csv?project=fukuroi")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["番号"] for row in rows] == [str(written.open), str(written.gateway)]
    assert (rows[0]["推定原因"], rows[0]["原因"], rows[0]["終わり"]) == ("電池", "", "")
    assert rows[1]["長さ(分)"] == str(24 * 60)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_in_a_browser(town: Townhall, written: Written, chromium: Browser, width: int, tmp_path: Any) -> None:
    person = town.person(f"outage-eyes-{width}", town.in_city(Role.REPORTER))
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="ja-JP")
    seen = watched(context)
    seen.page.goto(f"{town.address}{town.link(person)}")
    seen.page.get_by_role("button").first.click()
    for path in (
        "/outages?project=fukuroi",
        f"/outages/{written.gateway}",
        "/outages?project=fukuroi&state=open&cause=duty",
    ):
        seen.page.goto(town.address + path)
        assert seen.page.evaluate(UNSAID) == [], path
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        show(seen.page, tmp_path, f"{width}-{path.count('=')}")
    seen.page.goto(f"{town.address}/outages?project=fukuroi")
    seen.page.locator(f"#o-{written.open} input[type=checkbox]").check()
    seen.page.locator("#bulk select").select_option("power")
    seen.page.locator("#bulk button").click()
    expect(seen.page.locator(f"#o-{written.open}")).to_contain_text("停電")
    assert seen.complaints == []
    context.close()
