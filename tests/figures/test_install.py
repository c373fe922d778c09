"""The figures come into the database whole, once, and without taking anything from anybody."""

import re
from dataclasses import fields
from importlib.resources import files
from typing import Any

import psycopg
import pytest

from ingest.figures import jobs, model, quarantine, rain, said, stages, usage_model
from ingest.figures.install import _OURS, install
from tests.fixtures.database import Database

VIEWS = {
    "figure_device_state": model.DeviceState,
    "figure_gateway_state": model.GatewayState,
    "figure_network_state": model.NetworkState,
    "figure_project_state": model.ProjectState,
    "figure_latest": model.Latest,
    "figure_readings('p', 'd', 'q', now(), now(), 1)": model.Point,
    "figure_uplink": model.Uplink,
    "figure_link('p', 'd', now(), now(), 1)": model.LinkPoint,
    "figure_correction": model.CorrectionInForce,
    "figure_stage": stages.Stage,
    "figure_stage_now(array['p'], now())": stages.StageNow,
    "figure_quarantine_entry": quarantine.QuarantineEntry,
    "figure_conflict('p', 'd', 1, 0)": said.Conflict,
    "figure_unknown_key('p', 'd')": said.UnknownKey,
    "figure_profile_in_use": said.ProfileInUse,
    "figure_job": jobs.JobState,
    "figure_job_lane": jobs.LaneState,
    "figure_rain_of(array['p'], array['d'], now())": rain.Rain,
    "figure_usage_device('p', now(), now(), now())": usage_model.DeviceUsage,
    "figure_usage_network('p', now(), now(), now())": usage_model.NetworkUsage,
    "figure_usage_project('p', now(), now(), now())": usage_model.ProjectUsage,
}


def test_a_migrated_database_has_the_figures_and_a_second_install_does_nothing(figures_database: Database) -> None:
    assert install(figures_database.connect()) is False
    assert figures_database.connect().execute("select count(*) from figure_project_state").fetchone() == (0,)


@pytest.mark.parametrize("name", VIEWS)
def test_the_columns_are_the_fields_of_the_row(connection: psycopg.Connection[Any], name: str) -> None:
    cursor = connection.execute(f"select * from {name}".encode())
    assert cursor.description is not None
    assert {column.name for column in cursor.description} == {field.name for field in fields(VIEWS[name])}


def test_everything_that_the_figures_create_is_removed_with_them() -> None:
    """An upgrade removes by name: what is not named as ours would stay, and stop it."""
    texts = [entry.read_text("utf-8") for entry in files("ingest.figures").joinpath("sql").iterdir()]
    created = re.findall(r"(?m)^create (?:or replace )?(?:view|function) (\w+)", "\n".join(texts))
    assert len(created) > 100
    assert [name for name in created if not re.match(_OURS, name)] == []


def test_an_older_program_is_replaced_with_all_its_columns(connection: psycopg.Connection[Any]) -> None:
    connection.execute("drop view figure_quarantine_open")
    connection.execute("create view figure_quarantine_open as select 1 as something_else")
    connection.execute("create view figure_of_the_past as select 1 as old")
    connection.execute("update figure_version set digest = 'another'")
    assert install(connection) is True
    assert connection.execute("select oldest_at from figure_quarantine_open").fetchall() == []
    assert connection.execute("select to_regclass('figure_of_the_past')").fetchone() == (None,)
    assert install(connection) is False


def test_who_could_read_the_figures_before_can_read_them_after(connection: psycopg.Connection[Any]) -> None:
    connection.execute('create role "figure reader"')
    connection.execute('grant select on figure_device_state to "figure reader"')
    connection.execute("update figure_version set digest = 'another'")
    install(connection)
    connection.execute('set local role "figure reader"')
    assert connection.execute("select * from figure_device_state").fetchall() == []


def test_a_view_of_somebody_else_stops_the_install_instead_of_vanishing(connection: psycopg.Connection[Any]) -> None:
    connection.execute("create view of_the_town as select device, state from figure_device_state")
    connection.execute("update figure_version set digest = 'another'")
    with pytest.raises(psycopg.errors.DependentObjectsStillExist, match="of_the_town"):
        install(connection)
    assert connection.execute("select * from of_the_town").fetchall() == []


def test_every_figure_is_explained_in_the_database(connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute(
        "select relname, obj_description(oid, 'pg_class') from pg_class where relkind = 'v' and relname ~ '^figure_'"
        " and relnamespace = current_schema()::regnamespace"
        " union all"
        " select proname, obj_description(oid, 'pg_proc') from pg_proc where proname ~ '^figure_'"
        " and pronamespace = current_schema()::regnamespace"
    )
    comments = dict(rows.fetchall())
    assert len(comments) > 15
    assert [name for name, comment in comments.items() if not comment] == []
    assert [name for name, comment in comments.items() if not re.search("[ぁ-ん].*\n.*[a-z]", comment, re.DOTALL)] == []


def test_no_figure_needs_timescaledb() -> None:
    folder = files("ingest.figures").joinpath("sql")
    texts = [entry.read_text(encoding="utf-8") for entry in folder.iterdir()]
    assert texts
    assert not [text for text in texts if re.search(r"time_bucket|\bfirst\(|\blast\(|timescaledb", text)]
