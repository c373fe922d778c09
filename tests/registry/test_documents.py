"""Registry documents in YAML: text stays text, and every problem has its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.registry.read import read
from ingest.registry.write import as_yaml
from ingest.registry.yaml_document import read_document
from schemas.profiles import shipped_profiles
from schemas.registry import RegistryDocument
from tests.registry.files import messages, written

pytestmark = pytest.mark.japanese

EXAMPLES = Path(__file__).parents[2] / "deploy" / "registry"


def test_the_examples_that_are_shipped_can_be_read() -> None:
    reading = read(sorted(EXAMPLES.iterdir()))
    assert messages(reading) == []
    assert len(reading.document.devices) == 4


def test_yaml_does_not_make_numbers_of_codes(tmp_path: Path) -> None:
    text = """
projects: [{code: 0012, name: on, organisation_code: 012025, granted_on: 2026-04-01}]
networks: [{code: 5e3, project: 0012, kind: lpwa, name: 010}]
devices:
  - {code: yes, project: 0012, network: 5e3, name: ~x, dev_eui: 7000000000000001, season_from: 11-01, season_to: 3-31}
"""
    reading = read([written(tmp_path, "d.yaml", text)])
    assert messages(reading) == []
    (project,), (network,), (device,) = (
        reading.document.projects,
        reading.document.networks,
        reading.document.devices,
    )
    assert (project.code, project.name, project.organisation_code) == ("0012", "on", "012025")
    assert (network.code, network.name) == ("5e3", "010")
    assert (device.code, device.name, device.dev_eui) == ("yes", "~x", "7000000000000001")


def test_problems_of_a_document_come_with_their_lines(tmp_path: Path) -> None:
    text = """projects:
  - code: agri
    nam: 農業
    organisation_code: 12025
  - just text
device:
  - code: a
devices:
  - code: a
    project: agri
    network: lora
    name: 甲
    name: 乙
profiles:
  - code: p
    fields: {t: 気温, h: {quantity: air_humidity, unit: m}}
"""
    reading = read([written(tmp_path, "d.yaml", text)])
    found = sorted(messages(reading), key=lambda message: int(message.split()[1].split("行目")[0]))
    places = [message.split(": ")[0] for message in found]
    assert places == [
        "d.yaml 2行目 name",
        "d.yaml 3行目 nam",
        "d.yaml 4行目 organisation_code",
        "d.yaml 5行目 projects",
        "d.yaml 6行目 device",
        "d.yaml 13行目 name",
        "d.yaml 15行目 プロファイル p fields.t",
        "d.yaml 15行目 プロファイル p fields.h",
    ]


def test_broken_yaml_is_reported_with_its_line(tmp_path: Path) -> None:
    (message,) = messages(read([written(tmp_path, "d.yaml", "projects:\n  - code: [a\n")]))
    assert message.startswith("d.yaml 3行目: YAML として読めません")


def test_common_fields_may_be_written_once(tmp_path: Path) -> None:
    text = """
devices:
  - &base {code: a, project: agri, network: lora, name: 甲, interval_s: 60}
  - {<<: *base, code: b}
  - {<<: [{interval_s: 30}, *base], code: c}
"""
    reading = read([written(tmp_path, "d.yaml", text)])
    assert messages(reading) == []
    found = [(device.code, device.interval_s) for device in reading.document.devices]
    assert found == [("a", 60), ("b", 60), ("c", 30)]


@given(st.binary() | st.text(alphabet="[]{}:-,&*!|>'\"%# \nab<").map(str.encode))
def test_no_bytes_bring_the_reader_of_documents_down(content: bytes) -> None:
    read_document("d.yaml", content)


def test_numbers_in_a_profile_are_numbers(tmp_path: Path) -> None:
    text = """
profiles:
  - code: p
    fields:
      t: {quantity: air_temperature, scale: 0.1, sentinels: [-999, 1e3, "ERR", "-1"]}
"""
    reading = read([written(tmp_path, "d.yaml", text)])
    (profile,) = reading.document.profiles
    assert profile.fields["t"].scale == 0.1
    assert profile.fields["t"].sentinels == (-999, 1000, "ERR", "-1")


def test_every_shipped_profile_survives_a_registry_file(tmp_path: Path) -> None:
    file = tmp_path / "profiles.yaml"
    file.write_text(as_yaml(RegistryDocument(profiles=tuple(shipped_profiles().values()))), encoding="utf-8")
    reading = read([file])
    assert messages(reading) == []
    assert {one.code: one for one in reading.document.profiles} == shipped_profiles()
