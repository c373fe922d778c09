"""Maintenance windows and changes of the duty: bounded, once, ended early, and of things and people that are there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.watch.deeds.duty import change_duty, duties_after, void_duty
from ingest.watch.deeds.maintenance import begin_maintenance, end_maintenance, maintenance_after
from ingest.watch.deeds.model import Doer, NewDuty, NewMaintenance, Way
from tests.watch.deeds.conftest import DOER, NOW, entries_of, project_of

SUZUKI = Doer(By("suzuki"), Way.API)
WINDOW = NewMaintenance(NOW, NOW + timedelta(hours=3), "水位計の清掃", device="dev_1_here")
DUTY = NewDuty("tanaka", NOW, NOW + timedelta(hours=12))
Connection = psycopg.Connection[Any]


@pytest.mark.parametrize(
    "thing", [{"device": "dev_1_here"}, {"gateway": "gw_here"}, {"network": "net_here"}, {}], ids=str
)
def test_a_window_is_of_one_thing_or_of_the_whole_project(
    connection: Connection, project: int, thing: dict[str, Any]
) -> None:
    new = NewMaintenance(NOW, NOW + timedelta(days=14), "点検", **thing)
    number = begin_maintenance(connection, DOER, project, new).number
    (stored,) = maintenance_after(connection, [project], NOW)
    assert (stored.maintenance_id, stored.starts, stored.ends) == (number, new.starts, new.ends)
    assert {"device": stored.device, "gateway": stored.gateway, "network": stored.network} == {
        "device": None, "gateway": None, "network": None, **thing,
    }  # fmt: skip
    assert maintenance_after(connection, [project_of(connection, "there")], NOW) == []
    assert entries_of(connection, "maintenance_changed") == [("sato", f"maintenance {number}", "here")]


def test_the_same_window_again_is_stored_once_also_by_its_key(connection: Connection, project: int) -> None:
    keyed = replace(WINDOW, client_key=uuid4())
    first = begin_maintenance(connection, DOER, project, keyed)
    for same in (keyed, WINDOW):
        assert begin_maintenance(connection, SUZUKI, project, same) == (first.number, True)
    end_maintenance(connection, DOER, project, first.number)
    assert begin_maintenance(connection, DOER, project, keyed).already, "a form that was sent twice opens nothing anew"
    with pytest.raises(ChangeRefused, match="says something else"):
        begin_maintenance(connection, DOER, project, replace(keyed, reason="ほか"))
    assert not begin_maintenance(connection, DOER, project, WINDOW).already


def test_a_window_ends_early_and_one_that_has_not_begun_never_does(connection: Connection, project: int) -> None:
    lasting = begin_maintenance(connection, DOER, project, WINDOW).number
    later = replace(WINDOW, starts=NOW + timedelta(hours=1))
    coming = begin_maintenance(connection, DOER, project, later).number
    for number in (lasting, coming):
        assert not end_maintenance(connection, SUZUKI, project, number).already
        assert end_maintenance(connection, DOER, project, number).already
    (row,) = maintenance_after(connection, [project], NOW + timedelta(minutes=59))
    assert (row.maintenance_id, row.ends, row.ended_by) == (coming, later.starts, "suzuki")
    with pytest.raises(NotThere):
        end_maintenance(connection, DOER, project_of(connection, "there"), lasting)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"reason": " "}, "reason"), ({"reason": "長" * 501}, "500"), ({"ends": NOW}, "after it begins"),
        ({"starts": NOW - timedelta(hours=2), "ends": NOW - timedelta(hours=1)}, "already"),
        ({"ends": NOW + timedelta(days=14, seconds=1)}, "14 days"), ({"gateway": "gw_here"}, "one of"),
        ({"starts": NOW + timedelta(days=400), "ends": NOW + timedelta(days=401)}, "too far"),
        ({"device": "dev_1_there"}, "no such device"), ({"device": None, "gateway": "gw_there"}, "no such gateway"),
    ],
)  # fmt: skip
def test_a_window_out_of_bounds_is_refused(
    connection: Connection, project: int, wrong: dict[str, Any], why: str
) -> None:
    with pytest.raises(ChangeRefused, match=why):
        begin_maintenance(connection, DOER, project, replace(WINDOW, **wrong))
    assert maintenance_after(connection, [project], NOW - timedelta(days=1)) == []


def test_who_is_on_duty_is_somebody_of_the_newest_document(connection: Connection, project: int) -> None:
    number = change_duty(connection, DOER, project, DUTY).number
    (duty,) = duties_after(connection, [project], NOW)
    assert (duty.duty_id, duty.person, duty.ends) == (number, "tanaka", DUTY.ends)
    with pytest.raises(ChangeRefused, match="suzuki tanaka"):
        change_duty(connection, DOER, project, replace(DUTY, person="gone"))
    assert entries_of(connection, "duty_changed") == [("sato", f"duty {number}", "here")]


def test_the_same_change_again_is_none_until_another_took_its_place(connection: Connection, project: int) -> None:
    keyed = replace(DUTY, client_key=uuid4())
    first = change_duty(connection, DOER, project, keyed)
    assert change_duty(connection, SUZUKI, project, DUTY) == (first.number, True)
    second = change_duty(connection, DOER, project, replace(DUTY, person="suzuki"))
    assert change_duty(connection, DOER, project, keyed) == (first.number, True), "the same form, sent twice"
    third = change_duty(connection, DOER, project, DUTY)
    assert [duty.duty_id for duty in duties_after(connection, [project], NOW)] == [
        third.number, second.number, first.number,
    ]  # fmt: skip
    assert not void_duty(connection, DOER, project, third.number).already
    assert void_duty(connection, DOER, project, third.number).already
    assert duties_after(connection, [project], NOW)[0].person == "suzuki"
    void_duty(connection, DOER, project, second.number)
    assert change_duty(connection, DOER, project, DUTY) == (first.number, True), "it counts again"


def test_a_change_of_the_duty_is_bounded(connection: Connection, project: int) -> None:
    for wrong in (timedelta(days=31, seconds=1), timedelta(0)):
        with pytest.raises(ChangeRefused):
            change_duty(connection, DOER, project, replace(DUTY, ends=NOW + wrong))
    with pytest.raises(NotThere):
        void_duty(connection, DOER, project, 10**9)
