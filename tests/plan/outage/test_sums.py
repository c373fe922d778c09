"""停止回数, MTTR, MTBF and downtime against cases reckoned by hand."""

from datetime import date

from ingest.figures.plan.outage import OutageSums, open_outages, outage_sums
from schemas.plan import PlanScope
from tests.figures.field import jst
from tests.plan.outage.conftest import Valley
from tests.plan.outage.test_groups import DAY, HOUR, START, hourly, silent

NOW = START + 4 * DAY
FIRST, UNTIL = date(2026, 6, 1), date(2026, 6, 5)


def sums(
    valley: Valley, scope: PlanScope | None = None, first: date = FIRST, until: date = UNTIL
) -> dict[str, OutageSums]:
    """By level and key."""
    return {
        f"{row.level} {row.key}".strip(): row for row in outage_sums(valley.connection, "tea", first, until, NOW, scope)
    }


def test_a_dead_gateway_counts_once_and_its_downtime_for_each_device(valley: Valley) -> None:
    # Two devices, silent from the message of 23:00 (1 June) until 00:00 (3 June): 25 hours each, one incident.
    for name in ("a", "b"):
        silent(valley, valley.field.device(name, gateway="hill"), (START + DAY, START + 2 * DAY))
    # One device by itself: 10 hours from 02:00 until 12:00 of 1 June, and lasting from 23:00 of 3 June.
    alone = valley.field.device("c", network="halow")
    silent(valley, alone, (START + 3 * HOUR, START + 12 * HOUR), (START + 3 * DAY, START + 4 * DAY))
    valley.look(NOW)
    found = sums(valley)
    whole = found["project tea"]
    assert (whole.devices, whole.outages, whole.ended, whole.open) == (3, 3, 2, 1)
    assert whole.ended_s == (25 + 10) * 3600
    assert whole.mttr_s == 17.5 * 3600
    assert whole.downtime_s == (25 + 25 + 10 + 25) * 3600
    assert whole.duty_s == 3 * 96 * 3600
    assert whole.mtbf_s == (3 * 96 - 85) * 3600 / 3
    assert whole.longest_s == 25 * 3600
    assert (found["gateway hill"].outages, found["gateway hill"].downtime_s) == (1, 50 * 3600)
    assert (found["gateway"].outages, found["gateway"].name) == (2, "")
    assert (found["device a"].outages, found["device a"].mttr_s) == (1, 25 * 3600)
    assert (found["network halow"].outages, found["technology halow"].downtime_s) == (2, 35 * 3600)
    assert found["use 農業"].outages == 3
    assert {(row.level, row.count) for row in open_outages(valley.connection)} == {
        ("device", 1), ("gateway", 0), ("network", 0),
    }  # fmt: skip
    only = sums(valley, PlanScope(networks=("halow",)))
    assert (only["project tea"].devices, only["project tea"].outages) == (1, 2)


def test_the_period_cuts_downtime_and_not_the_length_of_an_outage(valley: Valley) -> None:
    silent(valley, valley.field.device("a"), (START + DAY, START + 3 * DAY))  # 23:00 (1 June) to 00:00 (4 June): 49 h
    valley.look(NOW)
    second = sums(valley, first=date(2026, 6, 2), until=date(2026, 6, 3))["project tea"]
    assert (second.outages, second.open, second.ended, second.downtime_s) == (0, 1, 0, 24 * 3600)
    assert (second.mttr_s, second.mtbf_s, second.longest_s) == (None, None, 49 * 3600)
    third = sums(valley, first=date(2026, 6, 3), until=date(2026, 6, 4))["project tea"]
    assert (third.ended, third.mttr_s) == (1, 49 * 3600)


def test_a_planned_stop_is_told_apart_and_only_from_when_it_was_entered(valley: Valley) -> None:
    device = valley.field.device("a")
    silent(valley, device, (START + DAY, START + 2 * DAY))  # 25 hours from 23:00
    enter = (
        "insert into planned_stop (project_id, starts, ends, reason, entered_at, entered_by)"
        " values (%s, %s, %s, '工事', %s, 'x') returning planned_stop_id"
    )
    stop = (valley.field.project_id, START + DAY - HOUR, START + 2 * DAY)
    ((number,),) = valley.ask(enter, *stop, START + 2 * DAY - 5 * HOUR)
    valley.look(NOW)
    late = sums(valley)["project tea"]
    assert (late.outages, late.planned, late.downtime_s, late.planned_s) == (1, 0, 20 * 3600, 5 * 3600)
    assert late.duty_s == (96 - 5) * 3600
    valley.connection.execute(
        "update planned_stop set signed_at = now(), signed_by = 'o' where planned_stop_id = %s", (number,)
    )
    signed = sums(valley)["project tea"]
    assert (signed.outages, signed.planned, signed.downtime_s, signed.planned_s) == (0, 1, 0, 25 * 3600)
    assert (signed.mtbf_s, signed.mttr_s) == (None, None)
    assert signed.duty_s == (96 - 25) * 3600


def test_no_data_is_no_number(valley: Valley) -> None:
    valley.field.device("a")
    valley.look(NOW)
    (row,) = outage_sums(valley.connection, "tea", FIRST, UNTIL, NOW)
    assert (row.level, row.devices, row.outages, row.duty_s, row.mttr_s, row.mtbf_s) == ("project", 0, 0, 0, None, None)
    assert outage_sums(valley.connection, "nowhere", FIRST, UNTIL, NOW) == []


def test_a_winter_at_rest_is_no_outage(valley: Valley) -> None:
    device = valley.field.device("a", season=("06-01", "06-02"))
    valley.arrive(device, hourly(START, START + DAY + 12 * HOUR))  # silent from 11:00 of its last day
    valley.look(START + 10 * DAY)
    ((found, starts, ends),) = valley.outages()
    assert (found, starts, ends) == (device, START + DAY + 11 * HOUR, jst(2026, 6, 3))
