"""Tables of work as Excel writes them: read whole, or refused with file, line and column of every mistake."""

from datetime import date, datetime
from uuid import UUID

import pytest

from ingest.plan.work.fields import What, read_moment
from ingest.plan.work.model import NewObservation, NewStop, NewWork
from ingest.plan.work.table import read_table
from schemas.japan import JST
from schemas.work import Basis, WorkKind

JAPANESE = """種類,開始,分,人数,機器コード,場所,内容,開始km,終了km
見回り,2026/4/1 9:30,30,2,paddy-01,中谷,水位を目で確かめた,"1,204.5",1210
電池交換,令和8年4月2日 13時05分,45,,paddy-02,,,,
"""


def test_a_table_in_japanese_is_read_in_every_encoding_of_excel() -> None:
    for encoding in ("utf-8-sig", "cp932", "utf-16"):
        table = read_table("作業.csv", JAPANESE.encode(encoding))
        assert table.problems == [], encoding
        assert table.what is What.WORK
        first, second = table.news
        assert isinstance(first, NewWork)
        assert isinstance(second, NewWork)
        assert (first.kind, first.starts) == (WorkKind.PATROL, datetime(2026, 4, 1, 9, 30, tzinfo=JST))
        assert (first.minutes, first.people, first.device, first.place) == (30, 2, "paddy-01", "中谷")
        assert (first.km_before, first.km_after) == (1204.5, 1210.0)
        assert (second.kind, second.starts) == (WorkKind.BATTERY, datetime(2026, 4, 2, 13, 5, tzinfo=JST))
        assert (second.people, second.km_before) == (1, None)


def test_the_headings_say_which_table_it_is() -> None:
    stops = read_table("s.csv", b"starts\tends\treason\tgateway\n2026-05-01\t2026-05-02 12:00\tinspection\tgw-1\n")
    observed = read_table(
        "o.csv",
        "コード,期間の始め,期間の終わり,値,単位,出典,性格\ndamage_yen,2026-04-01,2027-03-31,120000,円,農政課調べ,推計\n".encode(),
    )
    assert (stops.problems, observed.problems) == ([], [])
    (stop,), (value,) = stops.news, observed.news
    assert isinstance(stop, NewStop)
    assert (stop.starts, stop.gateway) == (datetime(2026, 5, 1, tzinfo=JST), "gw-1")
    assert isinstance(value, NewObservation)
    assert (value.first_day, value.last_day, value.value) == (date(2026, 4, 1), date(2027, 3, 31), 120000.0)
    assert value.basis is Basis.ESTIMATED


def test_every_mistake_is_told_with_its_line_and_column() -> None:
    table = read_table("作業.csv", "種類,開始,分\n昼寝,2026-04-01,三十\n見回り,いつか,30\n点検,,10\n".encode())
    assert [problem.said.ja.split(":")[0] for problem in table.problems] == [
        "作業.csv 2行目 種類", "作業.csv 2行目 分", "作業.csv 3行目 開始", "作業.csv 4行目 開始",
    ]  # fmt: skip
    assert "見回り、点検、電池交換" in table.problems[0].said.ja
    assert "write one of patrol" in table.problems[0].said.en


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("種類,開始,分,氏名\n見回り,2026-04-01,30,佐藤\n", "氏名"),
        ("種類,開始\n見回り,2026-04-01\n", "見出し「分」の列がありません"),
        ("種類,開始,日時,分\n見回り,2026-04-01,2026-04-01,3\n", "「開始」と同じ内容"),
        ("あ,い\n1,2\n", "何の表か分かりません"),
        ("", "表が空です"),
    ],
)
def test_headings_that_mean_nothing_are_refused(content: str, said: str) -> None:
    table = read_table("x.csv", content.encode())
    assert [said in problem.said.ja for problem in table.problems] == [True], "the lines are not wrong too"


def test_the_same_row_has_the_same_key_and_its_twin_another() -> None:
    content = "種類,開始,分\n見回り,2026-04-01,30\n見回り,2026-04-01,30\n点検,2026-04-01,30\n".encode()
    once, again = read_table("a.csv", content), read_table("b.csv", content)
    keys = [new.client_key for new in once.news]
    assert keys == [new.client_key for new in again.news]
    assert len({*keys}) == 3
    given = "種類,開始,分,キー\n見回り,2026-04-01,30,2a7a7f6e-3a6f-4a38-8f7e-5b1d1f0a9c11\n"
    assert read_table("c.csv", given.encode()).news[0].client_key == UUID("2a7a7f6e-3a6f-4a38-8f7e-5b1d1f0a9c11")


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2026-04-01 9:05", 9, 5), ("2026/04/01 09:05:00", 9, 5), ("2026-04-01T09:05", 9, 5), ("R8.4.1 9時5分", 9, 5),
        ("2026-04-01", 0, 0), ("2026-04-01T00:05:00Z", 9, 5), ("2026年4月1日 9:5", 9, 5),
    ],
)  # fmt: skip
def test_a_moment_is_read_as_people_and_programs_write_it(text: str, hour: int, minute: int) -> None:
    assert read_moment(text) == datetime(2026, 4, 1, hour, minute, tzinfo=JST)


@pytest.mark.parametrize("text", ["2026-04-01 25:00", "2026-02-30 9:00", "9:00", "46113.4", "2026-04-01T99:99:99Z"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        read_moment(text)
