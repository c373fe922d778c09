"""Bounds of what people enter in the watch, and the sentences that refuse the rest. Pure."""

from datetime import datetime, timedelta

from ingest.access.authority import ChangeRefused
from schemas.bilingual import Bilingual

LONGEST_NOTE = 2_000
LONGEST_REASON = 500
LONGEST_TITLE = 200
LONGEST_PLACE = 200
LONGEST_MAINTENANCE = timedelta(days=14)
LONGEST_DUTY = timedelta(days=31)
LONGEST_DRILL = timedelta(hours=24)
FARTHEST = timedelta(days=366)
"""So far ahead a window or a duty may begin."""
AHEAD = timedelta(minutes=10)
"""The clock of somebody else may be ahead of ours by so much."""
EARLIEST_MISSED = timedelta(days=3 * 366)

INCIDENT = Bilingual("事象", "incident")
ACTION = Bilingual("記録", "entry")
MAINTENANCE = Bilingual("保守の時間帯", "maintenance window")
DUTY = Bilingual("当番の交代", "change of the duty")
DRILL = Bilingual("訓練", "drill")
LINK = Bilingual("リンク", "link")
DEVICE = Bilingual("機器", "device")
GATEWAY = Bilingual("基地局", "gateway")
NETWORK = Bilingual("通信網", "network")

OTHER_KEY = Bilingual(
    "このキーは、中身の違うほかの記録に使われています", "this client_key belongs to an entry that says something else"
)


def checked_text(text: str, most: int, what: Bilingual, *, needed: bool = True) -> str:
    """The text without spaces around it. Raises ChangeRefused if it is too long, missing or no text."""
    plain = text.strip()
    if needed and not plain:
        raise ChangeRefused(Bilingual(f"{what.ja}を書いてください", f"write a {what.en}"))
    if len(plain) > most:
        raise ChangeRefused(Bilingual(f"{what.ja}は{most:,}字までです", f"a {what.en} has {most:,} characters at most"))
    if any(ord(each) < ord(" ") and each not in "\r\n\t" for each in plain):
        raise ChangeRefused(
            Bilingual(
                f"{what.ja}に文字でないものが入っています", f"there is something in the {what.en} that is no text"
            )
        )
    return plain


def check_span(starts: datetime, ends: datetime, now: datetime, longest: timedelta, what: Bilingual) -> None:
    """Raise ChangeRefused unless it begins before it ends, ends ahead of now, and is not too long or too far away."""
    if ends <= starts:
        raise ChangeRefused(Bilingual("終了は開始より後にしてください", "it must end after it begins"))
    if ends <= now:
        raise ChangeRefused(Bilingual("終了がもう過ぎています", "it would have ended already"))
    if ends - starts > longest:
        raise ChangeRefused(
            Bilingual(
                f"{what.ja}は{lasting(longest).ja}までです。必要なら、終わる前に続きを入れてください",
                f"a {what.en} lasts {lasting(longest).en} at most; enter another one before it ends if need be",
            )
        )
    if starts > now + FARTHEST:
        raise ChangeRefused(Bilingual("開始が先すぎます", "it begins too far ahead"))


def lasting(span: timedelta) -> Bilingual:
    """A length of whole days or hours in words."""
    hours = int(span.total_seconds()) // 3600
    if hours % 24 or hours == 24:
        return Bilingual(f"{hours}時間", f"{hours} hours")
    return Bilingual(f"{hours // 24}日", f"{hours // 24} days")
