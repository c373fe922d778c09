"""What is said of two versions of a document."""

from typing import Any

from ingest.watch.document.difference import difference


def rule(code: str, *values: float, **more: Any) -> dict[str, Any]:
    return {"code": code, "stages": [{"rank": rank, "value": value} for rank, value in enumerate(values, 1)]} | more


def said(before: Any, after: Any) -> list[str]:
    return [change.said.ja for change in difference(before, after)]


def test_the_same_has_no_difference() -> None:
    assert said({"rules": [rule("a", 1.0)]}, {"rules": [rule("a", 1)]}) == []


def test_rules_are_known_by_their_code_and_stages_by_their_rank() -> None:
    before = {"rules": [rule("a", 1, 2), rule("b", 1)], "limit": {"messages": 10}}
    after = {"rules": [rule("c", 1), rule("a", 1, 2.5, 3)], "limit": {"messages": 5}, "people": []}
    assert said(before, after) == [
        "rules c: 加わります",
        "rules a stages 段階2 value: 2 → 2.5",
        "rules a stages 段階3: 加わります",
        "rules b: なくなります",
        "limit messages: 10 → 5",
        "people: 加わります",
    ]


def test_a_stage_that_goes_does_not_move_those_above_it() -> None:
    before = {"rules": [{"code": "a", "stages": [{"rank": 1, "value": 1}, {"rank": 2, "value": 2}]}]}
    after = {"rules": [{"code": "a", "stages": [{"rank": 2, "value": 2}]}]}
    assert said(before, after) == ["rules a stages 段階1: なくなります"]


def test_all_of_the_first_document_is_new() -> None:
    assert said(None, {"project": "tea", "rules": []}) == ["project: 加わります (tea)", "rules: 加わります"]
