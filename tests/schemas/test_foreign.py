"""What is not seen becomes visible, and what would be computed is a text."""

import json
import sys
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.foreign import FORMULA, kept_cell, one_line, plain_cell, read_cell, unseen_in, visible

SEEN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
"""Marks that are written around or between letters and seen."""
BREAKS = {0x09, 0x0A}


def test_every_character_that_controls_hides_or_turns_round_is_known() -> None:
    known = {code for code in range(sys.maxunicode + 1) if unseen_in(chr(code))}
    doing = {
        code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp", "Cs")
    }
    assert doing - SEEN - BREAKS <= known
    assert not known & BREAKS


@pytest.mark.parametrize(
    "text", ["水田\u3000東", "葛\U000e0100城市", "かﾞ", "ガ", "👍🏽", "☀\ufe0f", "\ue000", "Ærø", "a\tb\nc", "水位−1"]
)
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\u001b[31mred\u001b[0m"),
        ("\x1b]0;title\x07", r"\u001b]0;title\u0007"),
        ("\x9b2J", r"\u009b2J"),
        ("ok\rno", r"ok\u000dno"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("a\u2028b", r"a\u2028b"),
        ("\U000e0041", r"\udb40\udc41"),
        ("\udcff", r"\udcff"),
    ],
)
def test_what_is_not_seen_becomes_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_json_stays_the_same_json(text: str) -> None:
    assert json.loads(visible(json.dumps({text: [text]}, ensure_ascii=False))) == {text: [text]}


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    shown = one_line(text)
    assert len(shown.splitlines()) <= 1
    assert unseen_in(shown) is None


FORMULAS = [
    f"{hiding}{sign}cmd|' /C calc'!A0"
    for hiding in ("", " ", "\u200b", "\ufeff", "\t", "\r", "\n", "\u3000", "\u202e", "\x00", "\xad", "\u200b \u2060")
    for sign in "=+-@＝＋－＠−"
] + ["\tx", "\rx", "\nx"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_might_compute_has_an_apostrophe_before_it(text: str) -> None:
    assert plain_cell(text) == f"'{text}"
    assert pc.replace_substring_regex(pa.array([text]), FORMULA, r"'\1")[0].as_py() == f"'{text}"


@pytest.mark.parametrize("text", ["", "水田", "a=b", "x+1", "'quoted'", "ー", "・-", "3-1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert plain_cell(text) == kept_cell(text) == read_cell(text) == text


@given(st.lists(st.sampled_from(["'", "=", "＝", "-", "@", "\u200b", " ", "\t", "a", "水"])).map("".join))
def test_a_table_that_is_read_again_gives_the_same_text(text: str) -> None:
    assert read_cell(kept_cell(text)) == text
