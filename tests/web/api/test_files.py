"""A whole period as one file: CSV, Arrow, Parquet. The rows are those of the pages."""

import csv
import io
from datetime import datetime
from typing import Any

import httpx
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from tests.web.api.asking import NOVEMBER, every_row, problem
from tests.web.api.conftest import HOURS

TEA = {"project": "tea", **NOVEMBER}
PATHS = ("/readings", "/uplinks", "/readings/hourly", "/readings/daily", "/uplinks/hourly", "/uplinks/daily")


def fetched(api: httpx.Client, path: str, **query: Any) -> httpx.Response:
    answer = api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer


def table_of(answer: httpx.Response, form: str) -> pa.Table:
    if form == "arrow":
        return ipc.open_stream(answer.content).read_all()
    return parquet.read_table(io.BytesIO(answer.content))


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a table as a page of JSON has it."""
    said = {}
    for name, value in row.items():
        if name == "flags":
            said[name] = value.split()
        elif isinstance(value, datetime):
            said[name] = value.isoformat()
        elif name == "message_id":
            said[name] = str(value)
        elif name == "day":
            said[name] = value.isoformat()
        elif isinstance(value, float):
            said[name] = pytest.approx(value, rel=1e-6)
        else:
            said[name] = value
    return said


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_a_table_has_the_rows_of_all_pages(api: httpx.Client, path: str, form: str) -> None:
    rows = every_row(api, path, limit=500, **TEA)
    table = table_of(fetched(api, path, format=form, **TEA), form)
    assert table.num_rows == len(rows)
    names = [name for name in rows[0] if name not in ("durations", "link")]
    assert [as_json({name: row[name] for name in names}) for row in table.to_pylist()] == [
        {name: row[name] for name in names} for row in rows
    ]


@pytest.mark.parametrize("path", PATHS)
def test_a_csv_has_the_rows_of_all_pages_and_a_mark_by_which_excel_knows_it(api: httpx.Client, path: str) -> None:
    rows = every_row(api, path, limit=500, **TEA)
    answer = fetched(api, path, format="csv", **TEA)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == len(rows)
    moments = [name for name in ("time", "hour", "day", "first_at", "received_at") if name in rows[0]]
    assert [[line[name] for name in moments] for line in lines] == [
        [row[name] or "" for name in moments] for row in rows
    ]


def test_a_csv_says_everything_in_each_line(api: httpx.Client) -> None:
    text = fetched(api, "/readings", format="csv", **TEA).content.decode("utf-8-sig")
    lines = text.split("\n")
    assert lines[0] == (
        '"project","device","device_name","quantity","quantity_name","channel","time","value","unit","unit_ja","flags"'
    )
    assert lines[6] == (
        '"tea","tea-1","\'=茶畑 第1区㐂","air_temperature","気温",0,"2026-11-01T05:00:00+09:00",10.5,"Cel","℃",'
        '"range clamped"'
    )
    assert "2026-11-01T00:00:00.000250+09:00" in text


def test_a_csv_in_cp932_replaces_visibly_what_the_code_page_lacks_and_says_so(api: httpx.Client) -> None:
    answer = fetched(api, "/readings", format="csv", charset="cp932", header="ja", **TEA)
    assert answer.headers["content-type"] == "text/csv; charset=windows-31j; header=present"
    lines = answer.content.decode("cp932").split("\n")
    assert lines[0].startswith('"事業コード","機器コード","機器名"')
    assert "'=茶畑 第1区〓" in lines[1]
    assert "U+3402" in answer.headers["noroshi-replaced-characters"].split()
    assert "noroshi-replaced-characters" not in fetched(api, "/readings", format="csv", **TEA).headers


def test_a_period_without_rows_is_a_file_with_a_heading(api: httpx.Client) -> None:
    empty = {"project": "tea", "device": "tea-3", **NOVEMBER}
    lines = fetched(api, "/readings", format="csv", **empty).content.decode("utf-8-sig").split("\n")
    assert lines[0].startswith('"project","device"')
    assert lines[1:] == [""]
    for form in ("arrow", "parquet"):
        table = table_of(fetched(api, "/readings", format=form, **empty), form)
        assert (table.num_rows, table.schema.field("value").type) == (0, pa.float64())


def test_times_in_a_table_are_times_in_japan_and_columns_say_what_they_are(api: httpx.Client) -> None:
    schema = table_of(fetched(api, "/readings", format="arrow", **TEA), "arrow").schema
    assert schema.field("time").type == pa.timestamp("us", tz="Asia/Tokyo")
    metadata = schema.field("time").metadata
    assert metadata is not None
    assert metadata[b"ja"].decode() == "測定時刻"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/csv; charset=Shift_JIS", "text/csv; charset=windows-31j; header=present"),
        ("application/json;q=0.5, application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("application/vnd.apache.arrow.stream;q=0.9, text/csv;q=0.1", "application/vnd.apache.arrow.stream"),
    ],
)
def test_the_accept_header_chooses_the_form(api: httpx.Client, accept: str, media: str) -> None:
    answer = api.get("/readings", params={**TEA, "device": "tea-2"}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    assert "accept" in answer.headers["vary"].lower()


def test_the_parameter_wins_over_the_header_and_what_we_cannot_give_is_refused(api: httpx.Client) -> None:
    answer = api.get("/readings", params={**TEA, "format": "json"}, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "application/json"
    api.headers["Accept"] = "image/png"
    assert problem(api, "/readings", **TEA)[:2] == (406, "not-acceptable")


def test_a_file_has_a_name_that_says_what_is_in_it(api: httpx.Client) -> None:
    answer = fetched(api, "/uplinks/daily", format="csv", device="tea-1", **TEA)
    assert answer.headers["content-disposition"] == (
        'attachment; filename="uplinks-daily_tea_tea-1_20261101_20261201.csv"'
    )


def test_a_file_of_every_project_is_complete(api: httpx.Client) -> None:
    table = table_of(fetched(api, "/readings", format="arrow", **NOVEMBER), "arrow")
    assert table.num_rows == 3 * HOURS + HOURS // 10 + 1
    assert set(table.column("project").to_pylist()) == {"tea", "rice"}
