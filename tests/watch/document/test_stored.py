"""A stored document of another version of the program: what can be read of it holds, and what cannot is named."""

from typing import Any

import pytest

from ingest.watch.document.stored import read_stored_document, read_stored_notice

STAGE = {"rank": 1, "name": "市設定基準1", "name_en": "City level 1", "value": 0.5}
RULE = {
    "code": "rise", "hazard": "river", "devices": ["a"], "quantity": "river_level", "measure": {"kind": "rise"},
    "stages": [STAGE],
}  # fmt: skip
BODY: dict[str, Any] = {
    "project": "river",
    "people": [
        {"code": "tanaka", "name": "田中", "email": "tanaka@city.example.jp"},
        {"code": "suzuki", "name": "鈴木"},
    ],
    "channels": [{"code": "hook", "kind": "webhook", "url": "https://hook.example.jp/"}],
    "duty": {"weekly": [{"days": ["mon"], "from": "08:30", "to": "17:15", "person": "tanaka"}], "backup": "suzuki"},
    "notify": [{"kinds": ["stage"], "min_rank": 2, "to": ["duty", "hook"]}],
    "escalation": [{"after_min": 10, "to": ["backup"]}],
    "quiet_hours": {"from": "22:00", "to": "06:00"},
    "rules": [RULE],
}


def changed(**parts: Any) -> dict[str, Any]:
    return BODY | parts


def test_a_document_of_this_version_is_read_as_a_whole() -> None:
    read = read_stored_document(BODY)
    assert (read.unread, read.document.rules[0].code, read.document.notify[0].min_rank) == ((), "rise", 2)
    assert read_stored_notice(BODY).unread == ()


@pytest.mark.parametrize(
    ("parts", "unread"),
    [
        ({"satellites": []}, ("satellites",)),
        ({"people": [{**BODY["people"][0], "pager": "1"}, BODY["people"][1]]}, ("people[0].pager",)),
        ({"channels": [{**BODY["channels"][0], "timeout_s": "soon"}]}, ("channels[0].timeout_s",)),
        ({"channels": [{"code": "hook", "kind": "fax", "number": "1"}]}, ("channels[0]",)),
        ({"notify": [{**BODY["notify"][0], "hazards": {"not": "river"}}]}, ("notify[0].hazards",)),
        ({"notify": [{**BODY["notify"][0], "kinds": ["stage", "smoke"]}]}, ("notify[0].kinds",)),
        ({"duty": {**BODY["duty"], "monthly": []}}, ("duty.monthly",)),
        ({"escalation": [{"after_min": "soon", "to": ["backup"]}]}, ("escalation[0]",)),
        ({"quiet_hours": {**BODY["quiet_hours"], "days": ["sat"]}}, ("quiet_hours",)),
        ({"limit": {"messages": 0}}, ("limit",)),
        ({"silence": {"intervals": "many"}}, ("silence",)),
        ({"rules": [RULE, {**RULE, "code": "new", "moon": "full"}]}, ("rules[1]",)),
    ],
)
def test_what_cannot_be_read_is_named_and_all_else_holds(parts: dict[str, Any], unread: tuple[str, ...]) -> None:
    document, named = read_stored_document(changed(**parts))
    assert set(unread) <= set(named)
    assert len(named) == len(unread) + ("escalation[0]" in named)  # its field and, as it is needed, the whole step
    assert [rule.code for rule in document.rules] == ["rise"]
    assert [person.code for person in document.people] == ["tanaka", "suzuki"]
    assert [rule.to for rule in document.notify] == [("duty", "hook")]
    assert document.duty.backup == "suzuki"


def test_people_are_rather_told_too_much_than_too_little() -> None:
    parts = {"notify": [{**BODY["notify"][0], "min_rank": "high", "weather": "storm"}], "quiet_hours": {"from": "22"}}
    notice, unread = read_stored_notice(changed(**parts))
    assert (notice.notify[0].min_rank, notice.notify[0].to, notice.quiet_hours) == (1, ("duty", "hook"), None)
    assert set(unread) == {"notify[0].min_rank", "notify[0].weather", "quiet_hours"}


def test_a_rule_about_nothing_that_happens_here_tells_of_nothing() -> None:
    notice, unread = read_stored_notice(changed(notify=[{"kinds": ["smoke"], "to": ["hook"]}]))
    assert (notice.notify, unread) == ((), ("notify[0].kinds",))


@pytest.mark.parametrize("body", [None, 1, "river", [], [1], {"notify": 1, "people": {}, "rules": "x", "duty": []}])
def test_whatever_is_stored_it_is_read_without_an_error(body: Any) -> None:
    assert read_stored_notice(body).unread
    assert read_stored_document(body).unread
