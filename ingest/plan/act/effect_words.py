"""The effect of a measure in words and as a record: the same ones on pages, in the API and in the history."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from ingest.plan.act.effect import Effect, Side, Verdict
from schemas.bilingual import Bilingual

METHOD = Bilingual(
    "実施日の前後それぞれの日数について、同じ指標を分子の合計÷分母の合計で求め、差を出す(実施日は数えない)。"
    "不確かさ: 前後をそれぞれ最大4つの、1週間以上のまとまりに分け、まとまりごとの値のばらつきから差の95%区間を求める"
    "(バッチ平均、Welchのt)。日々の値は前の日に似るため、日ではなく週でばらつきを見る。",
    "The same figure on both sides of the day of the measure, as sum of numerators / sum of denominators, and their"
    " difference (the day itself is left out). Uncertainty: each side is cut into at most four blocks of a week or"
    " longer; the scatter of the blocks gives a 95 % interval of the difference (batch means, Welch's t). Days resemble"
    " the day before, so weeks are compared and not days.",
)

VERDICTS = {
    Verdict.BETTER: Bilingual("改善した", "better"),
    Verdict.WORSE: Bilingual("悪化した", "worse"),
    Verdict.UNCLEAR: Bilingual("偶然の変動と区別できない", "cannot be told from chance"),
    Verdict.TOO_LITTLE: Bilingual("判断するにはデータが少ない", "too little data to tell"),
    Verdict.NONE: Bilingual("計算できない", "cannot be computed"),
}


def cut(value: Fraction | None) -> Decimal | None:
    """A value of a side with one decimal, cut: 79.96 stays below 80."""
    return None if value is None else _one(value, ROUND_DOWN)


def rounded(value: Fraction | float | None) -> Decimal | None:
    """A change with one decimal. It decides over nothing."""
    return None if value is None else _one(Fraction(value), ROUND_HALF_EVEN)


def outwards(effect: Effect) -> tuple[Decimal, Decimal] | None:
    """The interval with one decimal, rounded to the wider side; None if there is none."""
    if effect.low is None or effect.high is None:
        return None
    return _one(Fraction(effect.low), ROUND_FLOOR), _one(Fraction(effect.high), ROUND_CEILING)


def _one(value: Fraction, rounding: str) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    found = exact.quantize(Decimal("0.1"), rounding=rounding)
    return found or Decimal("0.0")  # no -0.0


def signed(value: Decimal) -> str:
    """A change as people write it: +1.5, −0.3, 0.0."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value)}"


def effect_sentence(effect: Effect) -> Bilingual:
    """The effect in one sentence: figure, before, after, change, interval, and what that says."""
    if effect.missing is not None:
        return Bilingual(
            f"{effect.series.name.ja}: ― ({effect.missing.ja})", f"{effect.series.name.en}: ― ({effect.missing.en})"
        )
    before, after, change = cut(effect.before.value), cut(effect.after.value), rounded(effect.change)
    assert change is not None  # nothing is missing
    interval = outwards(effect)
    said = VERDICTS[effect.verdict]
    spread_ja = f"、95%区間 {signed(interval[0])} 〜 {signed(interval[1])}" if interval else ""
    spread_en = f", 95 % interval {signed(interval[0])} to {signed(interval[1])}" if interval else ""
    name, unit, step = effect.series.name, effect.series.unit, effect.series.unit_of_change
    return Bilingual(
        f"{name.ja} {before} → {after} {unit.ja} ({signed(change)} {step.ja}{spread_ja}): {said.ja}",
        f"{name.en} {before} → {after} {unit.en} ({signed(change)} {step.en}{spread_en}): {said.en}",
    )


def effect_notes(effect: Effect) -> list[Bilingual]:
    """What a reader has to know before believing the effect."""
    notes = []
    if effect.change is not None and not effect.ended:
        over, window = effect.after.over, effect.after.window_days
        notes.append(
            Bilingual(
                f"途中経過です: 実施後{window}日のうち{over}日が終わっています",
                f"so far: {over} of the {window} days after are over",
            )
        )
    if effect.unsure is not None:
        notes.append(effect.unsure)
    if effect.change is not None and effect.year_before is None:
        notes.append(
            Bilingual(
                "前年の同じ日々と比べられないため、季節による変化は分けられていません",
                "there is no year before to compare with: a change of season is not told apart",
            )
        )
    return notes


def effect_record(effect: Effect | None) -> dict[str, Any] | None:
    """The effect as JSON, for the history and the API; None without one. Rates are in percent, dates ISO."""
    if effect is None:
        return None
    interval = outwards(effect)
    return {
        "figure": effect.series.code,
        "unit": effect.series.unit_of_change.en,
        "before": _side(effect.before),
        "after": _side(effect.after),
        "change": _number(rounded(effect.change)),
        "low": None if interval is None else float(interval[0]),
        "high": None if interval is None else float(interval[1]),
        "verdict": effect.verdict.value,
        "others_change": _number(rounded(effect.others)),
        "year_before_change": _number(rounded(effect.year_before)),
        "ended": effect.ended,
        "reference_only": effect.reference_only,
        "said": {"ja": effect_sentence(effect).ja, "en": effect_sentence(effect).en},
        "notes": [{"ja": note.ja, "en": note.en} for note in effect_notes(effect)],
        "method": {"ja": METHOD.ja, "en": METHOD.en},
    }


def _side(side: Side) -> dict[str, Any]:
    completeness = None if side.completeness is None else side.completeness * 100
    return {
        "first_day": side.first_day.isoformat(),
        "until_day": side.until_day.isoformat(),
        "days_over": side.over,
        "blocks": len(side.blocks),
        "value": _number(cut(side.value)),
        "completeness": _number(cut(completeness)),
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
