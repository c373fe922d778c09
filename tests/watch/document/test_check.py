"""What a document names of the registry, and stages that no reading can reach."""

from typing import Any

import pytest

from ingest.watch.document.check import Found, check_registry
from ingest.watch.document.fault import problem_of
from ingest.watch.document.versions import body_of
from schemas.watch import WatchDocument
from tests.watch.document.registry import TEA, device, registered

GOOD = {"code": "r", "hazard": "river", "devices": ["river"], "quantity": "river_level"}
RAIN = {"measure": {"kind": "rain_1h"}, "at_least": 1}
LEVEL = {"devices": ["river"], "quantity": "river_level"}
STAGE = {"rank": 1, "name": "市設定基準1", "value": 1.5}


def checked(*more: Any, **parts: Any) -> Found:
    document = WatchDocument.model_validate({"project": "tea", **parts})
    found = check_registry(document, TEA, registered(*more))
    body = body_of(document)
    return Found(*([problem_of(each, body).said.ja for each in part] for part in found))  # type: ignore[arg-type]


def faults(*more: Any, stages: Any = None, **said: Any) -> list[Any]:
    rule = {name: value for name, value in (GOOD | said).items() if value is not None}
    return checked(*more, rules=[rule | {"stages": stages or [STAGE]}]).faults


def test_what_fits_the_registry_has_no_fault() -> None:
    assert faults() == []
    assert faults(quantity=None, devices=["rain"], measure={"kind": "rain_1h"}, stages=[STAGE | {"value": 99}]) == []
    beside = STAGE | {"with": {"any": [LEVEL | {"at_least": 1}, LEVEL | {"measure": {"kind": "rise"}, "at_least": -1}]}}
    assert faults(stages=[beside]) == []
    trap = [STAGE | {"value": "triggered"}, STAGE | {"rank": 2, "value": 2}]
    assert faults(quantity="trap_state", devices=["trap"], measure={"kind": "state"}, stages=trap) == []


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"devices": ["nobody"]}, "rules r devices 1件目: この事業の台帳に機器 nobody がありません"),
        ({"devices": ["elsewhere"]}, "機器 elsewhere はこの事業のものではありません(事業 rice にあります)"),
        ({"quantity": "river_levle"}, "rules r quantity: 測定項目 river_levle がありません(river_level"),
        ({"quantity": "mud"}, "測定項目 mud がありません"),  # of the other project
        ({"quantity": "snow_depth"}, "snow_depth を測っていません(測っているもの: battery_voltage、river_level)"),
        ({"quantity": "river_level", "channel": 1}, "チャネル 1は river_level を測っていません"),
        ({"measure": {"kind": "rain_1h"}}, "rain_1h は雨量(mm)から計算します"),
        ({"measure": {"kind": "state"}}, "river_level は状態ではありません"),
        ({"quantity": "trap_state", "devices": ["trap"]}, "trap_state は状態です"),
        ({"quantity": None, "measure": {"kind": "wbgt"}}, "air_temperature、air_humidity"),
        ({"stages": [STAGE | {"value": 150}]}, "到達することがありません。単位は m です。cm で書いていませんか"),
        ({"stages": [STAGE | {"value": 99}]}, "99 は river_level の想定範囲"),
        ({"measure": {"kind": "rise", "hours": 1}, "stages": [STAGE | {"value": 150}]},
         "150 は river_level の上昇量の想定範囲"),
        ({"stages": [STAGE | {"with": {"any": [LEVEL | {"at_least": 150}]}}]},
         "with any 1件目 at_least: 150 は river_level の想定範囲"),
        ({"stages": [STAGE | {"with": {"all": [LEVEL | {"measure": {"kind": "rise"}, "at_least": 150}]}}]},
         "with all 1件目 at_least: 150 は river_level の上昇量の想定範囲"),
        ({"quantity": "trap_state", "devices": ["trap"], "measure": {"kind": "state"},
          "stages": [STAGE | {"value": "flying"}]}, "trap_state に状態 flying はありません(あるもの: armed"),
        ({"stages": [STAGE | {"with": {"any": [RAIN | {"devices": ["nobody"]}]}}]},
         "rules r stages 段階1 with any 1件目 devices 1件目: この事業の台帳に機器 nobody"),
        ({"stages": [STAGE | {"with": {"all": [RAIN | {"devices": ["river"]}]}}]},
         "with all 1件目 devices 1件目: 機器 river は rain_total、rain_amount を測っていません"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_registry_is_told(said: dict[str, Any], wanted: str) -> None:
    (found,) = faults(**said)
    assert wanted in found


def test_a_gauge_that_reports_once_a_day_has_no_rain_of_an_hour() -> None:
    daily = device("daily", "rain_amount", interval_s=86_400)
    (found,) = faults(daily, quantity=None, devices=["daily"], measure={"kind": "rain_1h"})
    assert "1440 分ごとに送るため、rain_1h は計算できません" in found
    assert faults(daily, quantity=None, devices=["daily"], measure={"kind": "rain_24h"}) == []


def test_devices_of_all_parts_must_be_there() -> None:
    silence = {"blind": [{"gauges": ["river"], "rain": ["x1"]}], "event_only": [{"devices": ["x2"], "keep_alive_h": 9}]}
    quality = {"series": [{"quantity": "river_level", "devices": ["x3"], "neighbours": ["x4"]}]}
    notify = [{"devices": ["x5"], "to": ["duty"]}]
    found = checked(silence=silence, quality=quality, notify=notify).faults
    assert [f"x{number}" in str(found[number - 1]) for number in range(1, 6)] == [True] * 5


def test_devices_that_say_nothing_yet_or_are_out_of_use_are_noted() -> None:
    found = checked(
        device("new"), device("old", "river_level", enabled=False),
        rules=[GOOD | {"devices": ["new", "old"], "stages": [STAGE]}],
    )  # fmt: skip
    assert found.faults == []
    assert ["まだ何も測っていません" in str(found.notes[0]), "使用していない" in str(found.notes[1])] == [True, True]
