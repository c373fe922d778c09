"""When a river gauge of two intervals sends, as a low-cost flood gauge (危機管理型水位計) does."""

from dataclasses import dataclass
from typing import Self

from ingest.simulator.sensing import active_level
from ingest.simulator.town import Site


@dataclass
class Pace:
    """The pace of one gauge, which measures by its short interval in any case.

    `active_level_m`: from here on it sends what it measures. `calm_every`: below it, one measurement out of so many.
    `high`: its last measurement reached the level.
    """

    active_level_m: float
    calm_every: int
    high: bool = False
    _kept: int | None = None
    """Measurements since it sent; None: it never did."""

    @classmethod
    def of(cls, site: Site) -> Self | None:
        """The pace of a site; None if it has but one interval."""
        if site.calm_interval_s is None:
            return None
        return cls(active_level(site), site.calm_interval_s // site.registered_interval_s)

    def sends(self, level_m: float) -> bool:
        """Whether it sends this measurement. The first one below the level, too: so the end of a flood is known."""
        was, self.high = self.high, level_m >= self.active_level_m
        self._kept = self.calm_every if self._kept is None else self._kept + 1
        if not (self.high or was or self._kept >= self.calm_every):
            return False
        self._kept = 0
        return True
