"""The sums of a plan once more, from raw rows in Python and in another way: with sets, moments and no sums by day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

from schemas.japan import JST

EPOCH = datetime(2000, 1, 1, tzinfo=JST)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """Where a device stood from `since` on, until the next one."""

    since: datetime
    project: str
    network: str
    interval_s: int
    season: tuple[str, str] | None
    enabled: bool = True


@dataclass(frozen=True)
class Message:
    """A message; `level`: of its only reading, or None where nothing of it was valid."""

    time: datetime
    counter: int | None
    level: float | None
    late_s: int = 1


@dataclass(frozen=True)
class Stop:
    """A planned stop of one network; None: of all of the project."""

    project: str
    network: str | None
    starts: datetime
    ends: datetime
    entered: datetime
    signed: bool

    @property
    def since(self) -> datetime:
        """From when on it counts."""
        return self.starts if self.signed else max(self.starts, self.entered)


@dataclass
class Device:
    """All that is known of a device. `calm`: the interval below a level."""

    code: str
    places: list[Place]
    installed_on: date | None = None
    calm: tuple[int, float] | None = None
    messages: list[Message] = field(default_factory=list)

    @property
    def measured(self) -> list[datetime]:
        """The times at which it measured, in order."""
        return sorted({message.time for message in self.messages if message.level is not None})

    def place(self, at: datetime) -> int:
        """The number of the place it stood in."""
        return max(number for number, place in enumerate(self.places) if place.since <= at)

    def flood(self, at: datetime) -> bool:
        """Whether it was to send by the short interval."""
        if self.calm is None:
            return True
        level = self.calm[1]
        hour = EPOCH + (at - EPOCH) // HOUR * HOUR
        known = [(m.time, m.level) for m in sorted(self.messages, key=lambda m: m.time) if m.level is not None]
        inside = [each for each in known if hour <= each[0] < hour + HOUR]
        high = next((each[1] >= level for each in reversed(known) if each[0] < hour), False)
        if not inside:
            return high
        if max(each[1] for each in inside) < level:
            return False
        return (high or at >= inside[0][0]) and (inside[-1][1] >= level or at < inside[-1][0])


@dataclass
class Sums:
    """The counts of one level."""

    expected: int = 0
    sent: int = 0
    arrived: int = 0
    valid: int = 0
    active_s: float = 0
    alive_s: float = 0
    readings: int = 0

    def add(self, other: "Sums") -> None:
        """Add the counts of another one."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(frozen=True)
class Stretch:
    """An unbroken stretch in one place and one mode."""

    place: int
    flood: bool
    starts: datetime
    ends: datetime


def in_season(day: date, season: tuple[str, str] | None) -> bool:
    """Whether the day belongs to the season."""
    if season is None:
        return True
    begins, ends, today = *season, f"{day:%m-%d}"
    return begins <= today <= ends if begins <= ends else today >= begins or today <= ends


def stretches(device: Device, stops: Sequence[Stop], from_: datetime, to: datetime) -> list[Stretch]:
    """Cut the period at every moment at which anything may change, and ask of the middle of each piece."""
    cuts = {from_, to, *(place.since for place in device.places), *(message.time for message in device.messages)}
    cuts |= {from_ + number * HOUR for number in range((to - from_) // HOUR + 1)}
    cuts |= {moment for stop in stops for moment in (stop.since, stop.ends)}
    found: list[Stretch] = []
    for starts, ends in pairwise(sorted(cut for cut in cuts if from_ <= cut <= to)):
        middle = starts + (ends - starts) / 2
        number = device.place(middle)
        place, day = device.places[number], middle.astimezone(JST).date()
        stopped = any(
            stop.project == place.project and stop.network in {None, place.network} and stop.since <= middle < stop.ends
            for stop in stops
        )
        installed = device.installed_on is None or day >= device.installed_on
        if stopped or not installed or not place.enabled or not in_season(day, place.season):
            continue
        new = Stretch(number, device.flood(middle), starts, ends)
        if found and (found[-1].place, found[-1].flood, found[-1].ends) == (new.place, new.flood, starts):
            new = Stretch(number, new.flood, found.pop().starts, ends)
        found.append(new)
    return found


def slots(times: Sequence[datetime], stretch: Stretch, interval_s: int, half: int) -> int:
    """Slots with a measurement; the two that the edges cut off may make up for one whole."""

    def slot(at: datetime) -> int:
        return (2 * int((at - EPOCH).total_seconds()) + half * interval_s) // (2 * interval_s)

    room = int((stretch.ends - stretch.starts).total_seconds()) // interval_s
    first = slot(stretch.starts - timedelta(seconds=1)) + 1
    last = slot(stretch.ends)
    hit = {slot(at) for at in times}
    inside = {each for each in hit if first <= each < last}
    return min(room, len(inside) + int(bool(hit - inside) and last - first < room))


def alive(times: Sequence[datetime], stretch: Stretch, silent_s: float) -> float:
    """Seconds of the stretch that lie at most so long after a measurement."""
    total, reached = 0.0, stretch.starts
    for at in times:
        begin, end = max(at, reached), min(at + timedelta(seconds=silent_s), stretch.ends)
        if end > begin:
            total += (end - begin).total_seconds()
            reached = end
    return total


def lost(device: Device) -> Iterator[tuple[datetime, int]]:
    """How many messages are missing before each, by the counter."""
    counted = [m for m in sorted(device.messages, key=lambda m: m.time) if m.counter is not None]
    for before, message in pairwise(counted):
        assert before.counter is not None
        assert message.counter is not None
        yield message.time, max(message.counter - before.counter - 1, 0)


def sums_of(device: Device, stops: Sequence[Stop], from_: datetime, to: datetime) -> dict[int, Sums]:
    """The sums of a device by the number of its place."""
    found: dict[int, Sums] = {}
    for number in range(len(device.places)):
        total = Sums()
        valid = {True: [0, 0], False: [0, 0]}
        for stretch in (each for each in stretches(device, stops, from_, to) if each.place == number):
            calm_s = device.calm[0] if device.calm and not stretch.flood else None
            interval_s = calm_s or device.places[number].interval_s
            length_s = (stretch.ends - stretch.starts).total_seconds()
            times = [at for at in device.measured if stretch.starts <= at < stretch.ends]
            came = [m for m in device.messages if stretch.starts <= m.time < stretch.ends]
            for half in (0, 1):
                valid[stretch.flood][half] += slots(times, stretch, interval_s, half)
            gone = sum(amount for at, amount in lost(device) if stretch.starts <= at < stretch.ends)
            total.add(
                Sums(
                    expected=int(length_s // interval_s), sent=len(came) + gone, arrived=len(came), active_s=length_s,
                    alive_s=alive(device.measured, stretch, interval_s * (1.5 if calm_s else 3)), readings=len(times),
                )
            )  # fmt: skip
        total.valid = sum(max(each) for each in valid.values())
        found[number] = total
    return found
