"""The headline of the overview: the service and its watch, what is at a stage or unseen, then who is silent."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from ingest.figures.model import DeviceState, GatewayState, State
from ingest.figures.stages import StageNow
from ingest.figures.watch import Lasting
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
    """A device that has reached a stage: the highest of its stages. `stale`: the value is an old one.

    `incident`: its number in the watch; None where the watch has none of it.
    """

    device: DeviceState
    now: StageNow
    unit: str = "m"
    incident: int | None = None

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


class Watching(NamedTuple):
    """What the headline says of the watch. `state`: of `WatchHealth`. `unseen`: gauges that cannot be watched now.

    `others`: what else lasts: airtime, quality, and silence that no device's or gateway's own state shows.
    `unread`: documents that cannot be read as a whole. `fails`: parts of the watch do not work.
    """

    state: str = "none"
    unseen: int = 0
    others: int = 0
    unread: int = 0
    fails: bool = False


def reached_stages(
    stages: Iterable[StageNow], devices: Iterable[DeviceState], lasting: Iterable[Lasting] = ()
) -> dict[int, Reached]:
    """Devices at a stage by device id, the most serious first. Disabled devices are left out.

    At a stage is whoever measures so now, and whoever the watch says so of: within its hysteresis, or by a rule.
    """
    expected = {(row.project, row.device): row for row in devices if row.state != State.DISABLED}
    real = [one for one in lasting if one.kind == "stage" and one.drill_id is None]
    numbers = {(one.project, one.device): one.incident_id for one in reversed(real)}
    measured = [
        Reached(expected[key], now, incident=numbers.get(key))
        for now in stages
        if now.rank and (key := (now.project, now.device)) in expected
    ]
    watched = [
        Reached(expected[key], _stage_of(one), one.unit or "", one.incident_id)
        for one in real
        if one.device is not None and (key := (one.project, one.device)) in expected
    ]
    kept: dict[int, Reached] = {}
    for entry in sorted([*measured, *watched], key=_gravity):
        kept.setdefault(entry.device.device_id, entry)
    return kept


def _stage_of(one: Lasting) -> StageNow:
    """An incident as the headline shows stages. Its value is the last one, where that is what was compared."""
    direct = one.measure == "value" and one.last_value is not None
    value = one.last_value if direct else one.value
    return StageNow(
        one.project, one.device or "", one.title or "", "", one.quantity or "", one.label_ja or "", one.channel or 0,
        one.measured_at or one.at or one.opened_at, bool(one.silent), float("nan") if value is None else value, None,
        one.rank, one.name, one.name_en, one.official, one.ref_level, one.threshold, one.opened_at, one.next_name,
        one.next_name_en, one.next_value, None,
    )  # fmt: skip


def _gravity(reached: Reached) -> tuple[int, int, bool, float, str]:
    now = reached.now
    return -(now.ref_level or 0), -now.rank, now.silent, now.to_next_m or 0.0, now.title


def unseen_devices(lasting: Iterable[Lasting]) -> set[int]:
    """The ids of gauges that cannot be watched now (監視不能)."""
    return {
        one.device_id for one in lasting if one.kind == "blind" and one.drill_id is None and one.device_id is not None
    }


def watching(
    state: str, lasting: Iterable[Lasting], *, somebody_silent: bool, unread: int = 0, fails: bool = False
) -> Watching:
    """What the headline says of the watch. `somebody_silent`: the states of devices or gateways tell of silence."""
    real = [one.kind for one in lasting if one.drill_id is None]
    told: Container[str] = ("airtime", "quality") if somebody_silent else ("airtime", "quality", "silence")
    return Watching(state, real.count("blind"), sum(kind in told for kind in real), unread, fails)


def headline(
    health: Sequence[HealthLine],
    stages: int,
    gateways: Iterable[GatewayState],
    counts: Mapping[str, int],
    watch: Watching = Watching(),  # noqa: B008  it never changes
) -> list[Line]:
    """The lines of the headline, at least one.

    All is well only without trouble, reached stages and silence, and while somebody watches all that is to be watched
    and is not behind.
    """
    silent_gateways = sum(1 for row in gateways if row.state == State.SILENT)
    lines = [
        Line("blind", sum(1 for line in health if line.blocks)),
        Line("watch_stopped", int(watch.state == "stopped")),
        Line("stage", stages),
        Line("unseen", watch.unseen),
        Line("watch_late", int(watch.state == "late")),
        Line("watch_fails", int(watch.fails and watch.state != "stopped")),
        Line("watch_unread", watch.unread),
        Line("gateway", silent_gateways),
        Line("silent", counts["silent"]),
        Line("never", counts["never"]),
        Line("watch_other", watch.others),
    ]
    troubled = [line for line in lines if line.how_many]
    if troubled:
        return troubled
    return [Line("live", counts["live"]) if counts["live"] else Line("resting" if counts["total"] else "none", 0)]
