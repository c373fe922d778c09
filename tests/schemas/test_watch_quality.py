"""The parts `quality` and `airtime` of the watch document: what they take, and what they refuse."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.watch_airtime import WatchAirtime
from schemas.watch_quality import FAIL, SUSPECT, Limits, QualitySeries, WatchQuality


def test_a_threshold_is_a_number_or_a_pair() -> None:
    one, two = Limits.model_validate(0.5), Limits.model_validate([0.5, 2])
    assert [one.grade(amount) for amount in (0.5, 0.6, 9)] == [None, SUSPECT, SUSPECT]
    assert [two.grade(amount) for amount in (0.5, 0.6, 2, 2.1)] == [None, SUSPECT, SUSPECT, FAIL]
    assert Limits.model_validate(two.model_dump()) == two


def test_a_season_may_reach_over_the_new_year() -> None:
    series = QualitySeries.model_validate(
        {"quantity": "air_temperature", "range": {"12-01..03-31": [-20, -10, 20, 30]}}
    )
    (winter,) = series.range
    assert [winter.holds_on(day) for day in ("11-30", "12-01", "01-15", "03-31", "04-01")] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert [winter.grade(value) for value in (-21, -20, -10, 20, 20.5, 31)] == [
        FAIL, SUSPECT, None, None, SUSPECT, FAIL,
    ]  # fmt: skip
    assert QualitySeries.model_validate(series.model_dump(mode="json")) == series


@pytest.mark.parametrize(
    "body",
    [
        {"spike": [2, 1]},
        {"spike": [1, 2, 3]},
        {"spike": 0},
        {"range": {"12-01": [0, 1]}},
        {"range": {"12-01..02-31": [0, 1]}},
        {"range": {"12-01..02-28": [1, 0]}},
        {"range": {"12-01..02-28": [0, 1, 2]}},
        {"drift": 1, "neighbours": ["a", "b", "a"]},
        {"off": ["gap"]},
    ],
)
def test_what_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WatchQuality.model_validate({"series": [{"quantity": "river_level", **body}]})


def test_shares_of_the_limit_rise() -> None:
    assert WatchAirtime().shares == (70, 90, 100)
    with pytest.raises(ValidationError):
        WatchAirtime(caution_percent=90, alert_percent=70)
