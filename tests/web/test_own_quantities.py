"""What only one project measures is called by its name everywhere, and two projects may call different things alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from ingest.registry.read import read
from ingest.store.registry import registry
from tests.fixtures.browser import Watched, show
from tests.fixtures.database import Database
from tests.registry.files import base, written
from tests.web.api.asking import ask, every_row, problem
from tests.web.site import visiting, wired

FIELD = """
quantities:
  - {code: well_level, project: agri, label_ja: 井戸水位, label_en: Well level, unit: m,
     reject_low: -100, reject_high: 10}
  - {code: pump, project: agri, label_ja: ポンプ, label_en: Pump, states: {停止: 0, 運転: 1}}
  - {code: turns, project: agri, label_ja: 回転数, unit: "{count}", unit_ja: 回, reject_low: 0, reject_high: 1000}
  - {code: well_level, project: bosai, label_ja: 観測井の深さ, unit: cm, reject_low: 0, reject_high: 9000}
devices:
  - {code: well-1, project: agri, network: lora, name: 井戸1, interval_s: 600}
  - {code: well-1, project: bosai, network: halow, name: 観測井, interval_s: 600}
"""
MEASURED = {
    "agri": {"battery_level": 80.0, "well_level": -12.5, "pump": 1.0, "turns": 7.0},
    "bosai": {"well_level": 1250.0},
}
STEPS = 12


def sow(database: Database, folder: Path) -> None:
    """Two hours of readings of both wells, every ten minutes."""
    connection = database.connect()
    plan = registry.plan(connection, read([base(folder), written(folder, "field.yaml", FIELD)]).document)
    registry.apply(connection, plan)
    now = datetime.now(UTC)
    for step in range(STEPS):
        for number, (project, values) in enumerate(MEASURED.items()):
            at = now - timedelta(minutes=10 * step)
            connection.execute(
                "insert into uplink (time, received_at, message_id, device_id, payload_bytes, kind, offered, refused)"
                " select %(at)s, %(at)s, %(message)s, device_id, 50, 0, %(count)s, 0"
                " from device join project using (project_id) where project.code = %(project)s",
                {"at": at, "message": step * 2 + number, "count": len(values), "project": project},
            )
            for code, value in values.items():
                connection.execute(
                    "insert into reading (time, value, device_id, quantity_id, channel) select %s, %s, device_id,"
                    " quantity_id, 0 from device join project using (project_id), quantity where project.code = %s"
                    " and quantity.code = %s and coalesce(of_project_id, project_id) = project_id",
                    (at, value - step * (code == "well_level"), project, code),
                )


@pytest.fixture
def api(database: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    sow(database, tmp_path)
    with wired(database.url) as deps, visiting(deps) as client:
        client.base_url = client.base_url.join("/api/v1/")
        yield client


@pytest.fixture
def visitor(any_database: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    sow(any_database, tmp_path)
    with wired(any_database.url) as deps, visiting(deps) as client:
        yield client


def test_every_answer_knows_own_quantities_by_label_and_unit(api: httpx.Client) -> None:
    latest = ask(api, "devices/agri/well-1/latest")["latest"]
    assert [(last["quantity"], last["label_ja"], last["unit"], last["state_name"]) for last in latest] == [
        ("battery_level", "電池残量", "%", None),
        ("well_level", "井戸水位", "m", None),
        ("pump", "ポンプ", "1", "運転"),
        ("turns", "回転数", "{count}", None),
    ]
    series = ask(api, "devices/agri/well-1/series", quantity="well_level")
    assert (series["unit"], series["points"][-1]["value"], len(series["points"])) == ("m", -12.5, STEPS)
    body = ask(api, "readings", project="agri", quantity="well_level")
    assert {row["quantity"] for row in body["rows"]} == {"well_level"}
    assert (body["quantities"]["well_level"]["label_ja"], len(body["rows"])) == ("井戸水位", STEPS)
    csv = api.get("readings", params={"project": "agri", "quantity": "pump", "format": "csv", "header": "ja"})
    head, line = csv.text.splitlines()[:2]
    assert ("測定項目" in head, '"ポンプ"' in line, '"pump"' in line) == (True, True, True)


def test_a_code_means_what_the_project_asked_for_calls_so(api: httpx.Client) -> None:
    both = ask(api, "readings", quantity="well_level")
    assert {(row["project"], row["value"] > 0) for row in both["rows"]} == {("agri", False), ("bosai", True)}
    assert {place: text["unit"] for place, text in both["quantities"].items()} == {
        "agri/well_level": "m", "bosai/well_level": "cm",
    }  # fmt: skip
    assert every_row(api, "readings", quantity="well_level", limit=5) == both["rows"]
    one = ask(api, "readings", project="bosai", quantity="well_level")
    assert {place: text["label_ja"] for place, text in one["quantities"].items()} == {"well_level": "観測井の深さ"}
    assert [last["label_ja"] for last in ask(api, "devices/bosai/well-1/latest")["latest"]] == ["観測井の深さ"]
    status, _, detail = problem(api, "devices/bosai/well-1/series", quantity="pump")
    assert (status, detail) == (404, "There is no quantity 'pump' in the catalogue or in a project 'bosai'.")
    assert problem(api, "readings", project="bosai", quantity="pump")[0] == 404


def test_the_list_of_quantities_says_whose_they_are(visitor: httpx.Client) -> None:
    def own(**query: Any) -> set[tuple[str, str]]:
        answer = visitor.get("/api/v1/quantities", params=query).json()["quantities"]
        assert answer[0]["project"] is None
        return {(row["project"], row["quantity"]) for row in answer if row["project"] is not None}

    assert own(project="bosai") == {("bosai", "well_level")}
    assert own() == {("agri", "well_level"), ("agri", "pump"), ("agri", "turns"), ("bosai", "well_level")}
    assert visitor.get("/api/v1/quantities", params={"project": "nobody"}).status_code == 404


def test_the_pages_name_and_draw_own_quantities(visitor: httpx.Client, browser_page: Watched, tmp_path: Path) -> None:
    page, address = browser_page.page, str(visitor.base_url).rstrip("/")
    page.goto(f"{address}/devices/agri/well-1?range=6h")
    titles = page.locator("#charts h3")
    expect(titles).to_have_text(["電池残量 (%)", "井戸水位 (m)", "ポンプ", "回転数 (回)"])
    expect(page.locator("#charts .chart-empty")).to_have_count(0)
    expect(page.locator("#latest li")).to_contain_text(["80 %", "-12.5 m", "運転", "7 回"])
    show(page, tmp_path, "device")
    page.goto(f"{address}/devices/agri/well-1?lang=en")
    expect(titles).to_have_text(["Battery level (%)", "Well level (m)", "Pump", "turns"])
    page.goto(f"{address}/?lang=ja")
    expect(page.locator("main")).to_contain_text("観測井の深さ")
    expect(page.locator("main")).to_contain_text("-12.5 m")
    show(page, tmp_path, "overview")
    assert browser_page.complaints == []
