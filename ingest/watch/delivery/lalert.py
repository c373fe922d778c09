"""A draft for L-Alert (Lアラート): text and data that staff enter into the system of the prefecture. Nothing is sent.

L-Alert takes what a municipality announces (避難情報 and the like), by its own XML under a contract. An observation is
none of that: it is a reason for people to decide, so what is here is a draft (下書き).
"""

from collections.abc import Sequence
from datetime import datetime

from ingest.watch.delivery.model import Fact
from ingest.watch.delivery.wording import DISCLAIMER, DRILL_SAID, headline, value_of, what_happened
from schemas.bilingual import Bilingual, joined
from schemas.japan import to_jst

COLUMNS = (
    Bilingual("測定時刻", "Measured"),
    Bilingual("観測所", "Station"),
    Bilingual("地区", "Area"),
    Bilingual("内容", "What happened"),
    Bilingual("値", "Value"),
    Bilingual("基準", "Threshold"),
    Bilingual("参考: 警戒レベルの目安", "For reference: alert level"),
)
"""Columns of the data sheet."""

DRAFT = Bilingual(
    "【下書き】Lアラート(お知らせ)入力用。送信されていません。内容を確かめ、必要な箇所を直して、"
    "県のシステムに入力してください。",
    "[DRAFT] for entering into L-Alert as a notice. Nothing was sent: check it, correct it, and enter it into the"
    " system of the prefecture.",
)
TO_DECIDE = Bilingual(
    "市の対応(避難情報の発令など): ______(人が決めて書く)",
    "What the municipality does (evacuation information and so on): ______ (for people to decide and write)",
)


def lalert_text(project_name: str, facts: Sequence[Fact], now: datetime) -> Bilingual:
    """The draft. `facts`: what is to stand in it, the newest last."""
    drill = [DRILL_SAID] if any(fact.is_drill for fact in facts) else []
    at = to_jst(now)
    head = Bilingual(
        f"{project_name} 観測のお知らせ({at:%Y年%m月%d日 %H:%M} 現在)",
        f"{project_name}: observations as of {at:%Y-%m-%d %H:%M} JST",
    )
    lines = [headline(fact, now) for fact in facts]
    listed = joined([Bilingual(f"・{line.ja}", f"- {line.en}") for line in lines])
    parts = [DRAFT, *drill, head, listed, TO_DECIDE, DISCLAIMER, *drill]
    return joined([part for part in parts if part.ja], "\n\n")


def lalert_rows(facts: Sequence[Fact], language: str = "ja") -> list[tuple[str, ...]]:
    """The data sheet: a row for each event, in the columns of COLUMNS."""
    return [
        (
            f"{to_jst(fact.at):%Y-%m-%d %H:%M}",
            fact.title,
            fact.area or "",
            what_happened(fact).to(language),
            value_of(fact, fact.value),
            value_of(fact, fact.threshold),
            "" if fact.ref_level is None else str(fact.ref_level),
        )
        for fact in facts
    ]
