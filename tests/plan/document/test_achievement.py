"""Achievement rates against cases reckoned by hand, and against fractions for any numbers."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plan.document import achievement
from ingest.plan.document.achievement import achieve, aim_of, grade_of, shown
from schemas.plan import Formula, Kpi
from tests.plan.document.example import document, kpi

LESS, MORE = Formula.LIMIT, Formula.RATIO


def rate(formula: Formula, actual: float, target: float, baseline: float | None = None) -> Decimal:
    achieved = achieve(formula, actual=actual, target=target, baseline=baseline)
    assert achieved.rate is not None, achieved.missing
    assert achieved.missing is None
    return achieved.rate


def test_hours_of_patrol_fell_from_260_to_168_and_150_was_wanted() -> None:
    # (168 - 260) / (150 - 260) = -92 / -110 = 83.6363... %
    reached = rate(Formula.GAIN, 168, 150, 260)
    assert shown(reached) == "83.6"
    assert grade_of(document(), reached) == "B"


@pytest.mark.parametrize(
    ("formula", "actual", "target", "baseline", "expected"),
    [
        (Formula.RATIO, 45, 50, None, "90.0"),
        (Formula.RATIO, 0, 50, None, "0.0"),
        (Formula.GAIN, 300, 150, 260, "-36.4"),  # it got worse: -36.36..., cut downwards
        (Formula.GAIN, 120, 150, 260, "127.2"),
        (Formula.CUMULATIVE, 30, 40, None, "75.0"),
        (Formula.LIMIT, 5, 5, None, "100.0"),
        (Formula.LIMIT, 3, 5, None, "100.0"),
        (Formula.LIMIT, 8, 5, None, "62.5"),
        (Formula.LIMIT, 1, 0, None, "0.0"),  # none was allowed, and there was one
        (Formula.LIMIT, 0, 0, None, "100.0"),
        (Formula.RATIO, 0.1 + 0.2, 0.3, None, "100.0"),
    ],
)
def test_a_rate_reckoned_by_hand(
    formula: Formula, actual: float, target: float, baseline: float | None, expected: str
) -> None:
    assert shown(rate(formula, actual, target, baseline)) == expected


def test_increments_of_years_are_summed() -> None:
    # -70 and -22 of -110 wanted: -92 / -110
    achieved = achieve(Formula.CUMULATIVE, actual=-22, target=-110, baseline=None, increments=[-70, -22])
    assert shown(achieved.rate) == "83.6"
    assert achieve(Formula.CUMULATIVE, actual=1, target=2, baseline=None, increments=[None, 1]).rate is None
    broken = achieve(Formula.CUMULATIVE, actual=1, target=2, baseline=None, increments=[1, float("nan")])
    assert (broken.rate, broken.missing) == (None, achievement.NO_NUMBER)
    assert achieve(Formula.RATIO, actual=1, target=2, baseline=None, increments=[7, 7]).rate == 50, "no sum of years"


@pytest.mark.parametrize(
    ("formula", "actual", "target", "baseline", "why"),
    [
        (Formula.RATIO, None, 50, None, achievement.NO_ACTUAL),
        (Formula.RATIO, 5, None, None, achievement.NO_TARGET),
        (Formula.RATIO, 5, 0, None, achievement.TARGET_ZERO),
        (Formula.RATIO, -3, -5, None, achievement.TARGET_BELOW_ZERO),
        (Formula.LIMIT, 3, -5, None, achievement.TARGET_BELOW_ZERO),
        (Formula.GAIN, 168, 150, None, achievement.NO_BASELINE),
        (Formula.GAIN, 168, 260, 260, achievement.TARGET_IS_BASE),
        (Formula.CUMULATIVE, 168, 0, None, achievement.TARGET_ZERO),
        (Formula.RATIO, float("nan"), 5, None, achievement.NO_NUMBER),
        (Formula.RATIO, float("inf"), 5, None, achievement.NO_NUMBER),
        (Formula.RATIO, 5, float("nan"), None, achievement.NO_TARGET),
        (Formula.GAIN, 5, 6, float("nan"), achievement.NO_BASELINE),
    ],
)
def test_what_cannot_be_computed_has_a_reason(
    formula: Formula, actual: float | None, target: float | None, baseline: float | None, why: object
) -> None:
    achieved = achieve(formula, actual=actual, target=target, baseline=baseline)
    assert (achieved.rate, achieved.missing) == (None, why)
    assert grade_of(document(), achieved.rate) is None
    assert shown(achieved.rate) == "―"


def test_no_grade_is_reached_by_rounding() -> None:
    just_below = rate(Formula.RATIO, 79_999_999_999_999_999, 100_000_000_000_000_000)
    assert shown(just_below, 1) == "79.9"
    assert grade_of(document(), just_below) == "C"
    assert [grade_of(document(), Decimal(at)) for at in ("100", "99.9", "80", "60", "59.9", "-1")] == [*"ABBCDD"]


@given(
    st.sampled_from([Formula.RATIO, Formula.GAIN, Formula.CUMULATIVE]),
    *[st.decimals(-1_000_000, 1_000_000, places=3)] * 3,
)
def test_a_rate_is_the_exact_fraction_cut_off(
    formula: Formula, actual: Decimal, target: Decimal, base: Decimal
) -> None:
    achieved = achieve(formula, actual=actual, target=target, baseline=base)
    from_ = Fraction(base) if formula is Formula.GAIN else Fraction(0)
    if achieved.rate is None:
        assert target == from_ or (formula is Formula.RATIO and target < 0)
    else:
        exact = (Fraction(actual) - from_) / (Fraction(target) - from_) * 100
        assert 0 <= exact - Fraction(achieved.rate) < Fraction(1, 10**achievement.RATE_DIGITS)


def test_targets_of_years() -> None:
    plan = document()
    hours = plan.kpis[0]
    assert [aim_of(hours, year).target for year in (2026, 2027, 2028, 2030)] == [200, 150, None, 120]
    missing = aim_of(hours, 2028).missing
    assert missing is not None
    assert (missing.ja, missing.en) == (
        "計画に令和10年度(2028年度)の目標がありません", "the plan has no target for fiscal year 2028",
    )  # fmt: skip
    first_of_the_era = aim_of(hours, 2019).missing
    assert first_of_the_era is not None
    assert "令和元年度" in first_of_the_era.ja


def test_targets_of_a_cumulative_kpi_are_summed() -> None:
    users = Kpi.model_validate(kpi(formula="cumulative", targets={2026: 0.1, 2027: 0.2, 2028: 5}, baseline=None))
    assert aim_of(users, 2027).target == 0.3
    assert aim_of(users, 2029).target is None
