"""What people read: every kind of event in both languages, and no word that the law keeps for others."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ingest.watch.delivery.lalert import COLUMNS, lalert_rows, lalert_text
from ingest.watch.delivery.model import Delivery, Effect, Fact, Purpose, Way
from ingest.watch.delivery.wording import MOST_LINES, Links, words_of
from ingest.watch.model import Kind, Origin
from schemas.bilingual import Bilingual
from tests.watch.delivery.valley import NOON

ROOT = Path(__file__).parents[3]
KEPT = re.compile("警報|注意報|予報")
"""特別警報 and 危険警報 have the first in them."""
ALLOWED = {
    "schemas/stage.py": "it refuses these words",
    "schemas/watch_rules.py": "it refuses these words",
    "schemas/published/watch.schema.json": "it describes what is refused",
    "ingest/plan/templates/river.yaml": "a comment: what is meant there is none of these",
}
TEXTS = (".py", ".html", ".js", ".yaml", ".yml", ".json", ".typ", ".sql", ".toml", ".svg")


def fact(**more: Any) -> Fact:
    known: dict[str, Any] = {
        "event_id": 1, "incident_id": 5, "project": "shiojiri", "project_name": "塩尻市 河川監視", "kind": Kind.STAGE,
        "hazard": "river", "subject": "stage:d1", "rule": "", "thing": "SH-W-003", "title": "田川第二", "area": "宗賀",
        "quantity": "river_level", "label": Bilingual("河川水位", "River level"), "channel": 0, "measure": "value",
        "at": NOON, "before_rank": 0, "rank": 2, "now_rank": 2, "name": Bilingual("市設定基準2", "City level 2"),
        "value": 1.234, "threshold": 1.0, "unit": "m", "official": False, "ref_level": 3, "origin": Origin.LIVE,
        "drill_id": None, "withdrawn": None, "committed_at": NOON, "effect": Effect.RISE,
    }  # fmt: skip
    return Fact(**known | more)


def delivery(purpose: Purpose = Purpose.EVENT, **more: Any) -> Delivery:
    known: dict[str, Any] = {
        "delivery_id": 1, "project_id": 1, "incident_id": 5, "event_id": 1, "channel": "list", "way": Way.MAIL,
        "target": "bosai@city.example.jp", "recipient": "", "step": 0, "purpose": purpose, "key": UUID(int=1),
        "queued_at": NOON, "due_at": NOON, "tries": 1, "resent": False,
    }  # fmt: skip
    return Delivery(**known | more)


WITHDRAWN = Bilingual("後の測定で一時の乱れと分かりました", "later measurements showed a spike")


@pytest.mark.parametrize(
    ("more", "ja"),
    [
        ({}, "田川第二: 市設定基準2に到達(参考: 警戒レベル3の目安) 1.23 m 12:00"),
        ({"ref_level": None}, "田川第二: 市設定基準2に到達 1.23 m 12:00"),
        ({"ref_level": None, "value": -1.5, "unit": "Cel"}, "田川第二: 市設定基準2に到達 -1.5 ℃ 12:00"),
        ({"ref_level": None, "value": 1.0, "unit": "1", "measure": "state"}, "田川第二: 市設定基準2に到達 12:00"),
        ({"before_rank": 3, "effect": Effect.FALL},
         "田川第二: 市設定基準2に戻る(参考: 警戒レベル3の目安) 1.23 m 12:00"),
        ({"before_rank": 2, "rank": 0, "effect": Effect.FALL}, "田川第二: 解消(基準の範囲外) 1.23 m 12:00"),
        ({"origin": Origin.LATE, "effect": Effect.LATE, "ref_level": None},
         "田川第二: 市設定基準2に到達(後から届いた測定による訂正) 1.23 m 12:00"),
        ({"withdrawn": WITHDRAWN, "effect": Effect.FALL},
         "田川第二: 市設定基準2の取消(後から届いた測定による訂正) 1.23 m 12:00"),
        ({"kind": Kind.SILENCE, "rank": 1, "value": None, "name": Bilingual("", "")},
         "田川第二: 途絶(測定値が届いていません) 12:00"),
        ({"kind": Kind.BLIND, "rank": 1, "value": None, "name": Bilingual("", "")},
         "田川第二: 監視不能(測定値が届かず、状況が分かりません) 12:00"),
        ({"kind": Kind.SILENCE, "before_rank": 1, "rank": 0, "value": None, "effect": Effect.FALL},
         "田川第二: 途絶から復旧 12:00"),
        ({"at": NOON - timedelta(days=1)}, "田川第二: 市設定基準2に到達(参考: 警戒レベル3の目安) 1.23 m 05/31 12:00"),
    ],
)  # fmt: skip
def test_each_event_has_its_line(more: dict[str, Any], ja: str) -> None:
    words = words_of(delivery(), "塩尻市 河川監視", [fact(**more)])
    assert words.title.ja == f"【狼煙】{ja}"
    assert "田川第二" in words.title.en
    assert re.search("[ぁ-んァ-ン]", words.title.en) is None


@pytest.mark.parametrize(
    ("now_rank", "ja"),
    [(2, None), (1, "いまは段階1に下がっています。"), (0, "この事象はもう終わっています。")],
)
def test_what_is_told_after_a_time_says_where_it_stands_now(now_rank: int, ja: str | None) -> None:
    lines = words_of(delivery(), "塩尻市", [fact(now_rank=now_rank)]).text.ja.split("\n")
    assert [line for line in lines if line.startswith(("いま", "この事象"))] == ([] if ja is None else [ja])


EVERY = [
    fact(kind=kind, rank=rank, before_rank=before, effect=effect, withdrawn=withdrawn, origin=origin)
    for kind in Kind
    for rank, before, effect in ((2, 0, Effect.RISE), (1, 2, Effect.FALL), (0, 2, Effect.FALL), (2, 0, Effect.LATE))
    for withdrawn in (None, WITHDRAWN)
    for origin in Origin
]


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_message_says_that_it_is_no_announcement_and_a_drill_that_it_is_one(purpose: Purpose) -> None:
    for each in ([one] for one in EVERY):
        words = words_of(delivery(purpose), "塩尻市", each, Links("https://n.example/p", "https://n.example/a"))
        assert "観測値であり、気象庁・河川管理者の発表ではありません" in words.text.ja
        assert "not announcements of the meteorological agency" in words.text.en
        assert KEPT.search(words.title.ja + words.text.ja) is None
        is_drill = purpose is Purpose.DRILL or each[0].is_drill
        assert words.title.ja.startswith("【訓練】") == is_drill
        assert (words.text.ja.count("【訓練】") == 2) == is_drill
        assert words.title.en.startswith("[DRILL]") == is_drill


def test_a_digest_lists_the_worst_first_and_counts_the_rest() -> None:
    facts = [fact(rank=1, title=f"局{number}", event_id=number) for number in range(MOST_LINES + 5)]
    words = words_of(delivery(Purpose.DIGEST), "塩尻市", [*facts, fact(rank=4, title="最悪")])
    assert words.title.ja.startswith("【狼煙】46件 最悪: ")
    assert words.text.ja.startswith("・最悪: ")
    assert words.text.ja.count("\n・") + 1 == MOST_LINES
    assert "ほか6件" in words.text.ja


def test_a_draft_for_l_alert_says_that_nothing_was_sent() -> None:
    text = lalert_text("塩尻市", [fact()], NOON)
    assert text.ja.startswith("【下書き】")
    assert "送信されていません" in text.ja
    assert "人が決めて書く" in text.ja
    (row,) = lalert_rows([fact()])
    assert len(row) == len(COLUMNS)
    assert row[0] == "2026-06-01 12:00"


def test_no_text_of_the_product_uses_words_that_the_law_keeps() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "ingest", "schemas", "dashboards", "deploy"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    texts = [name for name in listed if name.endswith(TEXTS)]
    assert len(texts) > 500
    found = {name for name in texts if KEPT.search((ROOT / name).read_text(encoding="utf-8"))}
    assert found <= set(ALLOWED), f"{sorted(found - set(ALLOWED))}: see domain notes, Meteorological Service Act"
    assert set(ALLOWED) - found <= {"schemas/published/watch.schema.json"}
