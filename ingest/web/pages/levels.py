"""The levels of a device that have stages (基準水位), as its page shows them."""

from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from ingest.figures.fetch import Database
from ingest.figures.stages import Stage, StageNow, stages_now, stages_of


class Level(NamedTuple):
    """One level: its stages, the highest first, and its present value; None if it was not measured lately."""

    stages: list[Stage]
    now: StageNow | None

    @property
    def rank(self) -> int:
        """The rank of the stage that is reached; 0 if none is."""
        return 0 if self.now is None else self.now.rank


def levels_of(connection: Database, project: str, device: str, at: datetime) -> dict[tuple[str, int], Level]:
    """The levels with stages by quantity and channel; empty, without further queries, if the registry has none."""
    stages = stages_of(connection, project, device, at)
    if not stages:
        return {}
    standing = {(row.quantity, row.channel): row for row in stages_now(connection, project, device, at)}
    groups = groupby(stages, key=lambda stage: (stage.quantity, stage.channel))
    return {which: Level(list(group), standing.get(which)) for which, group in groups}
