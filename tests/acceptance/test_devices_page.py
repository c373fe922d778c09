"""Every line that docs/devices.md shows a device maker, run as it stands there, and what came of it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.need import need
from tests.fixtures.service import RunNoroshi, StartService

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["devices.md", "devices.ja.md"]
EXPECTED = {
    ("river-1", "river_level", 1.23, True),  # without a time of its own: marked
    ("river-1", "river_level", 1.31, False),
    ("river-1", "battery_voltage", 3.61, False),
    ("gate-1", "gate_state", 1.0, False),
    ("river-2", "distance", 4.12, False),
    ("river-2", "river_level", 2.08, False),
    ("river-1", "river_level", 1.18, False),
    ("river-1", "river_level", 1.2, False),
}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def test_both_pages_show_the_same_lines() -> None:
    for language in ("sh", "yaml"):
        assert blocks(PAGES[0], language) == blocks(PAGES[1], language) != []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_the_page_points_to_is_there(page: str) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", (DOCS / page).read_text(encoding="utf-8"))
    assert targets
    for target in targets:
        assert (DOCS / target.partition("#")[0]).exists(), target


def test_every_line_for_device_makers_stores_what_it_says(
    any_database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi, tmp_path: Path
) -> None:
    if shutil.which("mosquitto_pub") is None:
        need("mosquitto_pub", "Debian's mosquitto-clients")
    registry = tmp_path / "registry.yaml"
    registry.write_text(blocks(PAGES[0], "yaml")[0], encoding="utf-8")
    run_noroshi("registry", "apply", str(registry), "--database", any_database.url)
    service = start_service(any_database.url, mosquitto.url)
    # mosquitto_pub takes options from here, so that the lines run as they are printed.
    (tmp_path / "mosquitto_pub").write_text(f"-h 127.0.0.1\n-p {mosquitto.port}\n")
    lines = [line for block in blocks(PAGES[0], "sh") for line in block.splitlines()]
    assert len(lines) == 5
    for line in lines:
        subprocess.run(
            ["bash", "-c", line], check=True, timeout=30, env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path)}
        )
    service.wait_settled(len(lines))
    rows = any_database.connect().execute(
        """
        select device.code, quantity.code, round(value::numeric, 6)::double precision, quality is not null
        from reading join device using (device_id) join quantity using (quantity_id)
        """
    )
    assert set(rows.fetchall()) == EXPECTED
