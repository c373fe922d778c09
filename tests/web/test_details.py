"""The details of what is set aside, in Japanese: every sentence has one, values stay, codes get names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.detail import SENTENCES, in_japanese

INGEST = Path(__file__).parents[2] / "ingest"
WHERE = ("decode", "pipeline", "validate")
PLACE_OF_DETAIL = {"Undecodable": 1, "Refused": 2, "Destination": 5, "Piece": 10, "Ended": 2, "refuse": 0, "_refuse": 2}


def said(node: ast.expr | None) -> list[str]:
    """The texts an expression may be, with a V where a value stands."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "V" for part in node.values)]
    if isinstance(node, ast.IfExp):
        return said(node.body) + said(node.orelse)
    return []


def details_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rsplit(".", maxsplit=1)[-1]
            if name == "_wrong":
                texts = said(node.args[-1])
                yield from (f"`x` is not {text}" for text in texts if len(node.args) == 2)
                yield from (text for text in texts if len(node.args) == 1)
            elif (place := PLACE_OF_DETAIL.get(name)) is not None:
                wanted = [*node.args[place : place + 1], *(key.value for key in node.keywords if key.arg == "detail")]
                yield from (text for one in wanted for text in said(one))
        elif isinstance(node, ast.Assign):
            yield from _assigned(node)
        elif isinstance(node, ast.Return):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            yield from (text for value in values for text in said(value))


def _assigned(node: ast.Assign) -> Iterator[str]:
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Name) and target.id in ("detail", "why", "UNDER_WAY_ALONE"):
        yield from said(value)
    if isinstance(target, ast.Attribute) and target.attr.startswith("why"):
        yield from said(value)
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for name, one in zip(target.elts, value.elts, strict=True):
            if isinstance(name, ast.Name) and name.id == "detail":
                yield from said(one)
    if isinstance(value, ast.Dict) and any("RejectionReason" in ast.unparse(key) for key in value.keys if key):
        yield from (text for one in value.values for text in said(one))


def every_detail() -> list[str]:
    files = [path for name in WHERE for path in (INGEST / name).rglob("*.py")]
    found = {text for path in files for text in details_of(ast.parse(path.read_text()))}
    return sorted(text for text in found if " " in text and "\n" not in text)


NO_SENTENCE = re.compile(
    r"(tag|alias) V|V: \{quantity:.*|`V` is not V|V…V|V; V|judging it ended the process with V|.*bytesV"
)
"""Names of parts, the line of YAML that `needs_profile` carries, and what is put together of other texts."""


def test_every_sentence_about_what_is_set_aside_has_a_japanese_one() -> None:
    sentences = [text for text in every_detail() if not NO_SENTENCE.fullmatch(text)]
    assert len(sentences) > 120
    assert [text for text in sentences if in_japanese(text) is None] == []


def test_no_sentence_is_hidden_by_one_before_it() -> None:
    for english, japanese in SENTENCES:
        count = japanese.count("{") - japanese.count("{detail}")
        values = [str(number) for number in range(1, count + 1)]
        example = english.replace("{detail}", "byte 7")
        for value in values:
            example = example.replace("{}", value, 1)
        assert in_japanese(example) == japanese.format(*values, detail="7バイト目"), english


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("9999 m is outside -5..50", "9999 m は受け付ける範囲(-5〜50)の外です"),
        ("85 Cel is outside -50..60", "85 ℃ は受け付ける範囲(-50〜60)の外です"),
        ("'half' is no state of gate_state", "'half' は ゲート開閉 の状態ではありません"),
        (
            "and 36 more; the first of them is t: 9 m is outside 0..1",
            "ほか36件。最初はt: 9 m は受け付ける範囲(0〜1)の外です",
        ),
        ("unexpected character: line 1 column 4 (char 3)", "1行目4文字目(unexpected character)"),
        (
            "the profile em300 has no layout for 7 bytes on port 5",
            "プロファイル em300 に、ポート5の7バイトの読み方がありません",
        ),
        ("SQLSTATE 22003: too far (at 2026-11-29T09:00)", "SQLSTATE 22003: too far(測定時刻 2026-11-29T09:00)"),
    ],
)
def test_values_stay_and_codes_and_units_get_their_names(english: str, japanese: str) -> None:
    assert in_japanese(english, {"gate_state": "ゲート開閉"}) == japanese


def test_what_a_database_or_a_parser_says_is_no_sentence_of_ours() -> None:
    assert in_japanese("invalid byte sequence for encoding") is None
    assert in_japanese("") is None
