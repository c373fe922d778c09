"""Whatever order data arrives in, and whenever somebody looks, the outages are those of a naive walk through time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas.japan import JST
from tests.plan.outage.conftest import Valley
from tests.plan.outage.naive import Place, outages_of

START = datetime(2026, 6, 1, tzinfo=JST)
DAYS = 6
ALWAYS = datetime(2020, 1, 1, tzinfo=JST)
MINUTES = DAYS * 1440


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


PLACES: Mapping[str, list[Place]] = {
    "steady": [Place(ALWAYS, 0, 3600)],
    "season": [Place(ALWAYS, 0, 3600, season=("06-02", "06-04"))],
    "river": [Place(ALWAYS, 0, 600, calm_interval_s=36_000, active_level_m=2.0)],
    "moved": [Place(ALWAYS, 0, 3600), Place(at(3000), 1, 7200), Place(at(5000), 1, 1800)],
    "switched off": [Place(ALWAYS, 0, 3600), Place(at(2000), 0, 3600, enabled=False), Place(at(4000), 0, 3600)],
    "installed": [Place(ALWAYS, 0, 3600, installed_on="2026-06-03")],
}

BLOCKS = st.tuples(st.integers(0, MINUTES - 1), st.integers(1, 600), st.sampled_from([10, 37, 60, 61, 200, 500]))
"""A device sends from a minute on, for some minutes, every so often."""


@st.composite
def histories(draw: st.DrawFn) -> dict[str, dict[int, float | None]]:
    """The minutes in which each device gave a sign of life, with its level."""
    found: dict[str, dict[int, float | None]] = {}
    for name in PLACES:
        minutes: set[int] = set()
        for begin, length, every in draw(st.lists(BLOCKS, max_size=8)):
            minutes |= {minute for minute in range(begin, begin + length, every) if minute < MINUTES}
        levels = st.sampled_from([0.5, 2.0, 3.0])
        found[name] = {m: draw(levels) if name == "river" else None for m in sorted(minutes)}
    return found


@settings(
    phases=[Phase.generate], max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories(), late=st.randoms(use_true_random=False))
def test_the_outages_are_those_of_a_naive_walk(
    valley: Valley, history: dict[str, dict[int, float | None]], late: Random
) -> None:
    devices, projects = registered(valley)
    valley.empty()
    rest = [(name, minute, level) for name, signs in history.items() for minute, level in signs.items()]
    arrives: dict[int, list[tuple[str, int, float | None]]] = {}
    looks = sorted({late.randrange(1, MINUTES) for _ in range(3)} | {MINUTES})
    for name, minute, level in rest:  # half at once, half at any time after it
        possible = [look for look in looks if look > minute]
        arrives.setdefault(possible[0] if late.random() < 0.6 else late.choice(possible), []).append(
            (name, minute, level)
        )
    came: list[tuple[str, int, float | None]] = []
    for look in looks:
        for name, minute, level in arrives.get(look, []):
            readings = {"air_temperature": 1.0} if level is None else {"river_level": level}
            valley.arrive(devices[name], [at(minute)], readings)
        came += arrives.get(look, [])
        valley.look(at(look))
        agree(valley, devices, projects, came, at(look))
        before = valley.ask("select * from outage order by 1")
        valley.look(at(look))
        assert valley.ask("select * from outage order by 1") == before


def agree(
    valley: Valley,
    devices: Mapping[str, int],
    projects: list[int],
    came: list[tuple[str, int, float | None]],
    now: datetime,
) -> None:
    if not came:
        assert valley.outages() == set()
        return
    hour = at(min(minute for _, minute, _ in came)).replace(minute=0)
    began = {0: hour}
    wanted = {
        (devices[name], projects[project], starts, ends)
        for name, places in PLACES.items()
        for project, starts, ends in outages_of(
            places, {at(minute): level for one, minute, level in came if one == name}, began, START, now
        )
    }
    found = set(
        valley.ask(
            "select device_id, project_id, starts, ends from outage where level = 'device' and withdrawn_at is null"
        )
    )
    assert found == wanted


def registered(valley: Valley) -> tuple[dict[str, int], list[int]]:
    """The devices, with the history of their places as PLACES has it."""
    known = dict(valley.ask("select name, device_id from device"))
    if not known:
        valley.ask("insert into project (code, name) values ('other', '別の事業') returning 1")
        for name in PLACES:
            valley.field.device(name.replace(" ", "-"), name=name)
    devices = dict(valley.ask("select name, device_id from device"))
    projects = [
        valley.field.project_id,
        *(one for (one,) in valley.ask("select project_id from project where code = 'other'")),
    ]
    if not known:
        for name, places in PLACES.items():
            place(valley, devices[name], places, projects)
    return devices, projects


def place(valley: Valley, device: int, places: list[Place], projects: list[int]) -> None:
    network = valley.ask("select network_id from network where code = 'lora'")[0][0]
    valley.connection.execute("delete from device_placement where device_id = %s", (device,))
    for number, each in enumerate(places):
        until = places[number + 1].since if number + 1 < len(places) else None
        valley.connection.execute(
            "insert into device_placement (device_id, valid_from, valid_to, project_id, network_id, interval_s,"
            " calm_interval_s, active_level_m, season_from, season_to, installed_on, enabled)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (device, each.since if number else "-infinity", until, projects[each.project], network, each.interval_s,
             each.calm_interval_s, each.active_level_m, each.season and each.season[0],
             each.season and each.season[1], each.installed_on, each.enabled),
        )  # fmt: skip
