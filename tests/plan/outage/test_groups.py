"""A dead gateway is one outage; a weak battery, a planned stop and the weather are proposed as causes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.figures.field import jst
from tests.plan.outage.conftest import Valley

START = jst(2026, 6, 1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def hourly(first: datetime, until: datetime, minute: int = 0) -> list[datetime]:
    """Every hour at this minute."""
    count = int((until - first) / HOUR)
    return [first + number * HOUR + timedelta(minutes=minute) for number in range(count)]


def silent(valley: Valley, device: int, *spans: tuple[datetime, datetime], minute: int = 0) -> None:
    """A device that sends every hour from START for four days, but for these spans."""
    times = hourly(START, START + 4 * DAY, minute)
    valley.arrive(device, [at for at in times if not any(since <= at < until for since, until in spans)])


def rows(valley: Valley, level: str) -> list[Mapping[str, Any]]:
    """The outages of a level as they are shown."""
    found = valley.ask(
        "select starts, ends, devices, part_of, shown_cause, proposed_ja, gateway, device, outage_id from figure_outage"
        " where level = %s order by starts, device",
        level,
    )
    names = ("starts", "ends", "devices", "part_of", "cause", "why", "gateway", "device", "id")
    return [dict(zip(names, row, strict=True)) for row in found]


def test_a_dead_gateway_is_one_outage_and_its_devices_are_part_of_it(valley: Valley) -> None:
    devices = [valley.field.device(f"d{number}", gateway="hill") for number in range(4)]
    for number, device in enumerate(devices):
        silent(valley, device, (START + DAY, START + 2 * DAY), minute=number)
    valley.look(START + 4 * DAY)
    (gateway,) = rows(valley, "gateway")
    assert (gateway["starts"], gateway["ends"]) == (
        START + DAY - HOUR + timedelta(minutes=3),  # the last message of any device
        START + 2 * DAY,  # the first of any
    )
    assert (gateway["devices"], gateway["gateway"], gateway["cause"]) == (4, "hill", "gateway")
    assert gateway["why"] == "丘の上基地局の配下の4台が同時に途絶え、何も届いていません"
    parts = rows(valley, "device")
    assert {row["part_of"] for row in parts} == {gateway["id"]}
    assert [row["device"] for row in parts] == ["d0", "d1", "d2", "d3"]


def test_a_device_that_was_dead_before_is_no_part_and_one_that_is_heard_forbids_it(valley: Valley) -> None:
    first, second, dead, heard = (valley.field.device(name, gateway="hill") for name in ("a", "b", "dead", "heard"))
    silent(valley, first, (START + 2 * DAY, START + 3 * DAY))
    silent(valley, second, (START + 2 * DAY, START + 3 * DAY))
    silent(valley, dead, (START + DAY, START + 4 * DAY))
    valley.look(START + 4 * DAY)
    (gateway,) = rows(valley, "gateway")
    assert gateway["devices"] == 2
    assert {row["device"]: row["part_of"] is not None for row in rows(valley, "device")} == {
        "a": True, "b": True, "dead": False,
    }  # fmt: skip
    silent(valley, heard)  # a logger brings it later
    valley.look(START + 4 * DAY)
    assert rows(valley, "gateway") == []
    assert {row["part_of"] for row in rows(valley, "device")} == {None}
    assert valley.ask("select reason_ja from outage_change where what = 'withdrawn' and outage_id = %s", gateway["id"])


def test_a_whole_network_of_two_gateways_is_one_outage(valley: Valley) -> None:
    valley.field.gateway("valley", "lora", "谷基地局")
    for number, gateway in enumerate(("hill", "hill", "valley", "valley")):
        silent(valley, valley.field.device(f"d{number}", gateway=gateway), (START + DAY, START + 2 * DAY))
    valley.look(START + 4 * DAY)
    (network,) = rows(valley, "network")
    gateways = rows(valley, "gateway")
    assert {row["part_of"] for row in gateways} == {network["id"]}
    assert {row["part_of"] for row in rows(valley, "device")} == {row["id"] for row in gateways}
    assert (network["cause"], network["devices"]) == ("backhaul", 4)


def test_a_late_backfill_shortens_splits_and_removes_and_says_so(valley: Valley) -> None:
    device = valley.field.device("a")
    silent(valley, device, (START + DAY, START + 2 * DAY))
    valley.look(START + 4 * DAY)
    began, ended = START + DAY - HOUR, START + 2 * DAY
    assert valley.outages() == {(device, began, ended)}
    valley.arrive(device, [began + 2 * HOUR])
    valley.look(START + 4 * DAY)
    assert valley.outages() == {(device, began + 2 * HOUR, ended)}  # two hours alone are no outage
    valley.arrive(device, [began + 12 * HOUR])
    valley.look(START + 4 * DAY)
    assert valley.outages() == {(device, began + 2 * HOUR, began + 12 * HOUR), (device, began + 12 * HOUR, ended)}
    valley.arrive(device, hourly(began, ended))
    valley.look(START + 4 * DAY)
    assert valley.outages() == set()
    said = valley.ask("select what, reason_ja from outage_change order by outage_change_id")
    assert [what for what, _ in said] == ["shortened", "split", "withdrawn", "withdrawn"]
    assert said[0][1] == (
        "遅れて届いたデータにより、2026-06-01 23:00から2026-06-03 00:00までの停止を"
        "2026-06-02 01:00から2026-06-03 00:00までに改めました"
    )


def test_it_begins_open_and_ends_with_the_next_sign_of_life(valley: Valley) -> None:
    device = valley.field.device("a")
    valley.arrive(device, hourly(START, START + DAY))
    last = START + DAY - HOUR
    valley.look(last + 3 * HOUR)
    assert valley.outages() == set()
    valley.look(last + 3 * HOUR + timedelta(seconds=1))
    assert valley.outages() == {(device, last, None)}
    valley.arrive(device, [last + 5 * HOUR])
    assert valley.look(last + 5 * HOUR).ended == 1
    assert valley.outages() == {(device, last, last + 5 * HOUR)}


def test_the_cause_is_proposed_with_its_reason(valley: Valley) -> None:
    weak, stopped, cold = (valley.field.device(name) for name in ("weak", "stopped", "cold"))
    gone = (START + 2 * DAY, START + 3 * DAY)
    silent(valley, valley.field.device("alive"), minute=30)  # or it would be an outage of the whole network
    days = [START + number * 6 * HOUR for number in range(8)]
    for number, at in enumerate(days):
        valley.arrive(weak, [at], {"battery_voltage": 3.6 if number < 6 else 3.1})
    for device in (weak, stopped, cold):
        silent(valley, device, gone)
    valley.connection.execute(
        "insert into planned_stop (project_id, device_id, starts, ends, reason, entered_at, entered_by)"
        " values (%s, %s, %s, %s, '草刈り', %s, 'x')",
        (valley.field.project_id, stopped, *gone, START),
    )
    valley.look(START + 4 * DAY)
    causes = {row["device"]: (row["cause"], row["why"]) for row in rows(valley, "device")}
    assert causes["weak"] == ("battery", "直前に電池が3.1 Vまで下がっていました(35日間の最高 3.6 V)")
    assert causes["stopped"] == ("planned", "計画停止「草刈り」の期間内")
    assert causes["cold"] == ("unknown", "手がかりがありません")
    station = valley.field.device("station")
    valley.arrive(station, hourly(START, START + 4 * DAY), {"air_temperature": -9.5})
    valley.look(START + 4 * DAY)
    valley.arrive(cold, [START + 2 * DAY + 5 * HOUR])  # the outage changes, so that its cause is looked at again
    valley.look(START + 4 * DAY)
    found = {(row["cause"], row["why"]) for row in rows(valley, "device") if row["device"] == "cold"}
    assert ("weather", "前後に自前の気象計が観測: 気温-9.5 ℃") in found
