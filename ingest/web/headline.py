"""What the overview says first: the service itself, rivers at a stage, then who is silent."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ingest.figures.model import DeviceState, GatewayState, State
from ingest.figures.stages import StageNow
from ingest.telemetry.health import Concern, Trouble


class HealthLine(NamedTuple):
    """One trouble of the service as a page shows it; several workers may have the same one."""

    concern: str
    blocks: bool
    since_s: float
    details: list[str]


class Reached(NamedTuple):
    """A device whose level has reached a stage: the highest of its levels. `stale`: the value is an old one."""

    device: DeviceState
    now: StageNow

    @property
    def stale(self) -> bool:
        """Whether the level was not measured lately: nobody knows where it stands now."""
        return self.now.silent


class Line(NamedTuple):
    """One line of the headline: `kind` names its text (`verdict_...`) and its sign, `how_many` stands in it."""

    kind: str
    how_many: int


def health_lines(troubles: Iterable[Trouble]) -> list[HealthLine]:
    """One for each concern, what blocks first. A database that does not answer cannot be written either."""
    lines: dict[Concern, HealthLine] = {}
    for trouble in troubles:
        line = lines.setdefault(
            trouble.concern, HealthLine(trouble.concern, trouble.concern.blocks, trouble.since_s, [])
        )
        lines[trouble.concern] = line._replace(
            since_s=min(line.since_s, trouble.since_s), details=[*line.details, trouble.detail]
        )
    store = lines.pop(Concern.STORE, None) if Concern.DATABASE in lines else None
    if store is not None:
        line = lines[Concern.DATABASE]
        lines[Concern.DATABASE] = line._replace(
            since_s=min(line.since_s, store.since_s), details=[*line.details, *store.details]
        )
    return list(lines.values())


def reached_stages(stages: Iterable[StageNow], devices: Iterable[DeviceState]) -> dict[int, Reached]:
    """By number of the device, the most serious first. Who is disabled in the registry is not looked at."""
    known = {(row.project, row.device): row for row in devices if row.state != State.DISABLED}
    found = [Reached(known[key], now) for now in stages if now.rank and (key := (now.project, now.device)) in known]
    ordered = sorted(found, key=_gravity)
    kept: dict[int, Reached] = {}
    for one in ordered:
        kept.setdefault(one.device.device_id, one)
    return kept


def _gravity(one: Reached) -> tuple[int, int, bool, float, str]:
    now = one.now
    return -(now.ref_level or 0), -now.rank, now.silent, now.to_next_m or 0.0, now.title


def headline(
    health: Sequence[HealthLine], stages: int, gateways: Iterable[GatewayState], counts: Mapping[str, int]
) -> list[Line]:
    """At least one line. Nothing is well while the service is blind, a river is at a stage, or somebody is silent."""
    silent_gateways = sum(1 for row in gateways if row.state == State.SILENT)
    lines = [
        Line("blind", sum(1 for line in health if line.blocks)),
        Line("stage", stages),
        Line("gateway", silent_gateways),
        Line("silent", counts["silent"]),
        Line("never", counts["never"]),
    ]
    found = [line for line in lines if line.how_many]
    if found:
        return found
    return [Line("live", counts["live"]) if counts["live"] else Line("resting" if counts["total"] else "none", 0)]
