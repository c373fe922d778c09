"""What happened in the year of the demonstration: rain, what broke, and when it was mended. Pure."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from ingest.simulator.town import Kind, Site
from schemas.japan import JST, FiscalYear


class Rain(NamedTuple):
    """A rain by which the water rises. `metres`: by how much at its highest."""

    starts: datetime
    metres: float


class Silence(NamedTuple):
    """A device was not heard. `mute`: it did not send; `arrives`: when what it kept came after all."""

    device: str
    starts: datetime
    ends: datetime
    mute: bool
    battery: bool = False
    arrives: datetime | None = None


class Drift(NamedTuple):
    """A sensor of soil moisture that shows more and more, in percent a day."""

    device: str
    starts: datetime
    ends: datetime
    per_day: float


_RAINS = (
    (4, 13, 0.35), (5, 2, 0.3), (5, 29, 0.45), (6, 12, 0.6), (6, 23, 0.8), (7, 3, 1.0), (7, 18, 0.5), (8, 11, 0.9),
    (8, 30, 0.7), (9, 5, 2.1), (9, 19, 0.6), (10, 8, 0.7), (10, 27, 0.4), (11, 16, 0.3), (12, 10, 0.25), (2, 20, 0.3),
    (3, 14, 0.4),
)  # fmt: skip
"""(month, day, metres); the typhoon comes on 5 September."""


class Year(NamedTuple):
    """The events of the whole fiscal year `whole`, and what of them comes again in the one after it."""

    whole: FiscalYear

    def at(self, month: int, day: int, hour: int = 0, *, later: int = 0) -> datetime:
        """A moment of the fiscal year in Japan; `later`: so many years after it."""
        year = self.whole.year + later + (month < 4)
        return datetime(year, month, day, hour, tzinfo=JST)

    @property
    def late_at(self) -> datetime:
        """When five days of October came at last: that month was frozen before."""
        return self.at(11, 14, 9)

    def rains(self) -> list[Rain]:
        """Two years of rain."""
        return [Rain(self.at(*each[:2], 3, later=later), each[2]) for later in (0, 1) for each in _RAINS]

    def drifts(self) -> list[Drift]:
        """One probe drifts until it is calibrated."""
        return [Drift("soil-004", self.at(11, 1), self.at(11, 25, 10), 3.0)]

    def silences(self, sites: list[Site]) -> Iterator[Silence]:
        """What was not heard of these veterans."""
        broken = next(site.gateways[0][0].code for site in sites if site.kind is Kind.PADDY)
        for site in sites:
            if site.gateways[0][0].code == broken:  # a power supply that lightning destroyed
                yield Silence(site.code, self.at(7, 8, 16), self.at(7, 11, 11), mute=False)
            if site.network == "tonari-lpwa":  # the typhoon took the line of the only gateway
                yield Silence(site.code, self.at(9, 5, 9), self.at(9, 6, 5), mute=False)
            if site.network == "nogyo-halow":  # works on the roof of the school, entered beforehand
                yield Silence(site.code, self.at(2, 10, 9), self.at(2, 10, 17), mute=False)
        yield Silence("soil-005", self.at(12, 3, 2), self.at(12, 12, 14), mute=True, battery=True)
        yield Silence("trap-002", self.at(1, 15, 5), self.at(1, 29, 10), mute=True)
        yield Silence("house-002", self.at(10, 10), self.at(10, 15), mute=False, arrives=self.late_at)
        yield Silence("soil-002", self.at(6, 3, 8, later=1), self.at(6, 6, 15, later=1), mute=True)


def whole_year(first_day: date) -> Year:
    """The last fiscal year that was over on this day."""
    return Year(FiscalYear(FiscalYear.of(first_day).year - 1))
