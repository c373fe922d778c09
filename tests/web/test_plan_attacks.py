"""Senders that are quick, stubborn or hostile: each thing is stored once, and the loser is told so."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest

from ingest.access.roles import Role, Scope
from schemas.japan import FiscalYear, now_jst
from tests.fixtures.database import Database
from tests.web.plan import paper
from tests.web.townhall import Townhall, csrf_of, townhall

YEAR = FiscalYear.of(now_jst().date()).year
MEASURE = {"title": "アンテナを高くする", "owner": "佐藤", "due": f"{YEAR}-12-10", "fiscal_year": YEAR}
NUMBER = count()


@pytest.fixture(scope="module")
def town(field: Database) -> Iterator[Townhall]:
    with townhall(field) as running:
        paper.plan(running.connection, YEAR)
        yield running


def reporter(town: Townhall, project: str = "fukuroi") -> int:
    return town.person(f"attack-{next(NUMBER)}", town.in_city(Role.REPORTER, project))


def post(town: Townhall, token: str, path: str, sent: Any, project: str = "fukuroi") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.post(
        f"{town.address}/api/v1/plan/{path}", params={"project": project}, json=sent, headers=headers, timeout=120
    )


def at_once(*sends: Callable[[], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(sends)) as pool:
        return [each.result() for each in [pool.submit(send) for send in sends]]


def number_of_rows(town: Townhall, table: str, where: str, *values: object) -> int:
    row = town.connection.execute(f"select count(*) from {table} where {where}".encode(), values).fetchone()
    return int(row[0])


def test_a_measure_sent_by_several_at_once_is_one_and_its_key_is_of_no_other(town: Townhall) -> None:
    token = town.token(reporter(town), Scope.WORK)
    sent = MEASURE | {"client_key": str(uuid4()), "title": f"同時 {uuid4()}"}
    answers = at_once(*[lambda: post(town, token, "measures", sent)] * 4)
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
    assert len({each.json()["number"] for each in answers}) == 1
    assert number_of_rows(town, "measure", "title = %s", sent["title"]) == 1
    assert post(town, token, "measures", sent | {"owner": "別の人"}).status_code == 422
    moves = f"measures/{answers[0].json()['number']}/moves"
    steps = at_once(*[lambda: post(town, token, moves, {"to": "decided"})] * 3)
    assert [each.status_code for each in steps] == [200] * 3
    assert sorted(each.json()["already"] for each in steps) == [False, True, True]
    other = post(town, token, moves, {"to": "decided", "result": "別の結果"})
    assert (other.status_code, "already" in other.text) == (422, True)


def test_a_key_of_one_city_says_nothing_about_another(town: Townhall) -> None:
    keyed = MEASURE | {"client_key": str(uuid4())}
    ours, theirs = (town.token(reporter(town, code), Scope.WORK) for code in ("fukuroi", "ina"))
    assert post(town, ours, "measures", keyed).status_code == 201
    assert post(town, theirs, "measures", keyed, "ina").status_code == 201
    assert post(town, theirs, "measures", keyed).status_code == 404
    assert post(town, ours, "measures/1/moves", {"to": "decided"}, "ina").status_code == 404
    assert post(town, ours, "measures", keyed, "").status_code == 404
    for scopes in ((Scope.FIGURES,), (Scope.READINGS,)):
        assert post(town, town.token(reporter(town), *scopes), "measures", keyed).status_code == 403
    viewer = town.person(f"attack-{next(NUMBER)}", town.in_city(Role.VIEWER))
    assert post(town, town.token(viewer, Scope.WORK), "measures", keyed).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "\0"}, {"owner": "\x1b"}, {"detail": "\u202e"}, {"title": "\ud800"}, {"kpis": ["\0"]},
        {"kpis": ["k" * 64]}, {"devices": ["\0"]}, {"due": "9999-12-31"}, {"due": "0001-01-01"}, {"cost_yen": 10**30},
        {"quota_used": 1e400},
        {"detail": "字" * 2_001}, {"fiscal_year": 99999}, {"networks": ["no-such"]}, {"figure": "\0"},
        {"state": "done"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused_and_never_breaks(town: Townhall, wrong: dict[str, Any]) -> None:
    title = f"悪い {uuid4()}"
    token = town.token(reporter(town), Scope.WORK)
    answer = httpx.post(
        f"{town.address}/api/v1/plan/measures?project=fukuroi",
        content=_text(MEASURE | {"title": title} | wrong), timeout=120,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 422, answer.text[:300]
    assert number_of_rows(town, "measure", "title = %s", title) == 0


def _text(sent: dict[str, Any]) -> bytes:
    """As JSON in which everything strange is an escape: a half of a pair of surrogates, and a number beyond all."""
    return json.dumps(sent).replace("Infinity", "1e400").encode()


def test_a_step_with_an_impossible_day_or_word_is_refused(town: Townhall) -> None:
    token = town.token(reporter(town), Scope.WORK)
    number = post(town, token, "measures", MEASURE).json()["number"]
    assert post(town, token, f"measures/{number}/moves", {"to": "decided"}).status_code == 200
    for wrong in ({"done_on": "0001-01-01"}, {"note": "\0"}, {"result": "\x1b"}, {"done_on": "9999-12-31"}):
        sent = {"to": "done", "done_on": f"{YEAR}-04-02"} | wrong
        assert post(town, token, f"measures/{number}/moves", sent).status_code == 422, wrong
    assert post(town, token, f"measures/{2**31}/moves", {"to": "decided"}).status_code in (404, 422)


def test_a_body_beyond_all_measure_is_turned_away(town: Townhall) -> None:
    token = town.token(reporter(town), Scope.WORK)
    answer = post(town, token, "measures", MEASURE | {"detail": "x" * 20_000_000})
    assert answer.status_code in (413, 422)


def test_a_button_pressed_twice_enters_one_measure(town: Townhall) -> None:
    with town.browser(reporter(town)) as clerk:
        page = clerk.get("/measures/new?project=fukuroi").text
        key = re.search(r'name="client_key" value="([^"]+)"', page)
        assert key is not None
        title = f"二度押し {uuid4()}"
        form = {
            "csrf": csrf_of(clerk), "project": "fukuroi", "client_key": key[1], "title": title, "owner": "佐藤",
            "due": f"{YEAR}-12-10", "fy": str(YEAR), "kind": "improvement", "figure": "completeness",
            "window_days": "28", "cost_yen": "0",
        }  # fmt: skip
        answers = at_once(*[lambda: clerk.post("/measures/new", data=form)] * 2)
        assert [each.status_code for each in answers] == [303, 303], answers[0].text[-300:]
        assert len({each.headers["location"] for each in answers}) == 1
        assert number_of_rows(town, "measure", "title = %s", title) == 1
        path = answers[0].headers["location"].partition("?")[0]
        step = {"csrf": form["csrf"], "to": "decided"}
        moved = at_once(*[lambda: clerk.post(f"{path}/move", data=step)] * 2)
        assert [each.status_code for each in moved] == [303, 303]
        assert number_of_rows(town, "measure_event", "measure_id = %s", int(path.rsplit("/", 1)[1])) == 2


def test_of_two_changes_of_the_targets_at_once_one_is_kept_and_the_other_is_told(town: Townhall) -> None:
    with town.browser(reporter(town)) as clerk:
        page = clerk.get("/plan/targets?project=fukuroi").text
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
        fields |= {"csrf": csrf_of(clerk), "project": "fukuroi", "do": "store", "reason": "同時の見直し"}
        target = next(name for name in fields if name.startswith("target-arrival"))
        answers = at_once(
            *[lambda value=value: clerk.post("/plan/targets", data=fields | {target: value}) for value in ("81", "82")]
        )
        assert sorted(each.status_code for each in answers) == [303, 409], [each.text[-300:] for each in answers]
    assert number_of_rows(town, "plan_version", "reason = '同時の見直し'") == 1


def test_a_review_pressed_twice_is_one_entry(town: Townhall) -> None:
    with town.browser(reporter(town)) as clerk:
        text = f"要因 {uuid4()}"
        form = {"csrf": csrf_of(clerk), "project": "fukuroi", "kind": "year", "first": f"{YEAR}-04-01",
                "kpi": "arrival", "factors": text}  # fmt: skip
        answers = at_once(*[lambda: clerk.post("/plan/reviews", data=form)] * 3)
        assert [each.status_code for each in answers] == [303] * 3
        for unseen in ("\0", "\x1b", "\u202e"):
            assert clerk.post("/plan/reviews", data=form | {"factors": unseen}).status_code == 422
        assert clerk.post("/plan/reviews", data=form | {"factors": "一行目\r\n二行目"}).status_code == 303
    assert number_of_rows(town, "plan_review", "factors = %s", text) == 1


@pytest.mark.parametrize(
    "path",
    ["/plan/targets", "/plan/reviews", "/plan/reviews/close", "/plan/guide", "/plan/close", "/measures/new",
     "/measures/1/edit", "/measures/1/move", "/work/new", "/work/work/1/void", "/work/stop/1/sign"],
)  # fmt: skip
def test_no_form_is_taken_without_its_secret(town: Townhall, path: str) -> None:
    person = town.person(f"attack-{next(NUMBER)}", town.in_city(Role.OPERATOR))
    with town.browser(person) as clerk:
        for sent in ({}, {"csrf": "wrong"}):
            answer = clerk.post(path, data={"project": "fukuroi", "kind": "year", "first": f"{YEAR}-04-01"} | sent)
            assert answer.status_code == 403, (path, answer.status_code)


def test_a_broken_chain_of_the_audit_log_is_said_on_the_board_and_on_the_page_of_the_log(town: Townhall) -> None:
    town.connection.execute(
        "insert into audit_verdict (verified_at, entries, last_id, last_hash, faults, ja, en)"
        " values (now(), 9, 9, '', 2, '番号 3: 異常', 'entry 3: wrong')"
    )
    try:
        with town.browser(town.person(f"attack-{next(NUMBER)}", town.in_city(Role.ADMIN))) as admin:
            pages = [admin.get(path, params={"lang": "ja"}).text for path in ("/plan?project=fukuroi", "/audit")]
    finally:
        town.connection.execute("delete from audit_verdict")
    assert ["番号 3: 異常" in page for page in pages] == [True, True]
