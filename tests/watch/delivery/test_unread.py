"""A document that this version of the program reads in part: people are told by the rest, and what was lost is said."""

from datetime import timedelta
from typing import Any

import pytest

from ingest.watch.delivery.database.sending import claim_due
from ingest.watch.delivery.desk import Desk
from ingest.watch.delivery.escalate import escalate_due
from ingest.watch.delivery.model import Fate, Outcome, Way
from tests.fixtures.database import Database
from tests.watch.delivery.valley import NOON, Valley

FAX = {"code": "fax", "kind": "fax", "number": "0538-00-0000"}


@pytest.fixture
def valley(any_database: Database) -> Valley:
    return Valley(any_database)


def test_those_who_can_be_read_are_told_and_of_the_others_a_row_says_why_not(valley: Valley) -> None:
    rule = {"kinds": ["stage"], "moon": "full", "to": ["duty", "fax", "hook"]}
    valley.apply(channels=[FAX, *valley.document["channels"]], notify=[rule])
    valley.keep(valley.event((0, 1)))
    assert sorted(valley.rows("channel, recipient, withheld")) == [
        ("fax", "", "unreadable"), ("hook", "", ""), ("person", "tanaka", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("lost", [[{"kinds": ["stage"], "to": 7}], {"everything": "changed"}])
def test_a_rule_that_is_lost_as_a_whole_is_in_the_record_and_the_escalation_goes_on(valley: Valley, lost: Any) -> None:
    valley.apply(notify=lost)
    valley.keep(valley.event((0, 2)))
    place = "notify[0]" if isinstance(lost, list) else "notify"
    assert valley.rows("channel, withheld") == [(place, "unreadable")]
    assert escalate_due(valley.connection, NOON + timedelta(minutes=11)) == 1
    assert valley.rows("recipient, withheld", "purpose = 'escalation'") == [("suzuki", "")]


def test_a_message_whose_channel_cannot_be_read_any_more_waits_for_the_version_that_can(valley: Valley) -> None:
    valley.keep(valley.event((0, 1)))
    channels = valley.document["channels"]
    valley.apply(channels=[each | ({"kind": "later"} if each["code"] == "hook" else {}) for each in channels])
    (delivery,) = claim_due(valley.connection, Way.WEBHOOK, (), 9, NOON)
    (outcome,) = Desk(None, "", {}).prepare(valley.connection, Way.WEBHOOK, [delivery])
    assert isinstance(outcome, Outcome)
    assert outcome.fate is Fate.LATER
    valley.apply(channels=[each for each in channels if each["code"] != "hook"], notify=[])
    (outcome,) = Desk(None, "", {}).prepare(valley.connection, Way.WEBHOOK, [delivery])
    assert isinstance(outcome, Outcome)
    assert outcome.fate is Fate.NEVER  # it was taken out of the document
