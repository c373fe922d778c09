"""The sums of a plan against a recomputation from raw rows: by chance, and whatever is already summed up by day."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pytest
from psycopg import Connection

from ingest.figures.plan.sums import Level, plan_sums
from ingest.plan.check.keep import keep_months
from ingest.store.rollup import rollup
from schemas.quantity import BY_CODE
from tests.figures.field import Field, jst
from tests.figures.plan_naive import Device, Message, Place, Stop, Sums, sums_of
from tests.fixtures.database import NAMES, Database

DAYS = 6
FIRST, UNTIL = jst(2026, 4, 28), jst(2026, 5, 4)
NOW = jst(2026, 6, 1)
BEFORE = FIRST - timedelta(days=3)
NETWORKS = {"tea": ("lora", "halow"), "rice": ("paddy",)}


def moment(chance: random.Random, from_: datetime = FIRST, to: datetime = UNTIL) -> datetime:
    """Some second of a period; now and then a midnight."""
    at = from_ + timedelta(seconds=chance.randrange(int((to - from_).total_seconds())))
    return at.replace(hour=0, minute=0, second=0) if chance.random() < 0.25 else at


def some_device(chance: random.Random, code: str) -> Device:
    """One that may move, change its interval, rest, and have two intervals."""
    calm = (chance.choice([6 * 3600, 86400]), 1.0) if chance.random() < 0.4 else None
    interval_s = chance.choice([1800, 3600, 5400, 25200]) if calm is None else 1800
    seasons = [None, None, ("05-01", "09-30"), ("11-01", "04-30"), ("04-29", "05-02")]
    season = chance.choice(seasons)
    places = [Place(jst(2000, 1, 1), "tea", chance.choice(NETWORKS["tea"]), interval_s, season)]
    for at in sorted({moment(chance) for _ in range(chance.choice([0, 1, 1, 2]))}):
        project = chance.choice(["tea", "rice"])
        another = chance.choice([interval_s, 7200]) if calm is None else interval_s
        network = chance.choice(NETWORKS[project])
        places.append(Place(at, project, network, another, season, chance.random() < 0.85))
    device = Device(code, places, chance.choice([None, FIRST.date(), (FIRST + timedelta(days=2)).date()]), calm)
    device.messages = list(some_messages(chance, device).values())
    return device


def some_messages(chance: random.Random, device: Device) -> dict[datetime, Message]:
    """What arrived of it: some lost, some sent again, some without anything valid, a silence, floods."""
    counts, missing, counter = chance.random() < 0.7, chance.random() * 0.4, 0
    silent = moment(chance)
    found: dict[datetime, Message] = {}
    at = BEFORE + timedelta(seconds=chance.randrange(1800))
    high = False
    while at < UNTIL + timedelta(hours=3):
        high = not high if chance.random() < 0.06 else high
        often = device.calm is None or high
        counter += 1
        if chance.random() > missing and not silent < at < silent + timedelta(hours=20):
            level = None if chance.random() < 0.1 else 1.0 + chance.random() if high else chance.random() * 0.99
            found[at] = Message(at, counter if counts else None, level)
            if chance.random() < 0.1:
                again = at + timedelta(seconds=2)
                found[again] = Message(again, counter if counts else None, level)
        interval_s = device.places[0].interval_s if often or device.calm is None else device.calm[0]
        at += timedelta(seconds=max(interval_s + chance.randrange(-20, 21), 5))
    return found


def some_stops(chance: random.Random) -> list[Stop]:
    """Planned stops of networks and projects, some entered late, some signed."""
    found = []
    for _ in range(chance.choice([0, 1, 3])):
        project = chance.choice(["tea", "rice"])
        starts = moment(chance)
        ends = starts + timedelta(seconds=chance.randrange(3600, 2 * 86400))
        entered = starts + timedelta(hours=chance.choice([-5, 0, 7, 60]))
        network = chance.choice([None, *NETWORKS[project]])
        found.append(Stop(project, network, starts, ends, entered, chance.random() < 0.3))
    return found


def write(field: Field, devices: list[Device], stops: list[Stop]) -> dict[str, int]:
    """Everything into the tables; returns the numbers of the devices."""
    connection = field.connection
    connection.execute("insert into project (code, name) values ('rice', '水田')")
    connection.execute(
        "insert into network (code, project_id, kind, name)"
        " select 'paddy', project_id, 'lte', '水田網' from project where code = 'rice'"
    )
    numbers = {}
    for device in devices:
        numbers[device.code] = field.device(device.code, installed_on=device.installed_on, calm=device.calm)
        write_places(connection, numbers[device.code], device)
        write_messages(connection, numbers[device.code], device.messages)
    write_stops(connection, stops)
    return numbers


def write_stops(connection: Connection[Any], stops: list[Stop]) -> None:
    """These planned stops, instead of those that are there."""
    connection.execute("delete from planned_stop")
    for stop in stops:
        connection.execute(
            "insert into planned_stop (project_id, network_id, starts, ends, reason, entered_at, entered_by, signed_at)"
            " select project_id, (select network_id from network where code = %s), %s, %s, '', %s, 'a', %s"
            " from project where code = %s",
            (stop.network, stop.starts, stop.ends, stop.entered, stop.ends if stop.signed else None, stop.project),
        )


def write_places(connection: Connection[Any], number: int, device: Device) -> None:
    """The places of a device; the registry has the last one."""
    connection.execute("set session_replication_role = replica")
    last = device.places[-1]
    connection.execute(
        "update device set interval_s = %s, enabled = %s, network_id = n.network_id, project_id = n.project_id,"
        " season_from = %s, season_to = %s from network n where n.code = %s and device_id = %s",
        (last.interval_s, last.enabled, *(last.season or (None, None)), last.network, number),
    )
    connection.execute("delete from device_placement where device_id = %s", (number,))
    for place, following in zip(device.places, [*device.places[1:], None], strict=True):
        connection.execute(
            "insert into device_placement (device_id, valid_from, valid_to, project_id, network_id, use, interval_s,"
            " calm_interval_s, active_level_m, season_from, season_to, installed_on, enabled)"
            " select %s, %s, %s, n.project_id, n.network_id, '農業', %s, %s, %s, %s, %s, %s, %s"
            " from network n where n.code = %s",
            (
                number, "-infinity" if place is device.places[0] else place.since, following and following.since,
                place.interval_s, *(device.calm or (None, None)), *(place.season or (None, None)), device.installed_on,
                place.enabled, place.network,
            ),
        )  # fmt: skip
    connection.execute("set session_replication_role = origin")


def write_messages(connection: Connection[Any], number: int, messages: list[Message]) -> None:
    """The messages of a device, many at once."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into uplink (time, received_at, message_id, device_id, payload_bytes, kind, offered, refused,"
            " counter) values (%s, %s, %s, %s, 100, 0, 1, 0, %s)",
            [
                (m.time, m.time + timedelta(seconds=m.late_s), int(m.time.timestamp()), number, m.counter)
                for m in messages
            ],
        )
        cursor.executemany(
            "insert into reading (time, value, device_id, quantity_id, channel) values (%s, %s, %s, %s, 0)",
            [(m.time, m.level, number, BY_CODE["river_level"].id) for m in messages if m.level is not None],
        )


