"""Pages of rows: complete, in order, and the same whatever is stored while somebody turns them."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from schemas.quantity import BY_CODE
from tests.fixtures.database import Database
from tests.web.api.asking import NOVEMBER, ask, every_row, problem
from tests.web.api.conftest import HOURS

HELD_HOURS = 4 * (HOURS // 10)
"""A state that is told every tenth hour holds for three, and a little into the fourth: those have sums too."""


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row["project"], row["device"], BY_CODE[row["quantity"]].id, row["channel"], row["time"])


def test_pages_join_to_every_row_in_order_without_gap_or_overlap(api: httpx.Client) -> None:
    rows = every_row(api, "/readings", project="tea", limit=97, **NOVEMBER)
    assert len(rows) == 3 * HOURS + HOURS // 10
    assert [key(row) for row in rows] == sorted({key(row) for row in rows})
    assert rows == ask(api, "/readings", project="tea", limit=10_000, **NOVEMBER)["rows"]


def test_a_page_that_ends_with_a_series_or_with_everything_loses_nothing(api: httpx.Client) -> None:
    body = ask(api, "/readings", project="tea", device="tea-1", limit=HOURS, **NOVEMBER)
    assert {(row["quantity"], row["channel"]) for row in body["rows"]} == {("air_temperature", 0)}
    rows = every_row(api, "/readings", project="tea", limit=HOURS, **NOVEMBER)
    assert len(rows) == 3 * HOURS + HOURS // 10
    whole = ask(api, "/readings", project="tea", limit=len(rows), **NOVEMBER)
    assert (whole["next_cursor"], whole["next"]) == (None, None)


def test_what_is_stored_between_two_pages_moves_no_row_of_the_second(api: httpx.Client, tea: Database) -> None:
    question = {"project": "tea", "device": "tea-1", "quantity": "rain_total", "limit": 10, **NOVEMBER}
    first = ask(api, "/readings", **question)
    second = ask(api, "/readings", cursor=first["next_cursor"], **question)
    connection = tea.connect()
    before = datetime.fromisoformat(first["rows"][0]["time"]) + timedelta(minutes=1)
    insert = (
        "insert into reading select %s, 0.5, device_id, %s, 0, null from device join project using (project_id)"
        " where device.code = 'tea-1' and project.code = 'tea'"
    )
    connection.execute(insert, (before, BY_CODE["rain_total"].id))
    try:
        assert ask(api, "/readings", cursor=first["next_cursor"], **question) == second
        assert ask(api, "/readings", **question)["rows"] != first["rows"]
    finally:
        connection.execute("delete from reading where time = %s", (before,))


def test_a_row_says_who_what_when_and_the_page_says_in_which_unit(api: httpx.Client) -> None:
    body = ask(api, "/readings", project="tea", device="tea-1", limit=6, **NOVEMBER)
    assert body["rows"][5] == {
        "project": "tea", "device": "tea-1", "quantity": "air_temperature", "channel": 0,
        "time": "2026-11-01T05:00:00+09:00", "value": 10.5, "flags": ["range", "clamped"],
    }  # fmt: skip
    assert body["quantities"] == {
        "air_temperature": {
            "unit": "Cel", "unit_ja": "℃", "label_ja": "気温", "label_en": "Air temperature", "kind": "gauge",
            "states": {},
        }
    }  # fmt: skip
    assert (body["from"], body["to"]) == ("2026-11-01T00:00:00+09:00", "2026-12-01T00:00:00+09:00")


def test_a_day_begins_at_midnight_in_japan_and_the_end_is_outside(api: httpx.Client) -> None:
    question = {"project": "tea", "device": "tea-1", "quantity": "rain_total"}
    rows = ask(api, "/readings", **question, from_="2026-11-03", to="2026-11-04")["rows"]
    assert [row["time"][11:13] for row in rows] == [f"{hour:02d}" for hour in range(24)]
    utc = ask(api, "/readings", **question, from_="2026-11-02T15:00:00Z", to="2026-11-03T15:00:00Z")["rows"]
    assert utc == rows


def test_channel_quantity_and_device_narrow_the_rows_and_may_be_several(api: httpx.Client) -> None:
    rows = ask(api, "/readings", project="tea", channel=1, limit=10_000, **NOVEMBER)["rows"]
    assert {(row["quantity"], row["channel"]) for row in rows} == {("air_temperature", 1)}
    both = every_row(
        api, "/readings", project="tea", device=["tea-2", "tea-1"], quantity=["rain_total", "trap_state"],
        limit=300, **NOVEMBER,
    )  # fmt: skip
    assert {(row["device"], row["quantity"]) for row in both} == {("tea-1", "rain_total"), ("tea-2", "trap_state")}
    assert len(both) == HOURS + HOURS // 10


def test_the_same_code_in_another_project_is_another_device(api: httpx.Client) -> None:
    rows = ask(api, "/readings", project="rice", device="tea-1", **NOVEMBER)["rows"]
    assert [(row["project"], row["quantity"], row["value"]) for row in rows] == [("rice", "river_level", 1.25)]
    assert {row["project"] for row in every_row(api, "/readings", limit=700, **NOVEMBER)} == {"tea", "rice"}


def test_a_cursor_carries_the_period_of_its_first_page(api: httpx.Client) -> None:
    first = ask(api, "/readings", project="tea", limit=5, **NOVEMBER)
    following = ask(api, "/readings", project="tea", limit=5, cursor=first["next_cursor"])
    assert following["from"] == first["from"]
    assert following["to"] == first["to"]
    assert len(following["rows"]) == 5


def test_the_link_header_says_what_the_body_says(api: httpx.Client) -> None:
    answer = api.get("/readings", params={"project": "tea", "limit": 5, **NOVEMBER})
    assert answer.links["next"]["url"] == answer.json()["next"]
    assert "link" not in api.get("/readings", params={"project": "tea", "device": "tea-3", **NOVEMBER}).headers


def test_messages_come_with_their_radio_link_and_what_became_of_their_readings(api: httpx.Client) -> None:
    rows = every_row(api, "/uplinks", project="tea", limit=101, **NOVEMBER)
    assert len(rows) == HOURS + HOURS // 10
    first = rows[0]
    assert (first["gateway"], first["rssi_dbm"], first["kind"], first["offered"]) == ("hill", -92.4, "uplink", 2)
    assert len({row["message_id"] for row in rows}) == len(rows)
    assert rows[-1]["refused"] == 1


@pytest.mark.parametrize(
    ("path", "column", "first", "count"),
    [
        ("/readings/hourly", "hour", "2026-11-01T00:00:00+09:00", 3 * HOURS + HELD_HOURS),
        ("/readings/daily", "day", "2026-11-01", 4 * HOURS // 24),
        ("/uplinks/hourly", "hour", "2026-11-01T00:00:00+09:00", HOURS + HOURS // 10),
        ("/uplinks/daily", "day", "2026-11-01", 2 * HOURS // 24),
    ],
)
def test_rollups_are_paged_like_single_rows(api: httpx.Client, path: str, column: str, first: str, count: int) -> None:
    rows = every_row(api, path, project="tea", limit=37, **NOVEMBER)
    assert len(rows) == count
    assert rows[0][column] == first
    assert rows == ask(api, path, project="tea", limit=10_000, **NOVEMBER)["rows"]


def test_a_day_is_in_a_period_in_which_it_begins(api: httpx.Client) -> None:
    question = {"project": "tea", "device": "tea-1", "quantity": "rain_total"}
    rows = ask(api, "/readings/daily", **question, from_="2026-11-03T00:00:01+09:00", to="2026-11-06")["rows"]
    assert [row["day"] for row in rows] == ["2026-11-04", "2026-11-05"]
    assert rows[0]["count"] == 24
    assert rows[0]["maximum"] == 95.0


def test_what_counts_is_read_unless_the_measured_is_asked_for(api: httpx.Client, tea: Database) -> None:
    connection = tea.connect()
    question = {"project": "tea", "device": "tea-2", "limit": 1, **NOVEMBER}
    assert ask(api, "/readings", **question)["counted"] is True
    connection.execute(
        "insert into correction (kind, device_id, ends, who, why)"
        " select 'annul', device_id, '2026-11-01 01:00+09', 'test', 'the first was a trial' from device"
        " where code = 'tea-2'"
    )
    try:
        assert ask(api, "/readings", **question)["rows"][0]["value"] == 1
        assert ask(api, "/readings", counted="false", **question)["rows"][0]["value"] == 0
    finally:
        connection.execute(
            "update correction set revoked_by = 'test', revoked_at = now(), revoked_why = 'the test is over'"
        )


@pytest.mark.parametrize(
    ("query", "status", "kind", "said"),
    [
        ({"project": "nowhere"}, 404, "not-found", "no project 'nowhere'"),
        ({"project": "tea", "device": ["tea-1", "tea-9"]}, 404, "not-found", "no device 'tea-9'"),
        ({"quantity": "happiness"}, 404, "not-found", "no quantity 'happiness'"),
        ({"device": "tea-1"}, 422, "bad-question", "give project as well"),
        ({"from": "2026-11-24T09:00:00"}, 422, "bad-question", "2026-11-24T09:00:00+09:00 for Japan"),
        ({"from": "yesterday"}, 422, "bad-question", "2026-11-24 for a day in Japan"),
        ({"from": "2026-02-30"}, 422, "bad-question", "no such date or time"),
        ({"from": "0001-01-01"}, 422, "bad-question", "the time must be from 1970-01-01 UTC"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, 422, "bad-question", "before"),
        ({"limit": 10_001}, 422, "bad-question", "limit"),
        ({"channel": "-1"}, 422, "bad-question", "channel"),
        ({"devices": "tea-1"}, 422, "bad-question", "devices: unknown parameter. Known parameters: channel, charset"),
        ({"limit": ["1", "2"]}, 422, "bad-question", "limit: given more than once"),
        ({"cursor": "WzFd"}, 422, "bad-question", "next_cursor"),
        ({"cursor": "ä"}, 422, "bad-question", "next_cursor"),
        ({"format": "xml"}, 422, "bad-question", "format"),
        ({"charset": "cp932"}, 422, "bad-question", "apply to CSV only; add format=csv"),
        ({"format": "csv", "limit": 10}, 422, "bad-question", "apply to JSON only"),
        ({"project": "a\x00b"}, 422, "bad-question", "the database refused the query"),
    ],
)
def test_a_wrong_question_is_refused_with_what_to_ask_instead(
    api: httpx.Client, query: dict[str, Any], status: int, kind: str, said: str
) -> None:
    found = problem(api, "/readings", **query)
    assert found[:2] == (status, kind)
    assert said in found[2]


def test_a_cursor_of_another_table_is_refused(api: httpx.Client) -> None:
    cursor = ask(api, "/readings", limit=1, **NOVEMBER)["next_cursor"]
    assert problem(api, "/uplinks", cursor=cursor)[:2] == (422, "bad-question")


def test_a_cursor_does_not_lead_to_devices_that_were_not_asked_for(api: httpx.Client) -> None:
    cursor = ask(api, "/readings", project="tea", limit=1, **NOVEMBER)["next_cursor"]
    rows = ask(api, "/readings", project="rice", cursor=cursor, **NOVEMBER)["rows"]
    assert {row["project"] for row in rows} == {"rice"}


def test_old_ways_refuse_unknown_parameters_too(api: httpx.Client) -> None:
    assert problem(api, "/projects", page="1") == (
        422, "bad-question", "page: unknown parameter. This path takes no parameters.",
    )  # fmt: skip


def test_what_the_tests_of_quality_say_stands_beside_a_reading_if_it_is_asked_for(
    api: httpx.Client, tea: Database
) -> None:
    connection = tea.connect()
    question = {"project": "tea", "device": "tea-1", "quantity": "air_temperature", "limit": 4, **NOVEMBER}
    flag = (
        "insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade)"
        " select device_id, %s, 0, %s, %s, %s, 2, %s from device join project using (project_id)"
        " where device.code = 'tea-1' and project.code = 'tea'"
    )
    one, two, three = (f"2026-11-01 0{hour}:00+09" for hour in (1, 2, 3))
    number = BY_CODE["air_temperature"].id
    connection.execute(flag, (number, "rate", one, two, 3))
    connection.execute(flag, (number, "spike", two, two, 4))
    connection.execute(flag, (BY_CODE["rain_total"].id, "stuck", one, three, 4))
    try:
        plain = ask(api, "/readings", **question)["rows"]
        assert "grade" not in plain[0]
        for counted in ("true", "false"):
            rows = ask(api, "/readings", graded="true", counted=counted, **question)["rows"]
            assert [(row["grade"], row["tests"]) for row in rows] == [
                (None, []), (3, ["rate"]), (4, ["rate", "spike"]), (None, []),
            ]  # fmt: skip
            assert [{name: row[name] for name in plain[0]} for row in rows] == plain
        period = {"from": NOVEMBER["from"], "to": "2026-11-01T04:00:00+09:00"}
        asked = {
            "project": "tea",
            "device": "tea-1",
            "quantity": "air_temperature",
            "graded": "true",
            "channel": "0",
            "format": "csv",
        }
        lines = api.get("/readings", params=asked | period).text.lstrip("\ufeff").splitlines()
        assert lines[0].endswith('"flags","grade","tests"')
        assert [line.split('"flags"')[-1].rsplit(",", 2)[1:] for line in lines[1:]] == [
            ["", ""], ["3", '"rate"'], ["4", '"rate spike"'], ["", ""],
        ]  # fmt: skip
    finally:
        connection.execute("delete from watch_flag")
