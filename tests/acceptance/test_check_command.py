"""`noroshi check` and `noroshi quantities` as people call them."""

import json
from pathlib import Path

import pytest

from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi

pytestmark = pytest.mark.japanese

REGISTRY = """
projects: [{code: agri, name: 農業}]
quantities: [{code: well_level, project: agri, label_ja: 井戸水位, unit: m, reject_low: -100, reject_high: 10}]
ranges: [{project: agri, quantity: air_temperature, flag_high: 35}]
networks: [{code: lora, project: agri, kind: LoRaWAN, name: LPWA}]
devices:
  - {code: river-1, project: agri, network: lora, name: 川}
  - {code: off-1, project: agri, network: lora, name: 停止中, enabled: false}
bindings: [{project: agri, device: river-1, quantity: distance, unit: cm, mount_height_m: 6.2}]
"""
TOPIC = "noroshi/v1/agri/river-1/up"


@pytest.fixture
def registry(tmp_path: Path) -> str:
    path = tmp_path / "registry.yaml"
    path.write_text(REGISTRY, encoding="utf-8")
    return str(path)


def message(folder: Path, text: str) -> str:
    path = folder / "message.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_sound_message_is_followed_to_what_is_stored(run_noroshi: RunNoroshi, registry: str, tmp_path: Path) -> None:
    file = message(tmp_path, '{"readings": {"distance": 412, "air_temperature": 36, "well_level": -3.2}}')
    said = run_noroshi("check", "--topic", TOPIC, "--file", file, "--registry", registry).stdout
    for words in (
        "native として読みます",
        "agri/river-1",
        "時刻がないため、受信時刻",
        "412 → 4.12 m",
        "河川水位 2.08 m",
        "通常の範囲 -35..35 の外",
        "井戸水位 -3.2 m",
        "測定値 4 件を保存",
    ):
        assert words in said, said


def test_a_message_with_one_bad_reading_ends_with_1_and_says_what_to_do(
    run_noroshi: RunNoroshi, registry: str, tmp_path: Path
) -> None:
    file = message(tmp_path, '{"readings": {"river_levle": 1.2, "air_temperature": 20}}')
    said = run_noroshi("check", "--topic", TOPIC, "--file", file, "--registry", registry, code=1).stdout
    assert "× river_levle: 1.2: 登録のない測定項目 [unknown_quantity]" in said
    assert "noroshi quantities" in said
    assert "測定値 1 件を保存、1 件を隔離" in said


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (TOPIC, "{", "not_json"),
        ("noroshi/v1/agri/river-9/up", "{}", "unknown_device"),
        ("noroshi/v1/agri/off-1/up", "{}", "device_disabled"),
        (TOPIC, '{"ts": "2001-01-01T00:00:00Z", "readings": {"river_level": 1}}', "time_too_old"),
    ],
)
def test_a_message_that_would_be_set_aside_ends_with_1_and_its_reason(
    run_noroshi: RunNoroshi, registry: str, tmp_path: Path, topic: str, payload: str, reason: str
) -> None:
    done = run_noroshi(
        "check", "--topic", topic, "--file", message(tmp_path, payload), "--registry", registry, "--json", code=1
    )
    found = json.loads(done.stdout)
    assert found["stored"] is False
    assert any(f"[{reason}]" in step["text"] for step in found["steps"])
    assert found["steps"][-1]["step"] == "対処"


def test_a_wrong_call_ends_with_2(run_noroshi: RunNoroshi, registry: str, tmp_path: Path) -> None:
    file = message(tmp_path, "{}")
    run_noroshi("check", "--topic", TOPIC, "--file", "nowhere.json", "--registry", registry, code=2)
    Path(registry).write_text("devices: [{code: a}]", encoding="utf-8")
    assert (
        "registry.yaml" in run_noroshi("check", "--topic", TOPIC, "--file", file, "--registry", registry, code=2).stderr
    )


def test_the_registry_of_the_database_says_the_same_and_nothing_is_stored(
    run_noroshi: RunNoroshi, any_database: Database, registry: str, tmp_path: Path
) -> None:
    run_noroshi("registry", "apply", registry, "--database", any_database.url)
    file = message(tmp_path, '{"readings": {"distance": 412, "nonsense": 1}}')
    said = run_noroshi("check", "--topic", TOPIC, "--file", file, "--database", any_database.url, code=1).stdout
    assert "河川水位 2.08 m" in said
    connection = any_database.connect()
    for table in ("uplink", "reading", "quarantine", "tally"):
        assert connection.execute(f"select count(*) from {table}".encode()).fetchone() == (0,), table


def test_the_catalogue_of_a_project_shows_what_is_its_own(
    run_noroshi: RunNoroshi, any_database: Database, registry: str
) -> None:
    run_noroshi("registry", "apply", registry, "--database", any_database.url)
    mine = json.loads(run_noroshi("quantities", "--project", "agri", "--json", "--database", any_database.url).stdout)
    by_code = {row["code"]: row for row in mine}
    assert by_code["well_level"]["own"] is True
    assert by_code["air_temperature"]["flag"] == [-35, 35]
    said = run_noroshi("quantities").stdout
    assert "air_temperature" in said
    assert "気温" in said
    assert "well_level" not in said
    run_noroshi("quantities", "--project", "nobody", "--database", any_database.url, code=2)
