"""The work log in a real database: once for each key, all or nothing, voided and never changed, all of it on record."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.plan.work.enter import enter_tables
from ingest.plan.work.fields import What
from ingest.plan.work.log import EntriesRefused, add, list_observations, list_stops, list_work, sign_stop, void
from ingest.plan.work.model import NewObservation, NewStop, NewWork, Observation, Stop, Wanted, Work
from ingest.plan.work.table import read_table
from ingest.registry.problem import MAX_PROBLEMS, MORE
from schemas.work import WorkKind
from tests.figures.two_towns import SEED
from tests.fixtures.database import FIRST, Database, Servers, fresh_database

NOW = datetime.now(UTC)
BY = By("sato", "農政課")
WORK = NewWork(WorkKind.BATTERY, NOW - timedelta(hours=2), 30, 2, "dev_1_here", "中谷", "電池を替えた")
STOP = NewStop(NOW - timedelta(hours=1), NOW + timedelta(hours=5), "基地局の点検", gateway="gw_here")


@pytest.fixture(scope="module")
def towns(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    database.connect().execute(SEED.encode())
    database.connect().execute("delete from work_entry; delete from planned_stop; delete from observation")
    yield database
    database.drop()


@pytest.fixture
def connection(towns: Database) -> Iterator[psycopg.Connection[Any]]:
    opened = towns.connect(autocommit=False)
    opened.execute("select 1")  # from here on everything is within one transaction
    yield opened
    opened.rollback()
    towns.close()


def project_of(connection: psycopg.Connection[Any], code: str = "here") -> int:
    row = connection.execute("select project_id from project where code = %s", (code,)).fetchone()
    assert row is not None
    return int(row[0])


def entries_of(connection: psycopg.Connection[Any], action: str) -> list[tuple[str, str, str]]:
    query = "select actor, subject, project from audit_entry where action = %s order by entry_id"
    return connection.execute(query, (action,)).fetchall()


def test_an_entry_is_stored_as_it_was_given_and_is_on_record(connection: psycopg.Connection[Any]) -> None:
    project = project_of(connection)
    number = add(connection, BY, project, [WORK])[0].number
    (stored,) = list_work(connection, project, Wanted())
    assert (stored.work_entry_id, stored.kind, stored.starts) == (number, WORK.kind, WORK.starts)
    assert (stored.minutes, stored.people, stored.device, stored.place) == (30, 2, "dev_1_here", "中谷")
    assert stored.client_key is not None, "every entry can be given back by a file"
    assert entries_of(connection, "work_logged") == [("sato", f"work {number}", "here")]
    assert list_work(connection, project_of(connection, "there"), Wanted()) == []


def test_the_same_key_is_stored_once_and_one_that_says_something_else_is_refused(
    connection: psycopg.Connection[Any],
) -> None:
    project, mine = project_of(connection), replace(WORK, client_key=uuid4())
    first = add(connection, BY, project, [mine])[0]
    again = add(connection, BY, project, [mine])[0]
    assert (first.already, again.already, again.number) == (False, True, first.number)
    with pytest.raises(EntriesRefused, match="says something else"):
        add(connection, BY, project, [replace(mine, minutes=31)])
    assert len(list_work(connection, project, Wanted())) == 1
    assert len(entries_of(connection, "work_logged")) == 1
    elsewhere = add(connection, BY, project_of(connection, "there"), [replace(mine, device=None)])
    assert not elsewhere[0].already, "another project has keys of its own"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (WORK, {"device": None}), (WORK, {"device": "dev_2_here"}), (STOP, {"gateway": None}),
        (STOP, {"gateway": None, "network": "net_here"}), (STOP, {"gateway": None, "device": "dev_1_here"}),
        (replace(STOP, gateway=None), {"gateway": "gw_here"}),
    ],
)  # fmt: skip
def test_a_key_is_of_no_entry_about_another_thing(
    connection: psycopg.Connection[Any], first: NewWork | NewStop, then: dict[str, Any]
) -> None:
    project, mine = project_of(connection), replace(first, client_key=uuid4())
    add(connection, BY, project, [mine])
    with pytest.raises(EntriesRefused, match="says something else"):
        add(connection, BY, project, [replace(mine, **then)])


def test_of_several_entries_one_that_is_wrong_keeps_all_of_them_out(connection: psycopg.Connection[Any]) -> None:
    project = project_of(connection)
    wrong = replace(WORK, device="dev_1_there", minutes=0, starts=NOW + timedelta(days=1), km_before=9.0, km_after=3.0)
    with pytest.raises(EntriesRefused) as refused:
        add(connection, BY, project, [WORK, wrong])
    (only,) = refused.value.refused
    assert only.place == 1
    assert [fault.field for fault in only.faults] == ["starts", "minutes", "km_after", "device"]
    assert list_work(connection, project, Wanted()) == []
    assert entries_of(connection, "work_logged") == []


def test_what_is_tried_leaves_nothing(connection: psycopg.Connection[Any]) -> None:
    project = project_of(connection)
    assert len(add(connection, BY, project, [WORK, STOP], dry_run=True)) == 2
    assert list_work(connection, project, Wanted()) == []
    assert entries_of(connection, "work_logged") == []


def test_a_late_stop_counts_from_its_entry_until_an_operator_signs(connection: psycopg.Connection[Any]) -> None:
    project = project_of(connection)
    number = add(connection, BY, project, [STOP])[0].number
    (late,) = list_stops(connection, project, Wanted())
    assert (late.gateway, late.is_late, late.counts_from) == ("gw_here", True, late.entered_at)
    sign_stop(connection, By("tanaka"), project, number, "現地で先に止めた")
    (signed,) = list_stops(connection, project, Wanted())
    assert (signed.is_late, signed.counts_from) == (False, STOP.starts)
    assert signed.signed is not None
    assert (signed.signed.by, signed.signed.reason) == ("tanaka", "現地で先に止めた")
    with pytest.raises(ChangeRefused):
        sign_stop(connection, By("tanaka"), project, number, "もう一度")
    assert entries_of(connection, "stop_signed") == [("tanaka", f"stop {number}", "here")]
    ahead = replace(STOP, starts=NOW + timedelta(days=1), ends=NOW + timedelta(days=2))
    add(connection, BY, project, [ahead])
    assert [each.is_late for each in list_stops(connection, project, Wanted())] == [False, False]


def test_what_was_moved_to_another_project_is_not_taken_for_the_whole_project(
    connection: psycopg.Connection[Any],
) -> None:
    project, there = project_of(connection), project_of(connection, "there")
    bare = replace(STOP, gateway=None)
    for stop in (replace(bare, device="dev_1_here"), STOP, replace(bare, network="net_here"), bare):
        add(connection, BY, project, [stop])
    add(connection, BY, project, [WORK])
    assert not any(each.elsewhere for each in list_stops(connection, project, Wanted()))
    connection.execute("update device set project_id = %s where code = 'dev_1_here'", (there,))
    whole, network, gateway, device = list_stops(connection, project, Wanted())
    assert (device.device, device.elsewhere, gateway.elsewhere) == (None, True, False)
    connection.execute("update network set project_id = %s where code = 'net_here'", (there,))
    whole, network, gateway, device = list_stops(connection, project, Wanted())
    assert (network.network, gateway.gateway) == (None, None)
    assert (whole.elsewhere, network.elsewhere, gateway.elsewhere) == (False, True, True)
    (work,) = list_work(connection, project, Wanted())
    assert (work.device, work.elsewhere) == (None, True)


def test_a_voided_entry_stays_with_who_and_why(connection: psycopg.Connection[Any]) -> None:
    project = project_of(connection)
    day = NOW.date()
    seen = NewObservation("damage_yen", day, day, 120_000.0, "円", "農政課調べ")
    numbers = {
        What.WORK: add(connection, BY, project, [WORK])[0].number,
        What.STOP: add(connection, BY, project, [STOP])[0].number,
        What.OBSERVATION: add(connection, BY, project, [seen])[0].number,
    }
    for what, number in numbers.items():
        with pytest.raises(NotThere):
            void(connection, BY, project_of(connection, "there"), what, number, "よその事業")
        with pytest.raises(ChangeRefused, match="reason"):
            void(connection, BY, project, what, number, "  ")
        void(connection, BY, project, what, number, "二重に書いた")
        with pytest.raises(ChangeRefused, match="already"):
            void(connection, BY, project, what, number, "もう一度")
    rows: tuple[Work | Stop | Observation, ...]
    rows = (*list_work(connection, project, Wanted()), *list_stops(connection, project, Wanted()),
            *list_observations(connection, project, Wanted()))  # fmt: skip
    assert [(row.voided.by, row.voided.reason) for row in rows if row.voided] == [("sato", "二重に書いた")] * 3
    assert list_work(connection, project, Wanted(voided=False)) == []
    assert len(entries_of(connection, "work_voided")) == 3


TABLE = "種類,開始,分,機器\n見回り,2026-04-01 9:00,30,dev_1_here\n点検,2026-04-01 10:00,10,{device}\n"


def test_a_file_is_entered_once_however_often_it_is_given(connection: psycopg.Connection[Any]) -> None:
    table = read_table("作業.csv", TABLE.format(device="dev_2_here").encode())
    tried, _ = enter_tables(connection, BY, "here", [table], dry_run=True)
    first, _ = enter_tables(connection, BY, "here", [table], dry_run=False)
    again, _ = enter_tables(connection, BY, "here", [table], dry_run=False)
    assert [(each.added, each.already) for each in (*tried, *first, *again)] == [(2, 0), (2, 0), (0, 2)]
    assert len(list_work(connection, project_of(connection), Wanted())) == 2
    assert len(entries_of(connection, "work_logged")) == 1


def test_one_wrong_line_keeps_every_file_out_and_is_named(connection: psycopg.Connection[Any]) -> None:
    sound = read_table("良い.csv", TABLE.format(device="dev_2_here").encode())
    wrong = read_table("悪い.csv", TABLE.format(device="dev_9_here").encode())
    _, problems = enter_tables(connection, BY, "here", [sound, wrong], dry_run=False)
    assert [problem.said.ja for problem in problems] == ["悪い.csv 3行目 機器: この事業に機器 dev_9_here はありません"]
    assert list_work(connection, project_of(connection), Wanted()) == []
    with pytest.raises(NotThere):
        enter_tables(connection, BY, "nowhere", [sound], dry_run=False)


WRONG = """種類,開始,分,機器,開始km,終了km,氏名
昼寝,いつか,0,dev_9_here,9,3,佐藤
点検,2026-04-01 10:00,多い,dev_8_here,,,
点検,2026-04-01 10:00,10,dev_7_here,,,
"""


def test_every_mistake_of_every_line_is_told_at_once(connection: psycopg.Connection[Any]) -> None:
    _, problems = enter_tables(connection, BY, "here", [read_table("悪い.csv", WRONG.encode())], dry_run=False)
    assert [(problem.place and problem.place.row, problem.column.ja) for problem in problems] == [
        (1, "氏名"), (2, "種類"), (2, "開始"), (2, "分"), (2, "終了km"), (2, "機器"),
        (3, "分"), (3, "機器"), (4, "機器"),
    ]  # fmt: skip
    stops = "開始,終了,理由,機器\n昔,2026-05-01,,dev_9_here\n2026-05-01,明日,点検,dev_9_here\n".encode()
    _, problems = enter_tables(connection, BY, "here", [read_table("停止.csv", stops)], dry_run=False)
    assert [(problem.place and problem.place.row, problem.column.ja) for problem in problems] == [
        (2, "開始"), (2, "理由"), (2, "機器"), (3, "終了"), (3, "機器"),
    ]  # fmt: skip


def test_a_file_of_mistakes_shows_the_first_and_says_that_there_are_more(connection: psycopg.Connection[Any]) -> None:
    rows = "種類,開始,分,機器\n" + "点検,2026-04-01,多い,dev_9_here\n" * 300
    _, problems = enter_tables(connection, BY, "here", [read_table("悪い.csv", rows.encode())], dry_run=False)
    assert (len(problems), problems[-1]) == (MAX_PROBLEMS + 1, MORE)
    assert [problem.place and problem.place.row for problem in problems[:4]] == [2, 2, 3, 3]


def test_every_key_that_belongs_to_another_entry_is_told(connection: psycopg.Connection[Any]) -> None:
    project, mine = project_of(connection), [replace(WORK, client_key=uuid4()) for _ in range(2)]
    add(connection, BY, project, mine)
    with pytest.raises(EntriesRefused) as refused:
        add(connection, BY, project, [replace(each, minutes=31) for each in mine])
    assert [each.place for each in refused.value.refused] == [0, 1]


def test_the_list_is_in_order_and_in_pages(connection: psycopg.Connection[Any]) -> None:
    project = project_of(connection)
    starts = [NOW - timedelta(hours=hours) for hours in (5, 1, 3, 3)]
    add(connection, BY, project, [replace(WORK, starts=at) for at in starts])
    add(connection, BY, project, [replace(WORK, kind=WorkKind.MOWING, device=None, note="のり面")])
    whole = list_work(connection, project, Wanted())
    assert [row.starts for row in whole] == sorted((row.starts for row in whole), reverse=True)
    first = list_work(connection, project, Wanted(limit=2))
    rest = list_work(connection, project, Wanted(below=first[-1].work_entry_id))
    assert [*first, *rest] == whole
    assert [row.kind for row in list_work(connection, project, Wanted(kind="mowing"))] == [WorkKind.MOWING]
    assert len(list_work(connection, project, Wanted(device="dev_1_here"))) == 4
    assert [row.note for row in list_work(connection, project, Wanted(text="のり"))] == ["のり面"]
    assert len(list_work(connection, project, Wanted(since=starts[2], until=starts[1]))) == 3
