"""Who is told: what a document may say, and that each refusal names its place in both languages."""

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from schemas.bilingual import Bilingual
from schemas.misfit import misfit
from schemas.watch_notice import WatchNotice

DOCUMENT = """
people:
- {code: tanaka, name: 田中, department: 危機管理課, login: tanaka, email: t@city.example.jp, language: ja}
- {code: suzuki, name: 鈴木, email: s@city.example.jp}
channels:
- {code: bosai-mail, kind: mail, to: [bosai@city.example.jp]}
- {code: hook, kind: webhook, url: "https://hook.example.jp/a", secret_file: /run/secrets/hook, timeout_s: 10}
- {code: team, kind: slack, url_file: /run/secrets/slack}
- {code: phones, kind: web_push}
duty:
  rota: [{from: "2026-12-01T08:30+09:00", to: "2026-12-01T17:30+09:00", person: tanaka}]
  weekly: [{days: [mon], from: "08:30", to: "17:15", person: tanaka}]
  backup: suzuki
notify: [{kinds: [stage, blind], hazards: [river], min_rank: 1, to: [duty, bosai-mail, hook, team, phones]}]
escalation: [{min_rank: 2, after_min: 10, to: [backup]}]
quiet_hours: {from: "22:00", to: "06:00", below_rank: 3}
limit: {messages: 10, per_min: 10}
"""


def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(DOCUMENT)
    return found


def refusal(changed: dict[str, Any]) -> Bilingual:
    with pytest.raises(ValidationError) as caught:
        WatchNotice.model_validate(changed)
    return misfit(caught.value.errors()[0])


def test_a_whole_document_comes_back_from_its_json() -> None:
    notice = WatchNotice.model_validate(document())
    assert WatchNotice.model_validate_json(notice.model_dump_json(by_alias=True)) == notice
    assert WatchNotice().notify == ()


@pytest.mark.parametrize(
    ("key", "value", "ja", "en"),
    [
        ("notify", [{"to": ["tanka"]}], "notify[0] の「tanka」", "notify[0] names 'tanka'"),
        ("escalation", [{"after_min": 5, "to": ["nobody"]}], "escalation[0] の「nobody」", "escalation[0]"),
        ("duty", {"backup": "hook"}, "duty.backup の「hook」", "duty.backup names 'hook'"),
        ("duty", {}, "duty.backup がありません", "there is no duty.backup"),
        ("people", [{"code": "duty", "name": "当番"}], "別の名前", "reserved word"),
        ("people", [{"code": "hook", "name": "誰か"}], "二度使われている", "used twice"),
        ("quiet_hours", {"from": "25:00", "to": "06:00"}, "時刻は", "write a time as"),
        ("quiet_hours", {"from": "06:00", "to": "06:00"}, "違う時刻", "two different times"),
        ("channels", [{"code": "hook", "kind": "webhook"}], "どちらか一つ", "either url or url_file"),
        ("channels", [{"code": "team", "kind": "slack", "url": "https://hooks.example/x"}], "必ず", "required"),
        ("channels", [{"code": "team", "kind": "slack", "url_file": "secret"}], "/ から始まる", "whole path"),
        ("channels", [{"code": "hook", "kind": "webhook", "url": "http://10.0.0.1/x"}], "plain_http", "plain_http"),
        ("channels", [{"code": "hook", "kind": "webhook", "url": "https://u:p@a.jp/x"}], "利用者名", "without a user"),
        ("channels", [{"code": "hook", "kind": "webhook", "url": "file:///etc/passwd"}], "https://", "https://"),
        ("limit", {"messages": 0}, "1 以上", "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_refused_in_both_languages(key: str, value: object, ja: str, en: str) -> None:
    said = refusal({**document(), key: value})
    assert ja in said.ja
    assert en in said.en


def test_a_time_without_its_zone_is_refused() -> None:
    shift = {"from": "2026-12-01T08:30", "to": "2026-12-02T08:30", "person": "tanaka"}
    assert "+09:00" in refusal({**document(), "duty": {"rota": [shift], "backup": "suzuki"}}).ja


def test_http_within_the_own_network_is_allowed_where_it_is_asked_for() -> None:
    hook = {"code": "hook", "kind": "webhook", "url": "http://10.0.0.1:8000/x", "plain_http": True}
    wanted = {**document(), "channels": [hook], "notify": [{"to": ["hook"]}]}
    assert WatchNotice.model_validate(wanted).channels[0].code == "hook"
