"""災害対応時系列記録: the page, its files and the API show the same rows, on paper in landscape."""

import io
from collections.abc import Iterator
from datetime import timedelta

import httpx
import openpyxl
import pytest

from ingest.web.pages.watch.chronology import LONGEST, USUAL, read_stretch
from tests.figures.watch_rows import MINUTE
from tests.web.watch.conftest import WatchedCity

HOURS = timedelta(hours=2)


@pytest.fixture
def night(city: WatchedCity, people: dict[str, int]) -> WatchedCity:
    """A flood of which 田中 was told, which somebody took, and a note; a drill; one that was withdrawn."""
    assert people
    city.fill()
    rows, river = city.rows, city.numbers["river"]
    city.town.connection.execute(
        "insert into watch_action (project_id, incident_id, action, at, by, way, rank, note) values"
        " (%(project)s, %(river)s, 'acknowledge', %(at)s, 'watch-operator', 'page', 2, ''),"
        " (%(project)s, %(river)s, 'note', %(at)s, 'watch-operator', 'page', null, '樋門を閉めた')",
        {"project": rows.project_id, "river": river, "at": rows.now - 30 * MINUTE},
    )
    return city


@pytest.fixture
def viewer(night: WatchedCity, people: dict[str, int]) -> Iterator[httpx.Client]:
    with night.town.browser(people["viewer"]) as client:
        client.get("/watch", params={"lang": "ja"})
        yield client


def query(night: WatchedCity, **more: str) -> dict[str, str]:
    now = night.rows.now
    begins, ends = f"{now - HOURS:%Y-%m-%dT%H:%M:00}Z", f"{now:%Y-%m-%dT%H:%M:59}Z"
    return {"project": "fukuroi", "from": begins, "to": ends, **more}


def test_the_page_says_who_was_told_and_who_took_it(night: WatchedCity, viewer: httpx.Client) -> None:
    html = viewer.get("/watch/chronology", params=query(night)).text
    for said in (
        "氾濫危険水位に到達",
        "4.31 m",
        "田中",
        "樋門を閉めた",
        "気象庁・河川管理者の発表ではありません",
        "監視不能",
    ):
        assert said in html, said
    assert "計画高水位" not in html, "a drill is not asked for"
    assert "【訓練】計画高水位に到達" in viewer.get("/watch/chronology", params=query(night, drills="1")).text
    english = viewer.get("/watch/chronology", params=query(night, lang="en")).text
    assert "Caution reached" in english
    viewer.get("/watch", params={"lang": "ja"})


def test_files_and_the_api_have_the_rows_of_the_page(night: WatchedCity, viewer: httpx.Client) -> None:
    answer = viewer.get("/api/v1/watch/chronology", params=query(night)).json()
    words = [row["word"] for row in answer["rows"]]
    assert "氾濫危険水位に到達(参考: 警戒レベル2の目安)" in words
    assert "t@city.example.jp" not in str(answer)
    asked = query(night)
    plain = viewer.get("/watch/chronology/csv", params=asked).content.decode("utf-8-sig").splitlines()
    assert len(plain) == len(words) + 1
    shift_jis = viewer.get("/watch/chronology/csv_cp932", params=asked)
    assert shift_jis.content.decode("cp932").splitlines()[0] == plain[0]
    assert "_sjis.csv" in shift_jis.headers["content-disposition"]
    workbook = openpyxl.load_workbook(io.BytesIO(viewer.get("/watch/chronology/xlsx", params=asked).content))
    cells = {str(cell) for sheet in workbook for row in sheet.iter_rows(values_only=True) for cell in row}
    assert any("樋門を閉めた" in cell for cell in cells)
    assert viewer.get("/watch/chronology/pdf", params=asked).status_code == 404


def test_nobody_of_another_city_sees_it(night: WatchedCity, people: dict[str, int]) -> None:
    with night.town.browser(people["elsewhere"]) as client:
        for path in ("/watch/chronology", "/watch/chronology/csv", "/api/v1/watch/chronology"):
            assert client.get(path, params=query(night)).status_code == 404, path


@pytest.mark.parametrize(
    ("from_", "to", "wrong"),
    [
        ("x", "", "chronology_no_time"), ("2026-09-02", "2026-09-01", "chronology_turned"),
        ("2026-01-01", "2026-09-01", "chronology_too_long"), ("2026-09-01", "2026-09-02T08:00", ""), ("", "", ""),
        ("", "2026-09-02", ""), ("0001-01-01", "2026-09-02", "chronology_no_time"),
    ],
)  # fmt: skip
def test_a_stretch_that_cannot_be_used_is_said_and_the_usual_one_is_shown(from_: str, to: str, wrong: str) -> None:
    found = read_stretch(from_, to)
    assert found.wrong == wrong
    assert timedelta(0) < found.end - found.start <= LONGEST
    if from_ == "2026-09-01":
        assert f"{found.start:%Y-%m-%dT%H:%M%z}" == "2026-09-01T00:00+0900"
    if not from_ and to:
        assert found.end - found.start == USUAL
