"""Readings as the machine takes them, and what a measure makes of them."""

from typing import NamedTuple

from schemas.labelled import Labelled
from schemas.reading import Quality

UNSOUND = int(Quality.RANGE | Quality.CLAMPED | Quality.PUBLISHER)
"""Remarks about the value itself: such a reading reaches no stage, as in the view `figure_sound`."""


class Reading(NamedTuple):
    """A stored value. `series`: which input of the rule it is of, by its place in `WatchedRule.inputs`."""

    time_us: int
    value: float
    series: int = 0
    quality: int | None = None

    @property
    def sound(self) -> bool:
        """Whether it may reach or leave a stage."""
        return not (self.quality or 0) & UNSOUND and abs(self.value) < float("inf")


class Lacking(Labelled):
    """Why a measure has no value at a time. It then neither reaches nor leaves a stage."""

    SHORT = "short", "さかのぼる測定がまだ足りません", "there are not yet readings from far enough back"
    GAP = "gap", "途中の測定が欠けています", "readings between are missing"
    INPUT = "input", "計算に要るほかの測定がありません", "another reading that it needs is missing"
    COARSE = "coarse", "測定の間隔が計算の期間より長すぎます", "readings are farther apart than the time it looks at"
    DOUBTFUL = (
        "doubtful",
        "積算値が戻ったため、次の測定を待ちます",
        "the running total went back: the next reading decides",
    )


class Sample(NamedTuple):
    """What a measure comes to at a time. `value` None: it cannot be computed, for the reason `lacking`.

    `partial`: something is missing, and the true value is at least this one. It may reach a stage and leaves none.
    `source`: of which of the measure's inputs it is, by place, where that differs from sample to sample.
    """

    time_us: int
    value: float | None
    partial: bool = False
    lacking: Lacking | None = None
    source: int = 0