Period: TypeAlias = tuple[datetime, datetime]
PERIOD = (FIRST, UNTIL)


def naive(devices: list[Device], stops: list[Stop], period: Period = PERIOD) -> dict[tuple[str, str, str], Sums]:
    """What is to be found, by project, level and key."""
    found: dict[tuple[str, str, str], Sums] = {}
    for device in devices:
        for number, sums in sums_of(device, stops, *period).items():
            place = device.places[number]
            following = device.places[number + 1].since if number + 1 < len(device.places) else period[1]
            if place.since < period[1] and following > period[0]:
                for level, key in (("project", place.project), ("network", place.network), ("device", device.code)):
                    found.setdefault((place.project, level, key), Sums()).add(sums)
    return found


def asked(connection: Connection[Any], period: Period = PERIOD) -> dict[tuple[str, str, str], Sums]:
    """The same as the figures have it."""
    levels: tuple[Level, ...] = ("project", "network", "device")
    rows = {
        project: plan_sums(connection, project, period[0].date(), period[1].date(), NOW, levels=levels)
        for project in NETWORKS
    }
    return {
        (project, each.level, each.key): Sums(
            each.expected, each.sent, each.arrived, each.valid, round(each.active_s, 3), round(each.alive_s, 3),
            each.readings,
        )
        for project, found in rows.items()
        if len(found) > 1  # the row of the project is there without devices too
        for each in found
    }  # fmt: skip


# The statements are the same on every installation: each example on one, two of them on all.
EXAMPLES = [(name, seed) for name in NAMES for seed in range(5 if name == NAMES[0] else 2)]


