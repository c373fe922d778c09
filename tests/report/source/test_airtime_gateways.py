"""Downlinks of gateways in the ledger of airtime: known where they are told, a lower bound where some are not."""

import json
from datetime import datetime, timedelta
from decimal import Decimal

from schemas.gateway_report import GatewayEventKind
from schemas.report_document import Cell, ReportKind
from tests.figures.field import jst
from tests.plan.check.town import Town
from tests.report.source.papers import row_of, table_of, yearly

MAY = jst(2026, 5, 1, 10)
MINUTE = timedelta(minutes=1)


def tell(town: Town, count: int, airtime_ms: float | None = 1_200.0, *, first: int = 0) -> None:
    """The server tells so many frames, one a minute, each answered."""
    for number in range(first, first + count):
        item = {} if airtime_ms is None else {"airtime_ms": airtime_ms}
        at = MAY + number * MINUTE
        for kind, more in (
            (GatewayEventKind.COMMAND, {"downlink_id": number, "items": [item]}),
            (GatewayEventKind.ACK, {"downlink_id": number, "status": ["OK"]}),
        ):
            town.field.gateway_event("hill", at, kind=kind, more=json.dumps(more))


def count(town: Town, sent: int) -> None:
    """The gateway itself says how many it sent."""
    town.field.gateway_event("hill", MAY + 50 * MINUTE, kind=GatewayEventKind.STATS, sent=sent, wanted=sent)


def look(town: Town, seconds: float, since: datetime = MAY - MINUTE) -> None:
    """The watch looked at all of it since then, and kept the most of any 60 minutes."""
    town.connection.execute("delete from watch_run")
    town.connection.execute("insert into watch_run (begun_at, alive_until) values (%s, %s)", (since, jst(2026, 7, 1)))
    town.connection.execute(
        "insert into watch_progress (name, done_until) values ('airtime', %s) on conflict (name) do nothing",
        (jst(2026, 7, 1),),
    )
    town.connection.execute(
        "insert into watch_airtime (transmitter, project_id, gateway_id, month, worst_s, worst_at, limit_s, estimated)"
        " select 'g:' || gateway_id, %s, gateway_id, '2026-05-01', %s, %s, 36, false from gateway where code = 'hill'"
        " on conflict (transmitter, month) do update set worst_s = excluded.worst_s",
        (town.project.project_id, seconds, MAY + 20 * MINUTE),
    )


def regime(town: Town, code: str | None) -> None:
    town.connection.execute("update gateway set airtime_regime = %s where code = 'hill'", (code,))


def hill(town: Town) -> dict[str, Cell]:
    return row_of(table_of(yearly(town, kind=ReportKind.AIRTIME), "gateways"), "hill")


def test_what_is_told_is_exact_and_what_the_gateway_counts_beyond_makes_it_a_lower_bound(town: Town) -> None:
    regime(town, "D")
    tell(town, 20)
    count(town, 20)
    look(town, 24.0)
    row = hill(town)
    assert {name: row[name].value for name in ("limit", "reported", "sent", "airtime_s", "longest_ms", "verdict")} == {
        "limit": "D 1時間36秒", "reported": 20, "sent": 20, "airtime_s": Decimal("24.0"), "longest_ms": 1_200,
        "verdict": "制限内",
    }  # fmt: skip
    assert (row["sliding_s"].value, row["share"].value) == (Decimal("24.00"), Decimal("66.67"))
    assert row["sliding_at"].value == MAY + 20 * MINUTE
    assert not row["airtime_s"].reference_only
    count(town, 1)  # beacons, say
    row = hill(town)
    assert (row["reported"].value, row["verdict"].value) == (21, "知らされた分は制限内")
    assert row["airtime_s"].reference_only
    assert row["share"].reference_only


def test_a_frame_without_a_length_and_a_watch_that_came_later_make_nothing_certain(town: Town) -> None:
    regime(town, "D")
    tell(town, 20)
    look(town, 24.0, since=MAY + 2 * MINUTE)
    assert hill(town)["verdict"].value == "知らされた分は制限内"
    look(town, 24.0)
    assert hill(town)["verdict"].value == "制限内"
    tell(town, 1, None, first=20)
    row = hill(town)
    assert (row["sent"].value, row["airtime_s"].value) == (21, Decimal("24.0"))
    assert (row["verdict"].value, row["sent"].reference_only) == ("知らされた分は制限内", True)


def test_what_is_over_a_limit_is_so_whatever_else_was_sent(town: Town) -> None:
    regime(town, "D")
    tell(town, 31)
    count(town, 50)
    look(town, 37.2)
    assert hill(town)["verdict"].value == "超過"
    regime(town, "A")
    assert hill(town)["verdict"].value == "知らされた分は制限内"
    tell(town, 1, 4_100, first=40)
    assert hill(town)["verdict"].value == "超過(1回の上限)"
    assert "1時間の合計の上限はありません" in str(hill(town)["share"].missing)


def test_where_nobody_tells_there_is_no_number_and_a_reason(town: Town) -> None:
    regime(town, "D")
    count(town, 9)
    row = hill(town)
    for name in ("reported", "sent", "airtime_s", "longest_ms", "sliding_s", "share", "verdict"):
        assert row[name].value is None, name
        assert "command/down" in str(row[name].missing), name
    tell(town, 3, None)
    row = hill(town)
    assert (row["sent"].value, row["airtime_s"].value, row["reported"].value) == (3, None, 9)
    assert "長さの分かるフレームがありません" in str(row["airtime_s"].missing)
    regime(town, None)
    assert "区分" in str(hill(town)["verdict"].missing)
