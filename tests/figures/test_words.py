"""Those who read the figures without our pages find the words of the pages."""

from datetime import timedelta
from typing import Any

import psycopg

from ingest.web.text.ja import TEXTS
from ingest.web.text.states_ja import STATE_NAMES
from tests.figures.field import Field
from tests.figures.test_water import ask, now

FLAG = "flag_"


def test_states_are_called_as_the_pages_call_them(connection: psycopg.Connection[Any]) -> None:
    query = "select name, figure_state_word(name) from unnest(%s::text[]) name"
    assert dict(connection.execute(query, [list(STATE_NAMES)]).fetchall()) == STATE_NAMES


def test_a_state_of_a_project_of_its_own_keeps_its_name(connection: psycopg.Connection[Any]) -> None:
    assert connection.execute("select figure_state_word('灌水中')").fetchone() == ("灌水中",)


def test_remarks_are_called_as_the_pages_call_them(connection: psycopg.Connection[Any]) -> None:
    words = {name.removeprefix(FLAG): text for name, text in TEXTS.items() if name.startswith(FLAG)}
    query = "select name, figure_flag_words(array[name]) from unnest(%s::text[]) name"
    assert dict(connection.execute(query, [list(words)]).fetchall()) == words
    assert connection.execute("select figure_flag_words(array['range', 'clock_unset'])").fetchone() == (
        "範囲外の値、時計未設定",
    )
    assert connection.execute("select figure_flag_words('{}')").fetchone() == (None,)


def test_a_change_of_a_state_has_its_japanese_word_and_an_unknown_state_its_number(field: Field) -> None:
    trap = field.device("trap", interval_s=600)
    for minutes, state in ((40, 0), (30, 2), (20, 7)):
        field.reading(trap, now(field) - timedelta(minutes=minutes), "trap_state", state)
    rows = ask(
        field, "select * from figure_state_change(array['tea'], null, array['trap_state'], %s, %s)",
        now(field) - timedelta(hours=1), now(field),
    )  # fmt: skip
    assert [(row["state_name"], row["word"]) for row in rows] == [
        ("armed", "待機中"), ("occupied", "捕獲"), ("7", "7"),
    ]  # fmt: skip
