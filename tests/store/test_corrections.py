"""`noroshi annul`, `correct` and `corrections` as an operator calls them, on every tier."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.errors import CallRefused
from ingest.store.timescale import Tier
from tests.figures.field import Field, jst
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi
from tests.store.test_compressed import compress

START = jst(2026, 8, 1)
HOUR = timedelta(hours=1)
SIGNED = ("--who", "森", "--why", "センサー交換")
DEVICE = ("--project", "tea", "--device", "a")


@pytest.fixture
def stored(database: Database) -> Iterator[Database]:
    """Three days of one device: air temperature and soil moisture of two probes, one an hour; compressed."""
    field = Field(database.connect())
    number = field.device("a")
    for hour in range(72):
        field.reading(number, START + hour * HOUR, "air_temperature", 20.0)
        for channel in (1, 2):
            field.reading(number, START + hour * HOUR, "soil_moisture", 30.0 + channel, channel=channel)
    if database.tier is Tier.COMMUNITY:
        compress(database)
    yield database
    database.close()


def call(database: Database, *words: str) -> str:
    done = CliRunner().invoke(cli, [*words, "--database", database.url], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.output


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    return database.connect().execute(query.encode()).fetchall()


def test_annulling_says_what_it_touches_and_then_does_it(stored: Database) -> None:
    said = call(stored, "annul", *DEVICE, "--from", "2026-08-01", "--to", "2026-08-02", *SIGNED)
    assert "from      2026-08-01 00:00:00" in said
    assert "to        2026-08-03 00:00:00 (not included)" in said
    assert "readings  144" in said
    assert "soil_moisture                   96  2026-08-01 00:00:00 - 2026-08-02 23:00:00" in said
    assert "correction 1 is in force" in said
    assert rows(stored, "select count(*) from reading_counted") == [(72,)]
    assert rows(stored, "select count(*) from reading") == [(216,)]
    assert rows(stored, "select who, why from correction") == [("森", "センサー交換")]


def test_a_dry_run_writes_nothing(stored: Database) -> None:
    said = call(stored, "annul", *DEVICE, "--from", "2026-08-01", "--dry-run", *SIGNED)
    assert "readings  216" in said
    assert said.endswith("dry run: nothing was written\n")
    assert rows(stored, "select count(*) from correction") == [(0,)]


def test_a_time_is_in_japan_unless_it_has_an_offset(stored: Database) -> None:
    call(stored, "annul", *DEVICE, "--from", "2026-08-01T09:00", "--to", "2026-08-01T03:00Z", *SIGNED)
    assert rows(stored, "select starts, ends from correction") == [(START + 9 * HOUR, START + 12 * HOUR)]


def test_what_does_not_count_already_is_said(stored: Database) -> None:
    call(stored, "annul", *DEVICE, "--quantity", "soil_moisture", "--channel", "2", "--from", "2026-08-01", *SIGNED)
    said = call(stored, "annul", *DEVICE, "--from", "2026-08-03", "--dry-run", *SIGNED)
    assert (
        "soil_moisture                   48  2026-08-03 00:00:00 - 2026-08-03 23:00:00  24 do not count already" in said
    )


def test_a_recalibration_counts_from_its_first_moment(stored: Database) -> None:
    words = ("--quantity", "air_temperature", "--from", "2026-08-03", "--scale", "1.1", "--offset", "-2")
    assert "what      recalibrate: value * 1.1 + -2 will count" in call(
        stored, "correct", "recalibrate", *DEVICE, *words, *SIGNED
    )
    assert rows(
        stored, "select round(value::numeric, 6), count(*) from reading_counted where channel = 0 group by 1 order by 1"
    ) == [(20, 72)]  # 20 * 1.1 - 2
    call(stored, "correct", "recalibrate", *DEVICE, *words[:4], "--offset", "0.5", *SIGNED)
    assert rows(stored, "select value, count(*) from reading_counted where channel = 0 group by 1 order by 1") == [
        (20.0, 48),
        (20.5, 24),
    ]


def test_only_a_value_on_record_can_be_preferred(stored: Database) -> None:
    rows(
        stored,
        "insert into reading_conflict (time, value, device_id, quantity_id, channel, message_id, received_at)"
        " select time, 25.5, device_id, quantity_id, channel, 1, now() from reading where channel = 0"
        " order by time limit 1 returning 1",
    )
    words = ("correct", "prefer", *DEVICE, "--quantity", "air_temperature", "--at", "2026-08-01T00:00")
    with pytest.raises(CallRefused, match=r"on record: 20, 25\.5"):
        call(stored, *words, "--value", "25", *SIGNED)
    call(stored, *words, "--value", "25.5", *SIGNED)
    assert rows(stored, "select value, count(*) from reading_counted where channel = 0 group by 1 order by 1") == [
        (20.0, 71), (25.5, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("annul", "--project", "tea", "--device", "b", "--from", "2026-08-01", *SIGNED), "no device tea/b"),
        (("annul", *DEVICE, "--quantity", "warmth", "--from", "2026-08-01", *SIGNED), "no quantity 'warmth'"),
        (("annul", *DEVICE, "--from", "2026-08-02", "--to", "2026-08-01", *SIGNED), "--from is not before --to"),
        (("annul", *DEVICE, "--from", "2026-08-01", "--who", " ", "--why", "x"), "must say something"),
        (
            (
                "correct",
                "recalibrate",
                *DEVICE,
                "--quantity",
                "gate_state",
                "--from",
                "2026-08-01",
                "--scale",
                "2",
                *SIGNED,
            ),
            "has states",
        ),
        (("corrections", "revoke", "7", *SIGNED), "no correction 7"),
    ],
)
def test_what_cannot_be_meant_is_refused(stored: Database, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(CallRefused, match=message):
        call(stored, *words)
    assert rows(stored, "select count(*) from correction") == [(0,)]


def test_a_correction_is_listed_revoked_and_still_on_record(stored: Database) -> None:
    call(stored, "annul", *DEVICE, "--from", "2026-08-01", *SIGNED)
    assert "tea/a all quantities  2026-08-01 00:00:00 - until it is revoked" in call(stored, "corrections", "list")
    said = call(stored, "corrections", "revoke", "1", "--who", "林", "--why", "別の機器だった")
    assert said.endswith("correction 1 is revoked\n")
    assert rows(stored, "select count(*) from reading_counted") == [(216,)]
    assert call(stored, "corrections", "list") == "there are no corrections\n"
    assert "林: 別の機器だった" in call(stored, "corrections", "list", "--revoked")
    with pytest.raises(CallRefused, match="was revoked before, by 林"):
        call(stored, "corrections", "revoke", "1", *SIGNED)


def test_rollups_are_told_exactly_what_is_touched(stored: Database) -> None:
    connection = stored.connect()
    connection.execute("drop function if exists rollup_touch(integer, timestamptz, timestamptz)")
    connection.execute("create table told (device integer, starts timestamptz, ends timestamptz)")
    connection.execute(
        "create function rollup_touch(device integer, from_ timestamptz, to_ timestamptz) returns void language sql"
        " as 'insert into told values (device, from_, to_)'"
    )
    call(stored, "annul", *DEVICE, "--from", "2026-08-02T06:30", "--to", "2026-08-02T09:00", *SIGNED)
    call(stored, "annul", *DEVICE, "--from", "2026-08-03", *SIGNED)
    call(stored, "corrections", "revoke", "1", *SIGNED)
    call(stored, "annul", *DEVICE, "--from", "2027-08-03", *SIGNED)  # nothing is stored there yet
    tick = timedelta(microseconds=1)
    window = (1, jst(2026, 8, 2, 7), jst(2026, 8, 2, 8) + tick)
    assert rows(stored, "select * from told") == [window, (1, jst(2026, 8, 3), jst(2026, 8, 3, 23) + tick), window]


def test_the_exit_codes_are_those_of_every_command(any_database: Database, run_noroshi: RunNoroshi) -> None:
    Field(any_database.connect()).device("a")
    at = ("--database", any_database.url)
    run_noroshi("annul", *DEVICE, "--from", "2026-08-01", *SIGNED, *at)
    assert (
        "Missing option '--why'"
        in run_noroshi("annul", *DEVICE, "--from", "2026-08-01", "--who", "x", *at, code=2).stderr
    )
    assert "write 2026-08-01" in run_noroshi("annul", *DEVICE, "--from", "yesterday", *SIGNED, *at, code=2).stderr
    assert (
        "no device tea/z"
        in run_noroshi(
            "annul", "--project", "tea", "--device", "z", "--from", "2026-08-01", *SIGNED, *at, code=2
        ).stderr
    )
