"""A device page with corrections: charts and last values show what counts, a table says who changed that and why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from ingest.store.corrections import CorrectionKind, Wish, correct, revoke
from tests.fixtures.browser import Watched, picture
from tests.fixtures.database import Database
from tests.web.site import visiting, wired

CODE = "local5g-0011"
PAGE = f"/devices/fukuroi/{CODE}"


@pytest.fixture(scope="module")
def corrected(field: Database) -> Iterator[Database]:
    """A weather station with half a day annulled and a thermometer recalibrated by +5; taken back afterwards."""
    now = datetime.now(UTC)
    annul = Wish(
        CorrectionKind.ANNUL,
        "fukuroi",
        CODE,
        "wind_direction",
        None,
        now - timedelta(hours=9),
        now - timedelta(hours=3),
    )
    calibrate = Wish(
        CorrectionKind.RECALIBRATE, "fukuroi", CODE, "air_temperature", None, now - timedelta(days=3), None, 1.02, -0.4
    )
    with field.connect() as connection:
        numbers = [
            correct(connection, annul, "佐藤 花子", "強風で風向計が<回転>したため"),
            correct(connection, calibrate, "森 一郎", "検定器との比較(11月20日)"),
        ]
    yield field
    with field.connect() as connection:
        for number in numbers:
            revoke(connection, number, "test", "over")


def test_the_page_says_who_corrected_what_and_why(corrected: Database) -> None:
    with wired(corrected.url) as dependencies, visiting(dependencies) as client:
        html = client.get(PAGE).text
        for words in (
            "訂正",
            "佐藤 花子",
            "強風で風向計が&lt;回転&gt;したため",
            "補正 ×1.02 −0.4",
            "取り消すまで",
            "無効",
        ):
            assert words in html
        english = client.get(PAGE, params={"lang": "en"}).text
        for words in ("Corrections", "Does not count", "Recalibrated ×1.02 −0.4", "森 一郎"):
            assert words in english


def test_a_device_without_corrections_has_no_such_table(client: httpx.Client) -> None:
    assert "訂正" not in client.get("/devices/fukuroi/halow-0001").text


def test_the_chart_leaves_out_what_does_not_count(corrected: Database, browser_page: Watched, tmp_path: Path) -> None:
    with wired(corrected.url) as dependencies, visiting(dependencies) as client:
        browser_page.page.goto(str(client.base_url) + PAGE)
        browser_page.page.wait_for_load_state("networkidle")
        expect(browser_page.page.get_by_role("heading", name="訂正")).to_be_visible()
        path = picture(browser_page.page, tmp_path, "corrections")
    assert path.stat().st_size > 10_000
    assert browser_page.complaints == []
