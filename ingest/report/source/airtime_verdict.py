"""How a transmitter stands to the limits of its regime. Pure."""

from collections.abc import Sequence

from ingest.figures.report.radio import ReportAirtime, ReportSliding
from schemas.airtime import RegimeLimit, airtime_limits
from schemas.labelled import Labelled


class Verdict(Labelled):
    """判定. What is known decides: a device without a counter may have sent more than was heard."""

    EXCEEDED = "exceeded", "超過", "exceeded"
    EXCEEDED_ONE = "exceeded_one", "超過(1回の上限)", "exceeded by one transmission"
    PERHAPS = "perhaps", "超過の可能性", "perhaps exceeded"
    NEAR = "near", "制限内(上限に近い)", "within, but near"
    WITHIN = "within", "制限内", "within"
    WITHIN_HEARD = "within_heard", "受信分は制限内", "within by what was heard"
    WITHIN_ONE = "within_one", "1回の上限内(平均)", "within by the mean transmission"


def judge(
    limit: RegimeLimit | None, months: Sequence[ReportAirtime], sliding: Sequence[ReportSliding] = ()
) -> Verdict | None:
    """The verdict over these months; None where the limit or the time on the air is not known.

    The limit holds in any 60 minutes: `sliding` has the most of them by month, where the watch looked. EXCEEDED: what
    was received alone is over the limit, or the transmitter says it itself. PERHAPS: with the estimate of what was
    lost it may be; or, in a month that the watch has not seen as a whole, in 60 minutes that are no clock hour. A mean
    over the limit of one transmission proves that one was longer; a mean below it proves nothing about the longest.
    """
    timed = [month for month in months if month.airtime_s is not None]
    if limit is not None and limit.hour_s is not None and not timed and any(not each.estimated for each in sliding):
        return _judge_hours(limit.hour_s, months, timed, sliding)
    if limit is None or not timed:
        return None
    if limit.single_ms is not None and max(month.longest_ms or 0 for month in timed) > limit.single_ms:
        return Verdict.EXCEEDED_ONE
    return Verdict.WITHIN_ONE if limit.hour_s is None else _judge_hours(limit.hour_s, months, timed, sliding)


def _judge_hours(
    hour_s: int, months: Sequence[ReportAirtime], timed: Sequence[ReportAirtime], sliding: Sequence[ReportSliding]
) -> Verdict:
    known = {each.month: each for each in sliding}
    lossy = {month.month for month in months if month.lost}
    worst = max([month.worst_s or 0 for month in timed] + [each.seconds for each in sliding])
    # Without losses the estimate of the 60 minutes is what was heard.
    proven = [each.seconds for each in sliding if not each.estimated or each.month not in lossy]
    if max([month.worst_heard_s or 0 for month in timed] + proven) > hour_s:
        return Verdict.EXCEEDED
    unseen = [month for month in timed if month.month not in known or not known[month.month].whole]
    if max([worst, *(month.two_hours_s or 0 for month in unseen)]) > hour_s:
        return Verdict.PERHAPS
    if any(_is_heard_only(month, known.get(month.month)) for month in months):
        return Verdict.WITHIN_HEARD
    return Verdict.NEAR if worst * 100 >= hour_s * airtime_limits().warn_percent else Verdict.WITHIN


def _is_heard_only(month: ReportAirtime, sliding: ReportSliding | None) -> bool:
    """Whether it may have sent more than is known. What the transmitter itself says of a whole month is all of it."""
    if sliding is not None and sliding.whole and not sliding.estimated:
        return False
    return month.lost is None or month.timed < month.received
