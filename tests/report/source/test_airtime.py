"""The ledger of airtime: numbers reckoned by hand, what is not known, a device that changed its technology."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ingest.decode.chirpstack.lorawan import airtime_ms, lora
from ingest.report.rounding import round_half_up
from schemas.report_document import ReportDocument, ReportKind
from tests.figures.field import jst
from tests.plan.check.town import Town
from tests.report.source.papers import field_of, row_of, table_of, yearly
from tests.report.source.repeat import answers

SF12_MS = 1482.752
"""11 bytes at SF12 and 125 kHz, as published calculators say: 1.483 s."""
HOUR = timedelta(hours=1)
MAY = jst(2026, 5, 1)


def ledger(town: Town, now: datetime | None = None) -> ReportDocument:
    return yearly(town, kind=ReportKind.AIRTIME, now=now or jst(2027, 6, 30))


def put(town: Town, code: str, **columns: object) -> None:
    """What the registry says of a device."""
    for name, value in columns.items():
        town.connection.execute(f"update device set {name} = %s where code = %s".encode(), (value, code))


def send(town: Town, device: int, counters: Iterable[int], first: datetime, step: timedelta, **columns: Any) -> None:
    """A message for each counter, `step` apart by the counter."""
    for counter in counters:
        town.field.uplink(device, first + counter * step, counter=counter, **columns)


def test_what_was_lost_was_sent_too(town: Town) -> None:
    device = town.field.device("tea-1", interval_s=3600)
    put(town, "tea-1", airtime_regime="D")
    # 20 hours, of which the counter shows that 3 were not heard.
    on_air = airtime_ms(11, lora(12, 125_000, "4/5"))
    assert on_air == SF12_MS
    send(town, device, [n for n in range(20) if n not in (5, 6, 7)], MAY + HOUR / 2, HOUR, airtime_ms=on_air)
    row = row_of(table_of(ledger(town), "ledger"), "tea-1.lpwa")
    assert (row["sent"].value, row["sent"].reference_only) == (20, False)
    assert row["estimated_s"].value == Decimal("29.7")  # 20 x 1.482752 = 29.65504
    assert row["longest_ms"].value == Decimal(1483)
    # The hour after the gap has its own message, and one of the three: it sends one an hour. 2 x 1.482752.
    assert row["worst_s"].value == Decimal("2.97")
    assert row["worst_hour"].value == MAY + 8 * HOUR
    assert row["share"].value == Decimal("8.24")  # of 36 s
    assert row["verdict"].value == "制限内"
    months = row_of(table_of(ledger(town), "sent"), "tea-1.lpwa")
    assert (months["m05"].value, months["m04"].value) == (20, None)
    assert "区別できません" in str(months["m04"].missing)


def test_a_limit_is_exceeded_by_what_was_heard_and_perhaps_by_other_sixty_minutes(town: Town) -> None:
    over, near = town.field.device("over"), town.field.device("near")
    put(town, "over", airtime_regime="D")
    put(town, "near", airtime_regime="D")
    send(town, over, range(25), MAY, timedelta(minutes=2), airtime_ms=SF12_MS)  # 37.1 s in one hour
    # 20 messages before the full hour, 10 after it: no clock hour has more than 29.7 s, some 60 minutes have 44.5 s.
    send(town, near, range(30), MAY + HOUR / 3, timedelta(minutes=2), airtime_ms=SF12_MS)
    report = ledger(town)
    table = table_of(report, "ledger")
    assert row_of(table, "over.lpwa")["verdict"].value == "超過"
    assert row_of(table, "over.lpwa")["share"].value == Decimal("102.97")
    assert row_of(table, "near.lpwa")["verdict"].value == "超過の可能性"
    assert row_of(table, "near.lpwa")["share"].value == Decimal("82.38")
    assert "監視" in str(row_of(table, "near.lpwa")["sliding_s"].missing)
    town.connection.execute(
        "insert into watch_airtime (transmitter, project_id, device_id, month, worst_s, worst_at, limit_s, estimated)"
        " select 'd:' || device_id, project_id, device_id, '2026-05-01', 44.48, %s, 36, true from device"
        " where code = 'near'", (MAY + 2 * HOUR,),
    )  # fmt: skip
    row = row_of(table_of(ledger(town), "ledger"), "near.lpwa")
    assert row["sliding_s"].value == Decimal("44.48")
    assert row["share"].value == Decimal("123.56")  # of 36 s: more than its clock hours
    assert row["verdict"].value == "超過"  # nothing was lost, so all of it was heard
    assert [field_of(report, "summary", code).value for code in ("exceeded", "perhaps", "within")] == [1, 1, 0]


def slid(town: Town, code: str, seconds: float, *, estimated: bool = True) -> None:
    """The ledger of the watch has a most of May for a device."""
    town.connection.execute(
        "insert into watch_airtime (transmitter, project_id, device_id, month, worst_s, worst_at, limit_s, estimated)"
        " select 'd:' || device_id, project_id, device_id, '2026-05-01', %s, %s, 36, %s from device where code = %s"
        " on conflict (transmitter, month) do update set worst_s = excluded.worst_s, estimated = excluded.estimated",
        (seconds, MAY + 2 * HOUR, estimated, code),
    )


def watched(town: Town, begun_at: datetime, done_until: datetime) -> None:
    """The watch ran from then on, and has looked so far."""
    town.connection.execute("delete from watch_run")
    town.connection.execute("insert into watch_run (begun_at, alive_until) values (%s, %s)", (begun_at, done_until))
    town.connection.execute(
        "insert into watch_progress (name, done_until) values ('airtime', %s)"
        " on conflict (name) do update set done_until = excluded.done_until",
        (done_until,),
    )


def test_where_the_watch_saw_the_whole_month_the_sixty_minutes_that_slide_decide(town: Town) -> None:
    device = town.field.device("tea-2")
    put(town, "tea-2", airtime_regime="D")
    # 14 messages an hour: 20.8 s in each clock hour, 41.5 s in two, and 20.8 s in any 60 minutes.
    send(town, device, range(28), MAY, timedelta(seconds=257), airtime_ms=SF12_MS)

    def verdict() -> object:
        return row_of(table_of(ledger(town), "ledger"), "tea-2.lpwa")["verdict"].value

    assert verdict() == "超過の可能性"
    slid(town, "tea-2", 20.8)
    june = jst(2026, 6, 1)
    for begun_at, done_until in ((MAY + HOUR, june), (MAY - HOUR, june - HOUR)):
        watched(town, begun_at, done_until)
        assert verdict() == "超過の可能性", "it may have sent more while nobody looked"
    watched(town, MAY - HOUR, june)
    assert verdict() == "制限内"
    slid(town, "tea-2", 26.0)
    assert verdict() == "制限内(上限に近い)"
    slid(town, "tea-2", 36.1)
    assert verdict() == "超過"


def test_an_estimate_with_losses_is_no_proof_and_what_the_transmitter_says_is(town: Town) -> None:
    device, silent = town.field.device("lossy"), town.field.device("counter")
    for code in ("lossy", "counter"):
        put(town, code, airtime_regime="D")
    send(town, device, [0, 1, 2, 6, 7], MAY, HOUR, airtime_ms=SF12_MS)
    send(town, silent, range(3), MAY, HOUR)  # no message tells its time on the air, but its own counter does
    slid(town, "lossy", 36.1)
    slid(town, "counter", 36.1, estimated=False)

    def verdicts() -> list[object]:
        table = table_of(ledger(town), "ledger")
        return [row_of(table, f"{code}.lpwa")["verdict"].value for code in ("lossy", "counter")]

    assert verdicts() == ["超過の可能性", "超過"]
    slid(town, "lossy", 20.0)
    slid(town, "counter", 20.0, estimated=False)
    assert verdicts() == ["制限内", "受信分は制限内"]
    watched(town, MAY - HOUR, jst(2026, 6, 1))
    assert verdicts() == ["制限内", "制限内"]


def test_what_is_not_known_is_never_0(town: Town) -> None:
    for code in ("silent", "untimed", "unsaid", "uncounted"):
        town.field.device(code)
    ids = {code: number for number, code in town.connection.execute("select device_id, code from device")}
    for code in ("silent", "untimed", "uncounted"):
        put(town, code, airtime_regime="B")
    send(town, ids["untimed"], range(3), MAY, HOUR)
    send(town, ids["unsaid"], range(3), MAY, HOUR, airtime_ms=61.696)
    for hour in range(3):
        town.field.uplink(ids["uncounted"], MAY + hour * HOUR, airtime_ms=61.696)
    table = table_of(ledger(town), "ledger")
    silent = row_of(table, "silent.lpwa")
    assert {silent[name].value for name in ("sent", "estimated_s", "worst_s", "share", "verdict")} == {None}
    assert all(silent[name].missing for name in ("sent", "estimated_s", "worst_s", "share", "verdict"))
    untimed = row_of(table, "untimed.lpwa")
    assert (untimed["sent"].value, untimed["estimated_s"].value) == (3, None)
    assert "拡散率" in str(untimed["verdict"].missing)
    unsaid = row_of(table, "unsaid.lpwa")
    assert (unsaid["worst_s"].value, unsaid["share"].value) == (Decimal("0.06"), None)
    assert "区分" in str(unsaid["limit"].missing)
    assert "区分" in str(unsaid["verdict"].missing)
    uncounted = row_of(table, "uncounted.lpwa")
    assert (uncounted["sent"].value, uncounted["sent"].reference_only) == (3, True)
    assert uncounted["verdict"].value == "受信分は制限内"
    assert uncounted["basis"].value == "受信数"


def test_a_regime_without_an_hour_has_a_limit_of_one_transmission(town: Town) -> None:
    short, long = town.field.device("short"), town.field.device("long")
    put(town, "short", airtime_regime="A")
    put(town, "long", airtime_regime="A")
    send(town, short, range(3), MAY, HOUR, airtime_ms=SF12_MS)
    send(town, long, range(3), MAY, HOUR, airtime_ms=4_100)
    table = table_of(ledger(town), "ledger")
    assert row_of(table, "short.lpwa")["verdict"].value == "1回の上限内(平均)"
    assert "1時間の合計の上限はありません" in str(row_of(table, "short.lpwa")["share"].missing)
    assert row_of(table, "long.lpwa")["verdict"].value == "超過(1回の上限)"


def test_a_device_that_changed_its_technology_in_mid_year_has_two_rows(town: Town) -> None:
    device = town.field.device("mover")
    send(town, device, range(10), MAY, HOUR, airtime_ms=SF12_MS)
    move(town, device, MAY + 7 * HOUR)
    put(town, "mover", airtime_regime="D")
    table = table_of(ledger(town), "ledger")
    before, after = row_of(table, "mover.lpwa"), row_of(table, "mover.halow")
    assert (before["sent"].value, after["sent"].value) == (7, 3)
    assert (before["limit"].value, after["limit"].value) == (None, "D 1時間36秒")
    assert "前の方式" in str(before["verdict"].missing)
    assert after["verdict"].value == "制限内"


def test_a_town_without_devices_has_an_empty_ledger(town: Town) -> None:
    report = ledger(town)
    assert table_of(report, "ledger").rows == table_of(report, "sent").rows == ()
    assert field_of(report, "summary", "transmitters").value == 0


def move(town: Town, device: int, at: datetime, network: str = "halow") -> None:
    """Into the other network: its places are written as the registry would have written them then."""
    town.connection.execute(
        "update device set network_id = (select network_id from network where code = %s) where device_id = %s",
        (network, device),
    )
    for column, holds in (("valid_to", "is not null"), ("valid_from", "is null")):
        town.connection.execute(
            f"update device_placement set {column} = %s where device_id = %s and valid_to {holds}".encode(),
            (at, device),
        )


def test_every_number_of_the_ledger_is_found_again(town: Town) -> None:
    for code, regime in (("one", "D"), ("two", "B")):
        device = town.field.device(code)
        put(town, code, airtime_regime=regime)
        send(town, device, [0, 1, 2, 6, 7], MAY, HOUR, airtime_ms=SF12_MS)
        send(town, device, range(7, 12), jst(2026, 6, 10), HOUR, airtime_ms=SF12_MS)
    report = ledger(town)
    proof = next(each for each in report.evidence if each.id == "airtime")
    rows = answers(town, proof, jst(2027, 6, 30))
    assert proof.rows == len(rows) == 4
    for named, hour_s in (("one", 36), ("two", 360)):
        own = {row["month"].month: row for row in rows if row["device"] == named}
        sent = {month: row["received"] + row["lost"] for month, row in own.items()}
        months = row_of(table_of(report, "sent"), f"{named}.lpwa")
        assert (months["m05"].value, months["m06"].value) == (sent[5], sent[6])
        cells = row_of(table_of(report, "ledger"), f"{named}.lpwa")
        worst = max(row["worst_s"] for row in own.values())
        assert cells["sent"].value == sum(sent.values())
        assert cells["estimated_s"].value == round_half_up(sum(row["estimated_s"] for row in own.values()), 1)
        assert cells["worst_s"].value == round_half_up(worst, 2)
        assert cells["share"].value == round_half_up(worst * 100 / hour_s, 2)
    whole = row_of(table_of(report, "sent"), "total")
    assert whole["m05"].value == sum(row["received"] + row["lost"] for row in rows if row["month"].month == 5)
