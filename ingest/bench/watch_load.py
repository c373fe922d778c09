"""The load of the bench of the watch: river gauges with two stages each, calm ones and ones that cross them."""

from collections.abc import Iterator
from random import Random

import orjson

from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument
from schemas.stage import Stage

PROJECT = "watched"
CALM_M, HIGH_M = 0.8, 2.5
LEVELS_M = (2.0, 3.0)
"""Of the two stages. A high level is between them, so that each crossing is one event."""


def code_of(number: int) -> str:
    """The code of the gauge of this number."""
    return f"gauge-{number:05d}"


def watched_registry(devices: int) -> RegistryDocument:
    """So many gauges with two stages each."""
    codes = [code_of(number) for number in range(devices)]
    return RegistryDocument(
        projects=(Project(code=PROJECT, name="watched"),),
        networks=(Network(code="watched-net", project=PROJECT, kind=NetworkKind.LPWA, name="watched"),),
        devices=tuple(
            Device(code=code, project=PROJECT, network="watched-net", name=code, interval_s=60) for code in codes
        ),
        stages=tuple(
            Stage(project=PROJECT, device=code, rank=rank, name=f"市設定基準{rank}", level_m=level_m)
            for code in codes
            for rank, level_m in enumerate(LEVELS_M, start=1)
        ),
    )


def gauge_message(device: int, time_us: int, level_m: float, chance: Random) -> tuple[str, bytes]:
    """A message of one gauge: four readings, of which one is watched. The time is to the millisecond.

    The values are such as a gauge sends them: one that jumps up and down has each series judged anew.
    """
    payload = {
        "ts": time_us // 1000,
        "readings": {
            "river_level": level_m,
            "water_temperature": round(12 + chance.gauss(0, 0.2), 1),
            "air_temperature": round(15 + chance.gauss(0, 0.3), 1),
            "battery_voltage": round(3.6 + chance.gauss(0, 0.05), 3),
        },
    }
    return f"noroshi/v1/{PROJECT}/{code_of(device)}/up", orjson.dumps(payload)


def calm_messages(count: int, devices: int, start_ms: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` messages of calm water, gauge after gauge; each measures once a second of their time."""
    chance = Random(seed)
    for number in range(count):
        level_m = round(CALM_M + chance.gauss(0, 0.05), 3)
        yield gauge_message(number % devices, (start_ms + 1000 * (number // devices)) * 1000, level_m, chance)
