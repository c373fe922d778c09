"""隔離: every row can be reached, filtered, told from the others and read by a clerk."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from ingest.figures.quarantine import Place, Wanted, quarantine_counted, quarantine_entries
from tests.fixtures.database import Database

DAY = datetime(2026, 10, 5, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def parts(field: Database) -> list[int]:
    """Three readings of a stored message, set aside in October; the numbers of their rows."""
    with field.connect() as connection:
        rows = connection.execute(
            "insert into quarantine"
            " (message_id, time, part, received_at, reason, detail, part_name, part_value, topic,"
            " device_id, project_id)"
            " select 77, %(at)s, n, %(at)s, 'out_of_range', '99 m is outside -5..50', 'river_level', '99'::jsonb,"
            " 'noroshi/v1/fukuroi/halow-0001/up', device_id, project_id"
            " from device, generate_series(1, 3) n where code = 'halow-0001' returning quarantine_id",
            {"at": DAY},
        ).fetchall()
    return [number for (number,) in rows]


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<li id="q-(\d+)"', html)]


def test_it_shows_entries_of_one_reason_with_their_payload_as_text(client: httpx.Client) -> None:
    html = client.get("/quarantine", params={"reason": "not_json"}).text
    examples = html[html.index('id="examples"') :]
    assert examples.count("<li ") == 3
    assert "&lt;b&gt;x&lt;/b&gt;" in examples
    assert "&lt;script&gt;alert(1)" in examples
    assert "<script>" not in examples


def test_every_row_is_reached_by_turning_pages_and_the_way_back_is_the_same(
    client: httpx.Client, parts: list[int]
) -> None:
    seen: list[list[int]] = []
    address: str | None = "/quarantine"
    while address:
        html = client.get(address).text
        seen.append(numbers(html))
        forth = re.search(r'href="([^"]+)#examples">古い方へ', html)
        address = forth and forth[1].replace("&amp;", "&")
    flat = [number for page in seen for number in page]
    assert len(flat) == len(set(flat)) == 26 + len(parts)
    assert len(seen) == 2
    back = re.search(r'href="([^"]+)#examples">← 新しい方へ', html)
    assert back is not None
    assert numbers(client.get(back[1].replace("&amp;", "&")).text) == seen[0]


def test_a_device_a_reason_and_a_period_in_japan_are_a_filter(client: httpx.Client, parts: list[int]) -> None:
    for query in (
        {"device": "halow-0001"},
        {"from": "2026-10-05", "until": "2026-10-05"},
        {"device": "halow-0001", "reason": "out_of_range", "until": "2026-11-01"},
    ):
        html = client.get("/quarantine", params=query).text
        assert sorted(numbers(html)) == parts, query
        assert "該当 3件(メッセージ 0・測定値 3)" in html
    assert "該当する隔離はありません" in client.get("/quarantine", params={"from": "2027-01-01"}).text
    assert len(numbers(client.get("/quarantine", params={"device": "X-1"}).text)) == 20  # by a part of the topic


def test_a_part_is_a_quantity_by_its_name_with_its_value_a_japanese_detail_and_a_link(
    client: httpx.Client, parts: list[int]
) -> None:
    html = client.get("/quarantine", params={"device": "halow-0001"}).text
    entry = html[html.index(f'id="q-{parts[0]}"') :]
    for words in (
        "河川水位 (river_level) = <code>99</code>",
        "99 m は受け付ける範囲(-5〜50)の外です",
        f"#{parts[0]}",
        'href="/devices/fukuroi/halow-0001"',
    ):
        assert words in entry
    english = client.get("/quarantine", params={"device": "halow-0001", "lang": "en"}).text
    assert "99 m is outside -5..50" in english
    client.get("/quarantine", params={"lang": "ja"})


@pytest.mark.parametrize("query", [{"from": "5 October"}, {"until": "9999-12-31"}, {"before": "1"}, {"after": "x.y"}])
def test_what_is_no_day_and_no_place_is_refused_with_a_sentence(client: httpx.Client, query: dict[str, str]) -> None:
    answer = client.get("/quarantine", params=query)
    assert answer.status_code == 422
    assert "指定が正しくありません" in answer.text


def test_the_figure_pages_by_place_whatever_was_set_aside_meanwhile(field: Database, parts: list[int]) -> None:
    with field.connect() as connection:
        october = Wanted(until=DAY + timedelta(days=1))
        newest, middle, oldest = (row.quarantine_id for row in quarantine_entries(connection, october))
        assert [newest, middle, oldest] == parts[::-1]
        place = Place(DAY, middle)
        assert [row.quarantine_id for row in quarantine_entries(connection, october, before=place)] == [oldest]
        assert [row.quarantine_id for row in quarantine_entries(connection, october, after=place)] == [newest]
        counted = quarantine_counted(connection, october)
        assert (counted.rows, counted.parts, counted.messages, counted.readings) == (3, 3, 0, 3)