@pytest.mark.parametrize(("postgres", "seed"), EXAMPLES, indirect=["postgres"])
def test_the_sums_are_those_of_the_raw_rows_whatever_is_summed_up_already(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    field = Field(database.connect())
    devices = [some_device(chance, f"d{number}") for number in range(5)]
    stops = some_stops(chance)
    late = {device.code: [m for m in device.messages if chance.random() < 0.1] for device in devices}
    everything = {device.code: device.messages for device in devices}
    for device in devices:
        device.messages = [m for m in device.messages if m not in late[device.code]]
    numbers = write(field, devices, stops)
    wanted = naive(devices, stops)
    assert asked(field.connection) == wanted
    rollup.keep(field.connection, now=jst(2026, 5, 1, 13))
    assert asked(field.connection) == wanted
    rollup.keep(field.connection, now=jst(2026, 5, 20))
    assert asked(field.connection) == wanted
    for device in devices:  # what comes late is counted at once, before it is summed up again and after
        device.messages = everything[device.code]
        write_messages(field.connection, numbers[device.code], late[device.code])
        field.connection.execute("select rollup_touch(%s, %s, %s)", (numbers[device.code], BEFORE, NOW))
    wanted = naive(devices, stops)
    assert asked(field.connection) == wanted
    rollup.keep(field.connection, now=jst(2026, 5, 20))
    assert asked(field.connection) == wanted


MONTHS = (jst(2026, 4, 1), jst(2026, 6, 1))


class Kept:
    """A field whose closed months are kept, and what is changed of it afterwards."""

    def __init__(self, connection: Connection[Any], chance: random.Random) -> None:
        self.connection = connection
        self.chance = chance
        self.devices = [some_device(chance, f"d{number}") for number in range(3)]
        self.devices[0].calm = (6 * 3600, 1.0)
        self.stops = some_stops(chance)
        self.numbers = write(Field(connection), self.devices, self.stops)
        rollup.keep(connection, now=jst(2026, 6, 3))

    def check(self) -> None:
        """The sums are those of the raw rows: with what is kept by now, and when everything is kept."""
        wanted = naive(self.devices, self.stops, MONTHS)
        assert asked(self.connection, MONTHS) == wanted
        assert self._keep() > 0
        assert asked(self.connection, MONTHS) == wanted
        assert self._keep() == 0

    def _keep(self) -> int:
        first, until = (each.date() for each in MONTHS)
        return sum(keep_months(self.connection, project, first, until) for project in NETWORKS)

    def come_late(self, messages: list[Message]) -> None:
        """Messages of the first device, noted as writers note them."""
        device = self.devices[0]
        device.messages = [*device.messages, *messages]
        number = self.numbers[device.code]
        write_messages(self.connection, number, messages)
        for message in messages:
            self.connection.execute("select rollup_note(array[%s], array[%s])", (number, message.time))

    def move(self, at: datetime, **changed: Any) -> None:
        """The first device changes from a moment on, as the registry would have it."""
        device = self.devices[0]
        before = device.places[device.place(at)]
        places = [place for place in device.places if place.since < at]
        device.places = [*places, replace(before, since=at, **changed)]
        write_places(self.connection, self.numbers[device.code], device)

    def stop(self, stops: list[Stop]) -> None:
        """Other planned stops."""
        self.stops = stops
        write_stops(self.connection, stops)


@pytest.mark.parametrize("seed", range(2))
def test_kept_months_are_those_of_the_raw_rows_after_every_change(any_database: Database, seed: int) -> None:
    kept = Kept(any_database.connect(), random.Random(seed))
    kept.check()
    at = jst(2026, 4, 30, 23, 10, 7)
    kept.come_late([Message(at, None, 1.5)])  # the gauge rises: another mode, until the next level and over midnight
    assert asked(kept.connection, MONTHS) == naive(kept.devices, kept.stops, MONTHS)  # before it is summed up again
    rollup.keep(kept.connection, now=jst(2026, 6, 3))
    kept.check()
    entered = Stop("tea", None, jst(2026, 4, 29, 3), jst(2026, 5, 2, 11, 30), jst(2026, 4, 30), signed=False)
    kept.stop([entered])
    kept.check()
    kept.stop([replace(entered, signed=True)])
    kept.check()
    kept.move(jst(2026, 4, 29, 17, 20), network="paddy", project="rice")
    kept.check()
    kept.move(jst(2026, 5, 2, 9), interval_s=3600)
    kept.check()
    kept.stop([])
    assert asked(kept.connection, MONTHS) == naive(kept.devices, [], MONTHS)
