"""Figures of the watch as KPIs: delays, times to acknowledge, false alarms, what was missed."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction

from ingest.figures.watch_record import WatchSums, WatchUptime
from ingest.plan.check.look import Look, Measured, Number
from schemas.bilingual import Bilingual

NOT_WATCHED = Bilingual(
    "この期間の終わりまでに監視が始まっていません", "the watch had not begun before the end of this period"
)
_NOTHING_TOLD = Bilingual(
    "その時に分かって人に届いた通知が、この期間にありません",
    "no message about an event of this period, noticed as it happened, reached people",
)
_NOTHING_TAKEN = Bilingual(
    "通知が届いてから確認された事象が、この期間にありません", "no incident of this period was taken after it was told"
)
_NOTHING_JUDGED = Bilingual(
    "正誤(空振りかどうか)を人が記した事象が、この期間にありません", "nobody judged an incident of this period"
)
_NOBODY_LOOKED = Bilingual(
    "この期間の監視の正誤を人が記していません(見逃しがなかったのか、調べていないのか分かりません)",
    "nobody judged the watch of this period: whether nothing was missed or nobody looked is not known",
)
_NO_INCIDENT = Bilingual("この期間に始まった事象がありません", "no incident began in this period")
_NO_DOCUMENT = Bilingual("この期間に監視計画が適用されていません", "no document of the watch held in this period")


def measure_watch(look: Look, code: str, days: tuple[date, date]) -> Measured:
    """The value of a figure of the watch in the days [first, second); None with a reason where there is none."""
    if code == "watch_uptime":
        return measure_uptime(look.watch_uptime(*days))
    return measure_sums(look.watch(*days), code)


def measure_uptime(found: WatchUptime | None) -> Measured:
    """The uptime of the watch in percent."""
    return Measured(None, _NO_DOCUMENT) if found is None else Measured(Fraction(found.uptime) * 100, None, 1)


def measure_sums(sums: WatchSums | None, code: str) -> Measured:
    """A figure of the watch, by its code of the catalogue, from sums that were read already."""
    if sums is None or not sums.watched:
        return Measured(None, NOT_WATCHED)
    value, samples = _VALUES[code](sums)
    return Measured(value, None if value is not None else _WHY[code], samples)


def _minutes(seconds: float | None) -> Number | None:
    return None if seconds is None else Fraction(seconds) / 60


def _false_alarms(sums: WatchSums) -> tuple[Number | None, int]:
    return (Fraction(sums.marked_false * 100, sums.marked) if sums.marked else None), sums.marked


def _missed(sums: WatchSums) -> tuple[Number | None, int]:
    judged = sums.marked + sums.missed
    return (sums.missed if judged else None), judged


_VALUES: dict[str, Callable[[WatchSums], tuple[Number | None, int]]] = {
    "notification_delay_p50": lambda sums: (sums.delay_p50_s, sums.delay_samples),
    "notification_delay_p95": lambda sums: (sums.delay_p95_s, sums.delay_samples),
    "time_to_acknowledge_p50": lambda sums: (_minutes(sums.acknowledge_p50_s), sums.acknowledge_samples),
    "time_to_acknowledge_p95": lambda sums: (_minutes(sums.acknowledge_p95_s), sums.acknowledge_samples),
    "false_alarm_rate": _false_alarms,
    "missed": _missed,
    "crossings": lambda sums: (sums.crossings, sums.crossings),
    "escalations": lambda sums: (sums.escalations if sums.incidents else None, sums.incidents),
    "notifications": lambda sums: (sums.notifications, sums.notifications),
}
_WHY = {
    "notification_delay_p50": _NOTHING_TOLD,
    "notification_delay_p95": _NOTHING_TOLD,
    "time_to_acknowledge_p50": _NOTHING_TAKEN,
    "time_to_acknowledge_p95": _NOTHING_TAKEN,
    "false_alarm_rate": _NOTHING_JUDGED,
    "missed": _NOBODY_LOOKED,
    "escalations": _NO_INCIDENT,
}
