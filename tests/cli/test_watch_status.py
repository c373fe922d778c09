"""`noroshi watch status` says what lasts, and never that all is well while nobody watches."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from ingest.cli.watch import watch
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.watch.towns import seed_towns

pytestmark = pytest.mark.japanese


@pytest.fixture(scope="module")
def towns(servers: Servers) -> Iterator[Database]:
    database = fresh_database(servers.get(FIRST))
    with database.connect() as connection:
        seed_towns(connection)
        connection.execute("delete from watch_note")
    yield database
    database.drop()


def call(towns: Database, *words: str) -> str:
    done = CliRunner().invoke(watch, ["status", *words, "--database", towns.url])
    assert done.exception is None, done.output
    return done.output


def test_without_a_watch_an_empty_list_is_no_good_news(towns: Database) -> None:
    connection = towns.connect()
    connection.execute("delete from watch_progress")
    assert "何も起きていないとは言えません" in call(towns)
    connection.execute("insert into watch_progress (name, done_until) values ('engine', now())")
    said = call(towns)
    assert "続いている事象はありません" in said
    assert "動いています" in said
    connection.execute("update watch_progress set updated_at = now() - interval '1 minute'")
    assert "動いていません" in call(towns)
    towns.close()


def test_what_lasts_is_shown_with_who_took_it(towns: Database) -> None:
    connection = towns.connect()
    connection.execute(
        "insert into watch_incident (project_id, kind, subject, opened_at, rank, top_rank, live, acknowledged_rank)"
        " select project_id, 'silence', 'silence:' || code, now(), 2, 2, true, case code when 'there' then 2 end"
        " from project"
    )
    said = call(towns)
    assert (said.count("途絶(段階2)"), said.count("未確認"), said.count("確認済み")) == (2, 1, 1)
    assert call(towns, "--project", "here").count("途絶(段階2)") == 1
    answer = json.loads(call(towns, "--json"))
    assert {each["subject"] for each in answer["incidents"]} == {"silence:here", "silence:there"}
    assert answer["deliveries"] == {"waiting": 0, "failed": 0, "doubtful": 0}
    assert "state" in answer["watch"]
    assert "rank 2" in call(towns, "--lang", "en")
    towns.close()


def test_what_cannot_be_read_of_a_document_is_said(towns: Database) -> None:
    connection = towns.connect()
    connection.execute(
        "insert into watch_document (project_id, number, body, source, applied_by)"
        " select project_id, 9, jsonb_build_object('project', code, 'satellites', '[]'::jsonb), '', 'test' from project"
        " where code = 'there'"
    )
    assert "読めません" in call(towns)
    assert "事業 there の監視計画: satellites" in call(towns)
    assert "読めません" not in call(towns, "--project", "here")
    (unread,) = json.loads(call(towns, "--json"))["unread"]
    assert (unread["project"], unread["places"]) == ("there", ["satellites"])
    towns.close()
