"""検査の前に: what is missing is counted, filtered, linked to the device, and taken as CSV; behind the wall."""

import csv
import io
from pathlib import Path

import httpx
import pytest

from ingest.access.roles import Role
from tests.fixtures.browser import Watched
from tests.web.report.conftest import Bureau

ADDRESS = "/reports/before-inspection"


@pytest.fixture(scope="module")
def ledger(bureau: Bureau) -> Bureau:
    connection = bureau.town.connection
    connection.execute(
        "insert into asset (project_id, code, name, device_id, label_attached_on)"
        " select project_id, 'a-1', '土壌計', min(device_id), '2026-06-01' from device"
        " where project_id = (select project_id from project where code = 'fukuroi') group by project_id"
    )
    connection.execute(
        "insert into asset (project_id, code, name) select project_id, 'p-1', '=柱' from project where code = 'fukuroi'"
    )
    return bureau


def _get(bureau: Bureau, login: str, query: str = "", address: str = ADDRESS) -> httpx.Response:
    town = bureau.town
    with town.browser(town.person(login, town.in_city(Role.VIEWER))) as client:
        return client.get(f"{address}?project=fukuroi{query}", headers={"Accept-Language": "ja"})


def test_what_is_missing_is_counted_and_leads_to_the_device(ledger: Bureau) -> None:
    page = _get(ledger, "insp-all").text
    assert "検査の前に" in page
    assert "資産の行がない" in page
    assert "ラベル貼付日がない 1<" in page
    assert "/devices/fukuroi/" in page


def test_a_filter_shows_the_lines_that_it_counts(ledger: Bureau) -> None:
    page = _get(ledger, "insp-one", "&finding=no_label").text
    assert "p-1" in page
    assert "a-1" not in page
    assert "p-1" not in _get(ledger, "insp-kind", "&kind=土壌計").text
    assert _get(ledger, "insp-odd", "&finding=nonsense").status_code == 200


def test_the_file_has_every_line_and_no_formula(ledger: Bureau) -> None:
    answer = _get(ledger, "insp-csv", address=f"{ADDRESS}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    pole = next(row for row in rows if row["資産番号"] == "p-1")
    assert (pole["ラベル貼付日がない"], pole["技適番号がない"]) == ("○", "")
    assert not pole["品名"].startswith("=")


@pytest.mark.parametrize("width", [1366, 390])
def test_nothing_is_cut_off_on_a_screen_or_a_phone(
    ledger: Bureau, browser_page: Watched, tmp_path: Path, width: int
) -> None:
    town, page = ledger.town, browser_page.page
    with town.browser(town.person(f"insp-{width}", town.in_city(Role.VIEWER))) as client:
        session = next((each.name, each.value or "") for each in client.cookies.jar)
    page.context.add_cookies([{"name": session[0], "value": session[1], "url": town.address}])
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{town.address}{ADDRESS}?project=fukuroi&lang=ja")
    assert page.get_by_role("heading", level=1).inner_text() == "検査の前に"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=str(tmp_path / f"{width}.png"), full_page=True)
    assert (browser_page.complaints, browser_page.foreign(town.address)) == ([], [])
