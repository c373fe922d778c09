"""The watch document: what it may say, and what is refused with which words."""

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.misfit import misfit
from schemas.watch import WatchDocument

RAIN = {"devices": ["sh-r-001"], "measure": {"kind": "rain_1h"}, "at_least": 30}


def rule(*stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {"code": "tagawa", "hazard": "river", "devices": ["sh-w-003"], "quantity": "river_level"} | more
    return said | {"stages": list(stages) or [stage(1, 1.5)]}


def stage(rank: int, value: Any, **more: Any) -> dict[str, Any]:
    return {"rank": rank, "name": f"市設定基準{rank}", "value": value} | more


def document(*rules: dict[str, Any], **more: Any) -> WatchDocument:
    return WatchDocument.model_validate({"project": "shiojiri", "rules": list(rules)} | more)


def refusal(*rules: dict[str, Any], **more: Any) -> tuple[tuple[int | str, ...], str, str]:
    with pytest.raises(ValidationError) as refused:
        document(*rules, **more)
    item, *_ = refused.value.errors()  # a list whose only item is wrong is said to be empty, too
    return item["loc"], *misfit(item)


def test_a_document_of_nothing_but_its_project_is_whole() -> None:
    bare = document()
    assert (bare.rules, bare.registry_stages.hysteresis_m, bare.notify) == ((), 0.05, ())


def test_everything_of_the_handbook_is_accepted_and_comes_back_from_json() -> None:
    said = document(
        rule(
            stage(1, 0.5, **{"with": {"any": [RAIN]}}),
            stage(2, 1.0, valid_from="2026-04-01", valid_to="2027-03-31", official=True, source="県告示"),
            measure={"kind": "rise", "hours": 1}, hysteresis=0.05, hold_min=10, season={"from": "04-01", "to": "10-31"},
            hours={"from": "18:00", "to": "06:00"},
        ),
        registry_stages={"hysteresis_m": 0.1},
        silence={"intervals": 3}, quality={"enabled": True}, airtime={"caution_percent": 60},
    )  # fmt: skip
    body = said.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert body["rules"][0]["stages"][0]["with"]["any"][0]["at_least"] == 30
    assert WatchDocument.model_validate(body) == said


@pytest.mark.parametrize("word", ["警報", "特別警報", "危険警報", "注意報", "予報"])
def test_words_of_the_weather_service_are_refused_wherever_they_stand(word: str) -> None:
    text = f"大雨{word}の基準"
    in_name = refusal(rule(stage(1, 1.5, name=text)))
    in_source = refusal(rule(stage(1, 1.5, source=text)))
    in_person = refusal(people=[{"code": "a", "name": text}])
    assert "rules.0.stages.0.name" in in_name[1]
    assert "rules.0.stages.0.source" in in_source[1]
    assert "people.0.name" in in_person[1]
    assert all("気象業務法" in each[1] and "Meteorological" in each[2] for each in (in_name, in_source, in_person))


@pytest.mark.parametrize(
    ("stages", "more", "words"),
    [
        ([stage(1, 2.0), stage(2, 1.0)], {}, "段階 2(1)の値は段階 1(2)より高いはずです"),
        ([stage(1, 2.0), stage(2, 2.0)], {}, "より高いはずです"),
        ([stage(1, 1.0), stage(2, 2.0)], {"direction": "below"}, "段階 2(2)の値は段階 1(1)より低いはずです"),
        ([stage(1, 1.0), stage(1, 2.0)], {}, "段階 1 が同じ時期に二つあります"),
        ([stage(1, "triggered")], {}, "'triggered' は数ではありません"),
        ([stage(1, 1.0, official=True)], {}, "出典"),
        ([stage(1, 1.0, name="氾濫危険水位")], {}, "法定の名前"),
        ([stage(1, 1.0, valid_from="2026-04-01", valid_to="2026-03-31")], {}, "適用終了が適用開始より前"),
        ([stage(1, 1.0, valid_to="9999-12-31")], {}, "暦の外の日時です"),
        ([stage(1, 1.0, valid_from="0001-01-01T00:00:00+14:00")], {}, "暦の外の日時です"),
        ([], {"quantity": None}, "測定項目(quantity)が要ります"),
        ([], {"measure": {"kind": "wbgt"}}, "wbgt は決まった項目から計算します"),
        ([stage(1, 1, **{"with": {"all": [{"devices": ["a"], "at_least": 1}]}})], {}, "value のときは、測定項目"),
        ([], {"devices": ["a", "b", "a"]}, "機器 a が二つ"),
        ([stage(1, 1)], {"measure": {"kind": "state"}, "hysteresis": 1}, "状態(state)のルールに"),
        ([stage(1, 1)], {"measure": {"kind": "rain_1h"}, "quantity": None, "hysteresis": 1}, "段階が解けません"),
        ([], {"measure": {"kind": "rise", "days": 2}}, "そのような項目はありません"),
        ([], {"measure": {"kind": "rain_effective"}}, "必ず書いてください"),
        ([], {"season": {"from": "02-30", "to": "03-01"}}, "月日はありません"),
        ([], {"hours": {"from": "06:00", "to": "06:00"}}, "違う時刻"),
        ([stage(1, 1, **{"with": {}})], {}, "any(どれか)か all(すべて)"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_of_the_clerk(
    stages: list[dict[str, Any]], more: dict[str, Any], words: str
) -> None:
    place, ja, en = refusal(rule(*stages, **more))
    assert place[:2] == ("rules", 0)
    assert words in ja
    assert en.isascii() or "市設定基準" in en or "氾濫" in en


def test_two_rules_of_one_code_are_refused() -> None:
    assert refusal(rule(), rule())[1] == "ルール tagawa が二つあります"


def test_one_rank_may_have_another_value_later() -> None:
    assert document(rule(stage(1, 1.0, valid_to="2026-03-31"), stage(1, 0.5, valid_from="2026-04-01"))).rules


def test_stages_below_fall_and_states_are_words() -> None:
    frost = rule(stage(1, 3.0), stage(2, 0.0), quantity="air_temperature", direction="below")
    trap = rule(stage(1, "triggered"), stage(2, "occupied"), quantity="trap_state", measure={"kind": "state"}, code="b")
    assert [each.stages[0].value for each in document(frost, trap).rules] == [3.0, "triggered"]


def test_the_measure_says_its_numbers() -> None:
    said = document(rule(measure={"kind": "rain_cumulative", "dry_hours": 12}, quantity=None))
    assert said.rules[0].measure.text == "rain_cumulative(dry_hours=12)"
    assert document(rule()).rules[0].measure.text == "value"
