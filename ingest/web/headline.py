"""The headline of the overview: the service itself, rivers at a stage, then silent gateways and devices."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ingest.figures.model import DeviceState, GatewayState, State
from ingest.figures.stages import StageNow
from ingest.telemetry.health import Concern, Trouble
from ingest.web.dependencies import WebDependencies

SOME = "some"
"""The concern of a line that does not say which trouble there is."""


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
        """Whether the level was not measured lately, so that its present value is unknown."""
        return self.now.silent


class Line(NamedTuple):
    """One line of the headline: `kind` names its text (`verdict_...`) and its sign, `how_many` stands in it."""

    kind: str
    how_many: int


def health_lines(troubles: Iterable[Trouble]) -> list[HealthLine]:
    """One for each concern, blocking ones first. A database that does not answer covers the trouble of storing."""
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


def health_of(deps: WebDependencies) -> list[HealthLine]:
    """What the caller of `deps` is shown: every trouble; or, unless everything is theirs to see, less of it.

    The details name hosts, disks and devices of others. What stops readings is told all the same, without them.
    """
    lines = health_lines(deps.health())
    if deps.caller.sees_everything:
        return lines
    told = [line._replace(details=[]) for line in lines if line.blocks]
    others = [line for line in lines if not line.blocks]
    if others:
        told.append(HealthLine(SOME, blocks=False, since_s=min(line.since_s for line in others), details=[]))
    return told


def reached_stages(stages: Iterable[StageNow], devices: Iterable[DeviceState]) -> dict[int, Reached]:
    """Devices at a stage by device id, the most serious first. Disabled devices are left out."""
    expected = {(row.project, row.device): row for row in devices if row.state != State.DISABLED}
    reached = [
        Reached(expected[key], now) for now in stages if now.rank and (key := (now.project, now.device)) in expected
    ]
    ordered = sorted(reached, key=_gravity)
    kept: dict[int, Reached] = {}
    for entry in ordered:
        kept.setdefault(entry.device.device_id, entry)
    return kept


def _gravity(reached: Reached) -> tuple[int, int, bool, float, str]:
    now = reached.now
    return -(now.ref_level or 0), -now.rank, now.silent, now.to_next_m or 0.0, now.title


def headline(
    health: Sequence[HealthLine], stages: int, gateways: Iterable[GatewayState], counts: Mapping[str, int]
) -> list[Line]:
    """The lines of the headline, at least one. All is well only without trouble, reached stages and silence."""
    silent_gateways = sum(1 for row in gateways if row.state == State.SILENT)
    lines = [
        Line("blind", sum(1 for line in health if line.blocks)),
        Line("stage", stages),
        Line("gateway", silent_gateways),
        Line("silent", counts["silent"]),
        Line("never", counts["never"]),
    ]
    troubled = [line for line in lines if line.how_many]
    if troubled:
        return troubled
    return [Line("live", counts["live"]) if counts["live"] else Line("resting" if counts["total"] else "none", 0)]
