"""A level from which a gauge sends often (観測開始水位) is in metres: another unit is refused, or asked about."""

from pathlib import Path

import pytest

from ingest.registry.changes import ChangeSet, Known, compare
from ingest.registry.outcome import report
from ingest.registry.read import read
from schemas.profile import Profile
from tests.registry.files import written

pytestmark = pytest.mark.japanese

BASE = """
projects: [{code: agri, name: 見守り}]
networks: [{code: lora, project: agri, kind: lpwa, name: 網}]
quantities: [{code: well_level, project: agri, label_ja: 井戸, unit: mm, reject_low: -9000, reject_high: 90000}]
ranges: [{project: agri, quantity: river_level, flag_high: 4}]
"""
PADDY = Profile.model_validate(
    {"code": "paddy", "name": "水田", "fields": {"w": "paddy_water_level", "b": "battery_level"}}
)
WELL = Profile.model_validate({"code": "well", "name": "井戸", "fields": {"w": "well_level"}})


def compared(folder: Path, level: str, more: str = "", base: str = BASE) -> ChangeSet:
    """What a document says of a gauge with this level and these other fields."""
    text = (
        f"{base}devices: [{{code: g, project: agri, network: lora, name: 水位計, installed_on: 2026-04-01,"
        f" calm_interval_s: 3600, active_level_m: {level}{more}}}]"
    )
    reading = read([written(folder, "gauge.yaml", text)])
    assert reading.problems == []
    return compare(Known(), reading.document, {"paddy": PADDY, "well": WELL})


@pytest.mark.parametrize(
    ("level", "more", "ja", "en"),
    [
        ("250", "", "「river_level」の範囲 -20..60 m", "(250 cm is written as 2.5)"),
        ("2500", "", "cm や mm ではなく m で書いてください(2500 mm なら 2.5 と書きます)", "write m, not cm or mm"),
        (
            "15",
            ", profile: paddy",
            "15 m は、「paddy_water_level」の範囲 -1..2 m の外です",
            "(15 cm is written as 0.15)",
        ),
        ("1500", ", profile: well", "(1500 cm なら 15 と書きます)", "the range -9..90 m of 'well_level'"),
        ("9999999", "", "m で書いてください", "write m, not cm or mm"),
    ],
)
def test_a_level_that_the_gauge_cannot_measure_is_refused_with_what_to_write(
    tmp_path: Path, level: str, more: str, ja: str, en: str
) -> None:
    (problem,) = compared(tmp_path, level, more).problems
    assert problem.column is not None
    assert ja in problem.message.ja
    assert en in problem.message.en


@pytest.mark.parametrize(
    ("level", "more", "doubted"),
    [
        ("30", ", use: 河川", "30 m です。cm や mm で書いていませんか(30 cm なら 0.3 と書きます)"),
        ("15", ", use: 水田", "15 m です。cm や mm で書いていませんか(15 cm なら 0.15 と書きます)"),
        ("4.5", ", use: 河川", "4.5 m です。"),  # the project says that its rivers are lower
        ("3.9", ", use: 河川", ""),
        ("0.15", ", profile: paddy", ""),
        ("15", ", profile: well", ""),
    ],
)
def test_a_level_that_is_unlikely_is_asked_about(tmp_path: Path, level: str, more: str, doubted: str) -> None:
    plan = compared(tmp_path, level, more)
    assert plan.problems == ()
    said = report(plan, dry_run=True).ja
    assert ("観測開始水位" in said) == bool(doubted)
    assert doubted in said


def test_a_level_above_the_highest_stage_is_asked_about(tmp_path: Path) -> None:
    stages = "stages: [{project: agri, device: g, rank: 1, name: 市設定基準1, level_m: 1.8}]\n"
    assert "いちばん上の基準水位 1.8 m より高く" in report(compared(tmp_path, "2", base=BASE + stages), dry_run=True).ja
    assert compared(tmp_path, "1.8", base=BASE + stages).doubts == ()


def test_a_table_from_excel_is_held_to_it_too(tmp_path: Path) -> None:
    heading = "機器コード,事業コード,通信網コード,機器名,送信間隔(分),平常時の送信間隔(分),観測開始水位(m)"
    reading = read([written(tmp_path, "devices.csv", f"{heading}\r\ng,agri,lora,水位計,10,60,250\r\n", "cp932")])
    assert reading.problems == []
    refused = [each.message.ja for each in compare(Known(), reading.document, {}).problems]
    assert [text for text in refused if "250 cm なら 2.5" in text]
