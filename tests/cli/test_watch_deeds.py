"""Deeds of the watch as an operator calls them, against a database with one incident."""

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from psycopg.types.json import Jsonb

from ingest.cli.watch import watch
from ingest.errors import CallRefused
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.watch.towns import seed_towns

pytestmark = pytest.mark.japanese


@pytest.fixture(scope="module")
def towns(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    with database.connect() as connection:
        seed_towns(connection)
        connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by)"
            " select project_id, 9, %s, '', 'x' from project where code = 'here'",
            (Jsonb({"people": [{"code": "tanaka", "name": "田中"}], "project": "here"}),),
        )
    yield database
    database.drop()


@pytest.fixture
def number(towns: Database) -> Iterator[int]:
    """The number of a new incident of rank 2."""
    row = one(
        towns,
        "insert into watch_incident (project_id, kind, subject, opened_at, rank, top_rank, live)"
        " select project_id, 'stage', clock_timestamp()::text, now(), 2, 2, true from project where code = 'here'"
        " returning incident_id",
    )
    yield int(row[0])
    towns.close()


def one(towns: Database, query: str) -> tuple[Any, ...]:
    row = towns.connect().execute(query.encode()).fetchone()
    assert row is not None
    return tuple(row)


def call(towns: Database, *words: object) -> str:
    """What the command prints, or the sentence by which it refuses."""
    done = CliRunner().invoke(watch, [*map(str, words), "--project", "here", "--database", towns.url])
    if isinstance(done.exception, CallRefused):
        return str(done.exception)
    assert done.exception is None, done.output
    return done.output.strip()


def test_an_incident_is_taken_noted_and_marked(towns: Database, number: int) -> None:
    assert "段階1まで確認済み" in call(towns, "ack", number, "--rank", 1)
    assert "もう一度確認" in call(towns, "ack", number, "--rank", 1)
    assert call(towns, "ack", number) == f"事象 {number} を段階2まで確認済みにしました。"
    assert "書き足し" in call(towns, "note", number, "現地を確認", "--at", "2026-11-30")
    assert "空振り" in call(towns, "mark", number, "false", "--note", "落ち葉")
    assert "もう済んで" in call(towns, "mark", number, "false", "--note", "落ち葉")
    assert one(towns, "select count(*), max(way), min(by) like 'command:%' from watch_action") == (4, "cli", True)
    assert call(towns, "ack", 10**9) == "事象は見つかりません"


def test_a_missed_one_is_entered_and_taken_back(towns: Database) -> None:
    entered = call(towns, "missed", "橋まで水が来た", "--device", "dev_1_here")
    missed = entered.split()[1]
    assert "取り消しました" in call(towns, "missed", "別の川", "--take-back", missed)
    assert "もう済んで" in call(towns, "missed", "別の川", "--take-back", missed)
    assert "場所を書いて" in call(towns, "missed", "どこか")


def test_a_window_is_entered_listed_and_ended(towns: Database) -> None:
    entered = call(towns, "maintenance", "begin", "--gateway", "gw_here", "--minutes", 90, "--reason", "清掃")
    window = entered.split()[1].rstrip(":")
    assert "基地局 gw_here  清掃" in call(towns, "maintenance", "list")
    assert "終えました" in call(towns, "maintenance", "end", window)
    assert call(towns, "maintenance", "list") == ""
    for wrong in ([], ["--everything", "--device", "dev_1_here"]):
        assert "どれか一つ" in call(towns, "maintenance", "begin", *wrong, "--minutes", 9, "--reason", "x")
    for wrong in ([], ["--minutes", "9", "--until", "2099-01-01"]):
        assert "--until か --minutes" in call(towns, "maintenance", "begin", "--everything", *wrong, "--reason", "x")
    for minutes in ("nan", "1e300", "-5"):
        said = call(towns, "maintenance", "begin", "--everything", f"--minutes={minutes}", "--reason", "x")
        assert "大きすぎ" in said or "後にして" in said


def test_the_duty_is_changed_listed_and_changed_back(towns: Database) -> None:
    entered = call(towns, "duty", "set", "tanaka", "--minutes", 60)
    assert "tanaka" in call(towns, "duty", "list")
    assert "取り消しました" in call(towns, "duty", "void", entered.split()[1].rstrip(":"))
    assert call(towns, "duty", "list") == ""
    assert "tanaka" in call(towns, "duty", "set", "yamada", "--minutes", 60), "who could be"


def test_a_drill_is_held_from_its_beginning_to_its_end(towns: Database) -> None:
    assert "訓練中ではありません" in call(towns, "drill", "inject", "dev_1_here=1")
    assert "自動で終わります" in call(towns, "drill", "begin", "秋の水防訓練", "--minutes", 30)
    assert call(towns, "drill", "inject", "dev_1_here=1") == "【訓練】1 件の事象を起こしました。"
    assert "もう済んで" in call(towns, "drill", "inject", "dev_1_here=1")
    assert "機器コード=段階" in call(towns, "drill", "inject", "dev_1_here")
    incident = one(towns, "select incident_id, rank from watch_incident where drill_id is not null")
    assert incident[1] == 1
    assert "確認済み" in call(towns, "ack", incident[0])
    assert "実施中  秋の水防訓練" in call(towns, "drill", "list")
    assert "終えました" in call(towns, "drill", "end")
    assert "終了  秋の水防訓練" in call(towns, "drill", "list")
