"""The pages of reports: who may order, what they see of it, and the files they get."""

import re
from itertools import count
from urllib.parse import unquote

import httpx
import pytest

from ingest.access.roles import Role
from schemas.japan import FiscalYear, now_jst
from tests.web.report.conftest import Bureau
from tests.web.townhall import csrf_of

NUMBERS = count()
ORDER = {"project": "fukuroi", "kind": "yearly", "fy": "2026", "month": "", "forms": ["xlsx", "json"]}


def _order(client: httpx.Client, **changed: str | list[str]) -> httpx.Response:
    return client.post("/reports", data=ORDER | {"csrf": csrf_of(client)} | changed)


def _number(client: httpx.Client) -> int:
    found = re.search(r'href="/reports/(\d+)"', client.get("/reports?project=fukuroi").text)
    assert found is not None
    return int(found[1])


def test_a_reporter_orders_a_report_and_takes_its_files(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("sato", town.in_city(Role.REPORTER))) as client:
        assert 'action="/reports"' in client.get("/reports?project=fukuroi").text
        answer = _order(client)
        assert answer.status_code == 303, answer.text
        assert "done=report_ordered" in answer.headers["location"]
        assert "done=report_already" in _order(client).headers["location"]
        waiting = client.get("/reports?project=fukuroi")
        assert "順番待ち" in waiting.text
        assert 'data-refresh="2"' in waiting.text
        bureau.make_all()
        listed = client.get("/reports?project=fukuroi")
        assert 'data-refresh="30"' in listed.text
        number = _number(client)
        shown = client.get(f"/reports/{number}")
        assert "運用状況等報告書" in shown.text
        file = client.get(f"/reports/{number}/files/xlsx")
        assert file.content.startswith(b"PK")
        said = file.headers["content-disposition"]
        assert unquote(said.partition("''")[2]) == "運用状況等報告書_2026年度_fukuroi.xlsx"
        assert 'filename="noroshi-yearly-2026-04-01-fukuroi.xlsx"' in said
        again = client.get(f"/reports/{number}/files/xlsx", headers={"If-None-Match": file.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.get(f"/reports/{number}/files/pdf").status_code == 404
    assert [subject for _, subject in town.entries("report_ordered")] == ["yearly"]
    assert ("sato", "yearly") in town.entries("report_made")


def test_the_year_that_is_over_is_offered_first(bureau: Bureau) -> None:
    town = bureau.town
    over = FiscalYear(FiscalYear.of(now_jst().date()).year - 1)
    with town.browser(town.person("seto", town.in_city(Role.REPORTER))) as client:
        offered = client.get("/reports?project=fukuroi").text
        assert offered.count(f'<option value="{over.year}" selected') == 2  # of one report, and of the whole set


def test_a_viewer_reads_and_orders_nothing_and_others_see_nothing(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("mori", town.in_city(Role.REPORTER))) as client:
        _order(client, fy="2025")
        bureau.make_all()
        number = _number(client)
    with town.browser(town.person("hara", town.in_city(Role.VIEWER))) as client:
        assert 'action="/reports"' not in client.get("/reports?project=fukuroi").text
        assert client.get(f"/reports/{number}").status_code == 200
        assert _order(client).status_code == 403
        csrf = {"csrf": csrf_of(client)}
        assert client.post(f"/reports/{number}/discard", data=csrf).status_code == 403
    with town.browser(town.person("kita", town.in_city(Role.ADMIN, "ina"))) as client:
        csrf = {"csrf": csrf_of(client)}
        assert client.get(f"/reports/{number}").status_code == 404
        assert client.get(f"/reports/{number}/files/json").status_code == 404
        assert client.post(f"/reports/{number}/discard", data=csrf).status_code == 404
        assert _order(client).status_code == 404


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "nothing"}, "kind"), ({"fy": ""}, "fy"), ({"fy": "2099"}, "fy"), ({"forms": "exe"}, "kind"),
        ({"kind": "monthly", "month": ""}, "month"), ({"kind": "monthly", "month": "13"}, "month"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(bureau: Bureau, changed: dict[str, str], field: str) -> None:
    town = bureau.town
    with town.browser(town.person(f"wrong-{next(NUMBERS)}", town.in_city(Role.REPORTER))) as client:
        answer = _order(client, **changed)
        assert answer.status_code == 422
        assert f'href="#{field}"' in answer.text


def test_a_draft_is_thrown_away_by_a_reporter(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("doi", town.in_city(Role.REPORTER))) as client:
        _order(client, kind="monthly", month="11")
        bureau.make_all()
        number = _number(client)
        answer = client.post(f"/reports/{number}/discard", data={"csrf": csrf_of(client)})
        assert answer.status_code == 303
        assert client.get(f"/reports/{number}").status_code == 404
    assert ("doi", "monthly") in town.entries("report_discarded")


def test_open_data_of_april_is_another_order_than_that_of_the_year(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("abe", town.in_city(Role.REPORTER))) as client:
        offered = client.get("/reports?project=fukuroi").text
        assert '<option value="opendata"' in offered
        assert '<option value="opendata.month"' in offered
        for kind in ("opendata", "opendata.month"):
            answer = _order(client, kind=kind, month="4", forms="csv")
            assert "report_ordered" in answer.headers["location"], kind
        bureau.make_all()
        rows = client.get("/api/v1/reports?project=fukuroi").json()["reports"]
        spans = {(row["first_day"], row["last_day"]) for row in rows if row["kind"] == "opendata"}
        assert spans == {("2026-04-01", "2027-03-31"), ("2026-04-01", "2026-04-30")}
