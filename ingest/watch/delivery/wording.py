"""Every text that the watch says to people, from one place. Words that the law keeps for others are not among them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.watch.delivery.model import Delivery, Effect, Fact, Purpose
from ingest.watch.model import Kind
from schemas.bilingual import Bilingual, joined, quoted
from schemas.japan import to_jst
from schemas.quantity import written_unit

MARK = Bilingual("【狼煙】", "[Noroshi] ")
DRILL = Bilingual("【訓練】", "[DRILL] ")
DRILL_SAID = Bilingual(
    "【訓練】これは訓練です。実際の事象ではありません。", "[DRILL] This is a drill. Nothing of it is real."
)
DISCLAIMER = Bilingual(
    "観測値であり、気象庁・河川管理者の発表ではありません。避難などの判断は、公式の発表を確かめてください。",
    "These are observations, not announcements of the meteorological agency or the river administrator. Look at the"
    " official announcements before you decide.",
)
UNTAKEN = Bilingual("【未確認】", "[NOT TAKEN] ")
UNTAKEN_SAID = Bilingual(
    "まだだれも確認していないため、続けてお知らせしています。", "Nobody has taken it yet: therefore you are told too."
)
CORRECTION = Bilingual("後から届いた測定による訂正", "Corrected by measurements that came later")
RESENT = Bilingual(
    "前に送ったものの返事がなかったため、もう一度送っています。",
    "It is sent once more: nobody knows whether it arrived before.",
)
LINK_LASTS = Bilingual("(7日間有効。この事象を確認したことになります)", " (for seven days; it takes the incident)")
MOST_LINES = 40
"""So many events of a digest are listed; the others are counted."""

_OVER = {
    Kind.STAGE: Bilingual("解消(基準の範囲外)", "is over: no stage is reached any more"),
    Kind.SILENCE: Bilingual("途絶から復旧", "is heard again"),
    Kind.BLIND: Bilingual("監視不能から復旧", "can be watched again"),
    Kind.AIRTIME: Bilingual("送信時間に余裕ができました", "has transmitting time to spare again"),
    Kind.QUALITY: Bilingual("測定値の疑いは解消", "has values without doubt again"),
}
_BEGAN = {
    Kind.SILENCE: Bilingual("途絶(測定値が届いていません)", "is silent: no measurement arrives"),
    Kind.BLIND: Bilingual("監視不能(測定値が届かず、状況が分かりません)", "cannot be watched: no measurement arrives"),
    Kind.AIRTIME: Bilingual("送信時間が上限に近づいています", "comes near the limit of its transmitting time"),
    Kind.QUALITY: Bilingual("測定値に疑いがあります", "has doubtful values"),
}


class Links(NamedTuple):
    """Addresses in a message; empty where they are not known. `take`: with a token, which takes the incident."""

    page: str = ""
    take: str = ""


NO_LINKS = Links()


class Words(NamedTuple):
    """A message in words: one line, and all of it."""

    title: Bilingual
    text: Bilingual


def words_of(delivery: Delivery, project_name: str, facts: Sequence[Fact], links: Links = NO_LINKS) -> Words:
    """A message as people read it. `facts` empty: a test of the channel."""
    drill = [DRILL_SAID] if delivery.purpose is Purpose.DRILL or any(fact.is_drill for fact in facts) else []
    untaken = [UNTAKEN_SAID] if delivery.purpose is Purpose.ESCALATION else []
    resent = [RESENT] if delivery.resent else []
    if not facts:
        title, said = _test_of(project_name)
    elif len(facts) == 1:
        title, said = headline(facts[0], delivery.queued_at), paragraph(facts[0])
    else:
        title, said = _headline_of_many(facts, delivery.queued_at), _list_of_many(facts, delivery.queued_at)
    about = Bilingual(f"事業: {project_name}", f"Project: {project_name}")
    parts = [*drill, *untaken, *resent, said, about, _said_of(links), DISCLAIMER, *drill]
    marks = joined([*([DRILL] if drill else []), *([UNTAKEN] if untaken else []), MARK], "")
    return Words(joined([marks, title], ""), joined([part for part in parts if part.ja], "\n\n"))


def _test_of(project_name: str) -> tuple[Bilingual, Bilingual]:
    return (
        Bilingual(f"通知の試験 {project_name}", f"Test of notices {project_name}"),
        Bilingual(
            "通知の設定の試験です。何も起きていません。",
            "This is a test of the settings of notices. Nothing has happened.",
        ),
    )


def headline(fact: Fact, now: datetime) -> Bilingual:
    """One event in one line: station, what happened, value, time in Japan. `now`: days are left out on its day."""
    what = what_happened(fact)
    value = value_of(fact, fact.value)
    end = " ".join(part for part in (value, _clock(fact.at, now)) if part)
    return Bilingual(f"{fact.title}: {what.ja} {end}", f"{fact.title}: {what.en} {end}")


def what_happened(fact: Fact) -> Bilingual:
    """What happened to the station, without its name."""
    if fact.withdrawn is not None:
        return _sentence(f"{_stage(fact).ja}の取消", f"{_stage(fact).en} is taken back", CORRECTION)
    late = CORRECTION if fact.effect is Effect.LATE or (fact.effect is Effect.FALL and fact.is_late) else None
    if fact.rank == 0:
        return _sentence(*_OVER[fact.kind], late)
    if fact.kind is not Kind.STAGE:
        name = Bilingual(f" {fact.name.ja}", f" ({fact.name.en})") if fact.name.ja else quoted("")
        return _sentence(_BEGAN[fact.kind].ja + name.ja, _BEGAN[fact.kind].en + name.en, late)
    stage, hint = _stage(fact), _hint(fact)
    if fact.rank > fact.before_rank:
        return _sentence(f"{stage.ja}に到達{hint.ja}", f"reached {stage.en}{hint.en}", late)
    return _sentence(f"{stage.ja}に戻る{hint.ja}", f"went back to {stage.en}{hint.en}", late)


def _sentence(ja: str, en: str, more: Bilingual | None) -> Bilingual:
    return Bilingual(ja, en) if more is None else Bilingual(f"{ja}({more.ja})", f"{en} ({more.en})")


def _stage(fact: Fact) -> Bilingual:
    if fact.name.ja:
        return fact.name
    return fact.kind.label if fact.kind is not Kind.STAGE else Bilingual(f"段階{fact.rank}", f"stage {fact.rank}")


def _hint(fact: Fact) -> Bilingual:
    """The level of alert that a stage is held against: always a hint, never an announcement."""
    if fact.ref_level is None:
        return quoted("")
    return Bilingual(
        f"(参考: 警戒レベル{fact.ref_level}の目安)", f" (for reference: about alert level {fact.ref_level})"
    )


def value_of(fact: Fact, value: float | None) -> str:
    """A value or a threshold of an event with its unit: metres and plain numbers to two decimals, others to one.

    Empty where there is none, and for a state: the stage is named after it.
    """
    if value is None or fact.measure == "state":
        return ""
    unit = written_unit(fact.unit)
    return f"{value:.2f} {unit}".strip() if unit in ("m", "") else f"{value:.1f} {unit}"


def _clock(at: datetime, now: datetime) -> str:
    local = to_jst(at)
    return f"{local:%H:%M}" if local.date() == to_jst(now).date() else f"{local:%m/%d %H:%M}"


def paragraph(fact: Fact) -> Bilingual:
    """All that is known of one event, a line each."""
    what = what_happened(fact)
    place = "、".join(part for part in (fact.thing, fact.area) if part)
    lines = [Bilingual(f"{fact.title}({place})", f"{fact.title} ({place})"), what]
    if value := value_of(fact, fact.value):
        label, threshold = fact.label or Bilingual("値", "Value"), value_of(fact, fact.threshold)
        limit = Bilingual(f"(基準 {threshold})", f" (threshold {threshold})") if threshold else quoted("")
        lines.append(Bilingual(f"{label.ja}: {value}{limit.ja}", f"{label.en}: {value}{limit.en}"))
    at = to_jst(fact.at)
    lines.append(Bilingual(f"測定: {at:%Y年%m月%d日 %H:%M:%S}", f"Measured: {at:%Y-%m-%d %H:%M:%S} JST"))
    if fact.withdrawn is not None:
        lines.append(Bilingual(f"理由: {fact.withdrawn.ja}", f"Reason: {fact.withdrawn.en}"))
    if fact.effect is Effect.RISE and fact.now_rank == 0:
        lines.append(Bilingual("この事象はもう終わっています。", "It is over by now."))
    elif fact.effect is Effect.RISE and fact.now_rank is not None and fact.now_rank < fact.rank:
        now = fact.now_rank
        lines.append(Bilingual(f"いまは段階{now}に下がっています。", f"By now it has gone down to rank {now}."))
    return joined(lines)


def _headline_of_many(facts: Sequence[Fact], now: datetime) -> Bilingual:
    worst = max(facts, key=lambda fact: (fact.effect is Effect.RISE, fact.rank))
    first = headline(worst, now)
    return Bilingual(f"{len(facts)}件 {first.ja} ほか", f"{len(facts)} events, {first.en} and others")


def _list_of_many(facts: Sequence[Fact], now: datetime) -> Bilingual:
    """Every event in a line, the worst first; those beyond MOST_LINES are counted."""
    ordered = sorted(facts, key=lambda fact: (fact.effect is not Effect.RISE, -fact.rank, fact.at))
    lines = [headline(fact, now) for fact in ordered[:MOST_LINES]]
    listed = joined([Bilingual(f"・{line.ja}", f"- {line.en}") for line in lines])
    rest = len(facts) - len(lines)
    if not rest:
        return listed
    return joined([listed, Bilingual(f"ほか{rest}件", f"and {rest} more")])


def _said_of(links: Links) -> Bilingual:
    lines = []
    if links.take:
        lines.append(Bilingual(f"確認: {links.take}{LINK_LASTS.ja}", f"Take it: {links.take}{LINK_LASTS.en}"))
    if links.page:
        lines.append(Bilingual(f"画面: {links.page}", f"Page: {links.page}"))
    return joined(lines)
