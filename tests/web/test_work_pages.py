"""The work log over HTTP: what a program may enter, what each role may do, and a file that can be given back."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest

from ingest.access.authority import By
from ingest.access.roles import Role, Scope
from ingest.plan.work.enter import enter_tables
from ingest.plan.work.table import read_table
from tests.fixtures.database import Database
from tests.fixtures.service import eventually
from tests.web.townhall import Townhall, csrf_of, townhall

NUMBERS = count()
WORK = {"kind": "patrol", "starts": "2026-11-24T09:00:00+09:00", "minutes": 30, "note": "=1+1"}
STOP = {"starts": "2026-11-24T09:00:00+09:00", "ends": "2026-11-25T09:00:00+09:00", "reason": "点検"}
SEEN = {
    "code": "damage_yen", "first_day": "2026-04-01", "last_day": "2026-09-30", "value": -1234.5, "unit": "円",
    "source": "農政課",
}  # fmt: skip


@pytest.fixture(scope="module")
def town(field: Database) -> Iterator[Townhall]:
    with townhall(field) as running_town:
        yield running_town


def person(town: Townhall, role: Role = Role.REPORTER) -> int:
    return town.person(f"work-{role}-{next(NUMBERS)}", town.in_city(role))


def post(town: Townhall, token: str, path: str, sent: dict[str, Any], project: str = "fukuroi") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(
        f"{town.address}/api/v1/{path}", params={"project": project}, json=sent, headers=headers, timeout=60
    )


def test_a_program_enters_each_kind_once_and_reads_it_back(town: Townhall) -> None:
    token = town.token(person(town), Scope.WORK)
    for path, sent in (("work", WORK), ("stops", STOP), ("observations", SEEN)):
        keyed = sent | {"client_key": str(uuid4())}
        first, again = post(town, token, path, keyed), post(town, token, path, keyed)
        assert (first.status_code, again.status_code) == (201, 200), first.text
        assert first.json()["number"] == again.json()["number"]
        assert (first.json()["already"], again.json()["already"]) == (False, True)
        other = post(town, token, path, keyed | {next(iter(set(keyed) & {"note", "reason", "source"})): "別のこと"})
        assert other.status_code == 422
        headers = {"Authorization": f"Bearer {token}"}
        rows = httpx.get(f"{town.address}/api/v1/{path}?project=fukuroi&limit=1", headers=headers, timeout=60).json()
        assert rows["project"] == "fukuroi"
        assert rows[path][0]["client_key"] == keyed["client_key"]
        assert "+09:00" in rows[path][0]["entered_at"]


def test_only_the_scope_and_the_role_let_a_program_enter_anything(town: Townhall) -> None:
    reporter = person(town)
    assert post(town, town.token(reporter, Scope.FIGURES, Scope.READINGS), "work", WORK).status_code == 403
    assert post(town, town.token(person(town, Role.VIEWER), Scope.WORK), "work", WORK).status_code == 403
    token = town.token(reporter, Scope.WORK)
    assert post(town, token, "work", WORK, "ina").status_code == 404
    assert post(town, token, "work", WORK, "nowhere").status_code == 404
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("devices", "readings", "projects"):
        assert httpx.get(f"{town.address}/api/v1/{path}", headers=headers, timeout=60).status_code == 403
    assert httpx.post(f"{town.address}/api/v1/work?project=fukuroi", json=WORK, timeout=60).status_code in (401, 403)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "nap"}, "kind"), ({"minutes": 0}, "minutes"), ({"starts": "2026-11-24T09:00:00"}, "starts"),
        ({"starts": "2199-01-01T00:00:00Z"}, "starts"), ({"device": "no-such"}, "device"),
        ({"km_before": 1.0}, "km_after"),
        ({"path": "stops", "starts": "9999-12-31T10:00:00Z", "ends": "9999-12-31T23:00:00Z"}, "ends"),
        ({"path": "observations", "last_day": "9999-12-31"}, "last_day"),
        ({"path": "observations", "value": 1e308}, "value"), ({"path": "observations", "value": False}, "value"),
        ({"colour": "red"}, "colour"), ({"client_key": "x"}, "client_key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_stored(town: Townhall, wrong: dict[str, Any], said: str) -> None:
    token = town.token(person(town), Scope.WORK)
    note = f"{uuid4()}"
    sent: dict[str, dict[str, Any]] = {"work": WORK | {"note": note}, "stops": STOP, "observations": SEEN}
    path = wrong.get("path", "work")
    answer = post(town, token, path, sent[path] | {name: value for name, value in wrong.items() if name != "path"})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert town.connection.execute("select count(*) from work_entry where note = %s", (note,)).fetchone() == (0,)


def test_who_writes_names_the_project(town: Townhall) -> None:
    assert post(town, town.token(person(town), Scope.WORK), "work", WORK, "").status_code == 404


@pytest.mark.parametrize(
    "path", ["/work?until=9999-12-31", "/outages?until=9999-12-31", "/plan/reviews?kind=year&first=0001-01-01"]
)
def test_a_day_that_no_row_can_have_is_a_mistake_of_the_reader(town: Townhall, path: str) -> None:
    with town.browser(person(town, Role.VIEWER)) as browser:
        assert browser.get(path).status_code == 422


def test_a_session_of_a_browser_enters_by_forms_and_never_by_json(town: Townhall) -> None:
    with town.browser(person(town)) as browser:
        assert browser.post("/api/v1/work", params={"project": "fukuroi"}, json=WORK).status_code == 415
        form = {"csrf": csrf_of(browser), "project": "fukuroi", "what": "work", "kind": "patrol",
                "starts": "2026-11-24T09:00", "minutes": "30"}  # fmt: skip
        asked = {"Accept": "application/json"}
        key = str(uuid4())
        first = browser.post("/work/new", data=form | {"client_key": key}, headers=asked).json()
        again = browser.post("/work/new", data=form | {"client_key": key}, headers=asked).json()
        assert (first["already"], again["already"], first["number"]) == (False, True, again["number"])
        refused = browser.post("/work/new", data=form | {"minutes": "x"}, headers=asked)
        assert (refused.status_code, list(refused.json()["faults"])) == (422, ["minutes"])
        page = browser.post("/work/new", data=form | {"minutes": "x"})
        assert page.status_code == 422
        assert 'id="minutes-wrong"' in page.text


def test_only_an_operator_signs_and_a_viewer_enters_and_voids_nothing(town: Townhall) -> None:
    token = town.token(person(town), Scope.WORK)
    number = post(town, token, "stops", STOP).json()["number"]
    for role, path, wanted in (
        (Role.VIEWER, "/work/new", 403), (Role.VIEWER, f"/work/stop/{number}/void", 403),
        (Role.REPORTER, f"/work/stop/{number}/sign", 403), (Role.REPORTER, f"/work/stop/{number}/void", 200),
        (Role.OPERATOR, f"/work/stop/{number}/sign", 200),
    ):  # fmt: skip
        with town.browser(person(town, role)) as browser:
            assert browser.get(path, params={"project": "fukuroi"}).status_code == wanted, (role, path)
            form = {"csrf": csrf_of(browser), "project": "fukuroi", "reason": ""}
            assert browser.post(path, data=form).status_code in ((403,) if wanted == 403 else (422,)), (role, path)


def test_a_stop_of_a_device_that_was_moved_is_none_of_the_whole_project(town: Townhall) -> None:
    reason = f"移設 {uuid4()}"
    token = town.token(person(town), Scope.WORK)
    device = town.connection.execute("select min(code) from device where project_id = (select project_id from project"
                                     " where code = 'fukuroi')").fetchone()  # fmt: skip
    assert device is not None
    assert post(town, token, "stops", STOP | {"device": device[0], "reason": reason}).status_code == 201
    move = "update device set project_id = (select project_id from project where code = %s) where code = %s"
    town.connection.execute(move, ("ina", device[0]))
    try:
        with town.browser(person(town)) as browser:
            asked = {"project": "fukuroi", "what": "stop", "text": reason, "lang": "ja"}
            page, file = browser.get("/work", params=asked).text, browser.get("/work.csv", params=asked).text
    finally:
        town.connection.execute(move, ("fukuroi", device[0]))
    with town.browser(person(town)) as browser:  # for a moment the wall goes by what it knew
        eventually(lambda: "ほかの事業へ移動" not in browser.get("/work.csv", params=asked).text)
    assert "ほかの事業へ移った" in page
    assert "事業全体" not in page
    assert "ほかの事業へ移動" in file


@pytest.mark.parametrize("what", ["work", "stop", "observation"])
def test_the_file_of_the_list_can_be_given_back_and_adds_nothing(town: Townhall, what: str) -> None:
    token = town.token(person(town), Scope.WORK)
    for path, sent in (("work", WORK), ("stops", STOP), ("observations", SEEN)):
        assert post(town, token, path, sent).status_code == 201
    with town.browser(person(town, Role.VIEWER)) as browser:
        answer = browser.get("/work.csv", params={"project": "fukuroi", "what": what})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert ",=1+1" not in answer.text, "no formula"
    table = read_table("again.csv", answer.content)
    assert table.problems == []
    entered, problems = enter_tables(town.connection, By("again"), "fukuroi", [table], dry_run=False)
    assert problems == []
    assert [(each.added, each.already == len(table.news)) for each in entered] == [(0, True)]
    assert table.news
