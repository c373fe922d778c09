"""The comparison of radio technologies: numbers reckoned by hand, a ranking that flips, what cannot be told."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ingest.report.rounding import cut, round_half_up
from schemas.report_document import ReportDocument, ReportKind
from tests.figures.field import jst
from tests.plan.check.papers import document
from tests.plan.check.town import Town
from tests.report.source.papers import field_of, row_of, table_of, yearly
from tests.report.source.repeat import answers
from tests.report.source.test_airtime import move, put

DAILY = 86_400
MAY = ("05-01", "05-30")
COSTS: tuple[dict[str, Any], ...] = (
    {"kind": "equipment", "capital": True, "fiscal_year": 2026, "yen": 200_000, "technology": "lpwa"},
    {"kind": "communication", "capital": False, "fiscal_year": 2026, "yen": 12_000, "technology": "lpwa"},
    {"kind": "equipment", "capital": True, "fiscal_year": 2026, "yen": 300_000, "technology": "halow"},
    {"kind": "communication", "capital": False, "fiscal_year": 2026, "yen": 24_000, "technology": "halow"},
    {"kind": "cloud", "capital": False, "fiscal_year": 2026, "yen": 60_000},
)
FLIPPING = {"completeness": 68, "yen_per_1000_valid": 32}


def compared(town: Town) -> ReportDocument:
    return yearly(town, kind=ReportKind.TECHNOLOGY)


def fill(town: Town) -> None:
    """Three devices of 30 days: LPWA has 30 in the forest and 15 on open ground, HaLow 30 on open ground."""
    for code, network, days, site in (
        ("far", "lora", range(30), "forest"), ("farther", "lora", range(15), "open"),
        ("near", "halow", range(30), "open"),
    ):  # fmt: skip
        device = town.field.device(code, interval_s=DAILY, network=network, season=MAY)
        put(town, code, site_class=site)
        send(town, device, days)


def send(town: Town, device: int, days: Iterable[int]) -> None:
    """A message at noon of days of May, two seconds under way."""
    for day in days:
        at = jst(2026, 5, 1, 12) + timedelta(days=day)
        town.field.uplink(device, at, received_at=at + timedelta(seconds=2), counter=day)


def test_each_figure_has_its_devices_and_sites_beside_it(town: Town) -> None:
    town.plan(document(costs=COSTS))
    fill(town)
    report = compared(town)
    table = table_of(report, "comparison")
    assert [column.code for column in table.columns][3:] == ["lpwa", "lpwa_n", "halow", "halow_n"]
    whole = row_of(table, "completeness.all")
    assert (whole["lpwa"].value, whole["lpwa_n"].value) == (Decimal("75.0"), 2)
    assert (whole["halow"].value, whole["halow_n"].value) == (Decimal("100.0"), 1)
    assert whole["lpwa"].reference_only  # of two devices only
    forest, ground = row_of(table, "completeness.forest"), row_of(table, "completeness.open")
    assert (forest["site"].value, forest["lpwa"].value, forest["lpwa_n"].value) == ("森林", Decimal("100.0"), 1)
    assert (forest["halow"].value, forest["halow_n"].value) == (None, 0)
    assert (ground["lpwa"].value, ground["halow"].value) == (Decimal("50.0"), Decimal("100.0"))
    assert row_of(table, "median_rate.all")["lpwa"].value == Decimal("75.0")
    assert row_of(table, "low_rate.all")["lpwa"].value == Decimal("52.5")  # 50 + 5 % of the way to 100
    assert "停止がまだすべて調べられていません" in str(row_of(table, "mttr_h.all")["lpwa"].missing)
    assert any("設置環境の構成が異なります" in mark.ja for mark in report.marks)


def test_costs_are_those_that_name_the_technology(town: Town) -> None:
    town.plan(document(costs=COSTS))
    fill(town)
    report = compared(town)
    table = table_of(report, "comparison")
    found = {code: row_of(table, f"{code}.all") for code in ("initial_yen", "running_yen", "yen_per_1000_valid")}
    assert [found["initial_yen"][name].value for name in ("lpwa", "halow")] == [100_000, 300_000]
    assert [found["running_yen"][name].value for name in ("lpwa", "halow")] == [6_000, 24_000]
    # (200,000 x 12 / 60 + 12,000) x 1,000 / 45, and (300,000 x 12 / 60 + 24,000) x 1,000 / 30.
    assert found["yen_per_1000_valid"]["lpwa"].value == Decimal("1155555.6")
    assert found["yen_per_1000_valid"]["halow"].value == Decimal("2800000.0")
    assert field_of(report, "outcome", "common_running").value == 60_000


def test_the_ranking_flips_where_a_weight_is_changed(town: Town) -> None:
    town.plan(document(costs=COSTS, technology_weights=FLIPPING))
    fill(town)
    report = compared(town)
    scores = table_of(report, "scores")
    # 0.68 x 75 + 0.32 x 100, and 0.68 x 100 + 0.32 x 1,155,555.6 / 2,800,000 x 100.
    assert [row_of(scores, name)["score"].value for name in ("lpwa", "halow")] == [Decimal("83.0"), Decimal("81.2")]
    assert [row_of(scores, name)["place"].value for name in ("lpwa", "halow")] == [1, 2]
    table = table_of(report, "sensitivity")
    flipped = row_of(table, "completeness.+20")
    assert (flipped["weight"].value, flipped["holds"].value) == (Decimal("81.6"), "順位が変わる")
    assert (flipped["lpwa"].value, flipped["halow"].value) == (Decimal("82.0"), Decimal("83.5"))
    assert flipped["ranking"].value == "1 Wi-Fi HaLow、2 LPWA"
    assert row_of(table, "yen_per_1000_valid.-20")["holds"].value == "順位が変わる"
    assert row_of(table, "completeness.-20")["holds"].value == "変わらない"
    assert field_of(report, "outcome", "holds").value == ("変わる: データ取得率 +20%、有効受信1,000件あたり費用 -20%")
    weights = table_of(report, "weights")
    assert row_of(weights, "completeness")["share"].value == Decimal("68.0")
    assert row_of(weights, "availability")["used"].value == "重みが0です"


def test_a_criterion_that_one_lacks_is_left_out_for_all(town: Town) -> None:
    town.plan(document(costs=COSTS))
    fill(town)
    weights = table_of(compared(town), "weights")
    repair = row_of(weights, "mttr_h")
    assert (repair["share"].value, repair["lpwa"].value) == (None, None)
    assert repair["used"].value == "LPWA・Wi-Fi HaLowに値がないため、全方式で使いません"
    shares = [row_of(weights, code)["share"].value for code in ("completeness", "latency_p95_s", "initial_yen")]
    assert shares == [Decimal("33.3"), Decimal("11.1"), Decimal("11.1")]  # of 90


def test_outages_are_those_of_the_technology(town: Town) -> None:
    town.plan(document(costs=COSTS))
    fill(town)
    town.connection.execute("update outage_state set seen_until = %s", (jst(2027, 6, 30),))
    stop(town, "far", jst(2026, 5, 10, 12), jst(2026, 5, 12, 12))
    stop(town, "near", jst(2025, 5, 10, 12), jst(2025, 5, 10, 18))
    table = table_of(compared(town), "comparison")
    repair, stops = row_of(table, "mttr_h.all"), row_of(table, "outages.all")
    assert (repair["lpwa"].value, repair["halow"].value) == (Decimal("48.0"), None)
    assert "停止がありません" in str(repair["halow"].missing)
    assert (stops["lpwa"].value, stops["lpwa_n"].value, stops["halow"].value) == (1, 1, 0)
    # 1 outage in the 20.5 days from 10 May 12:00 on in which `far` is known to work.
    assert row_of(table, "outages_a_year.all")["lpwa"].value == Decimal("17.80")


def stop(town: Town, device: str, starts: datetime, ends: datetime) -> None:
    """An outage of a device."""
    town.connection.execute(
        "insert into outage (project_id, level, device_id, starts, ends, proposed_cause)"
        " select project_id, 'device', device_id, %s, %s, 'unknown' from device where code = %s",
        (starts, ends, device),
    )


def test_without_costs_there_are_figures_and_no_ranking(town: Town) -> None:
    fill(town)
    report = compared(town)
    assert row_of(table_of(report, "comparison"), "completeness.all")["lpwa"].value == Decimal("75.0")
    row = row_of(table_of(report, "scores"), "lpwa")
    assert (row["score"].value, row["place"].value) == (None, None)
    assert "有効受信1,000件あたり費用" in str(row["score"].missing)
    assert field_of(report, "outcome", "ranking").value is None
    assert table_of(report, "sensitivity").rows == ()


def test_a_device_that_moved_counts_in_each_by_its_days(town: Town) -> None:
    town.plan(document(costs=COSTS))
    device = town.field.device("mover", interval_s=DAILY, season=MAY)
    send(town, device, range(20))
    move(town, device, jst(2026, 5, 11))
    whole = row_of(table_of(compared(town), "comparison"), "completeness.all")
    assert (whole["lpwa"].value, whole["halow"].value) == (Decimal("100.0"), Decimal("50.0"))
    assert (whole["lpwa_n"].value, whole["halow_n"].value) == (1, 1)


def test_radio_arrival_is_of_devices_with_a_counter(town: Town) -> None:
    counted = town.field.device("counted", interval_s=DAILY, season=MAY)
    send(town, counted, range(0, 20, 2))  # 10 heard, 9 between them lost
    silent = town.field.device("uncounted", interval_s=DAILY, season=MAY)
    town.field.uplinks(silent, [jst(2026, 5, day, 12) for day in range(1, 11)])
    row = row_of(table_of(compared(town), "comparison"), "radio_rate.all")
    assert (row["lpwa"].value, row["lpwa_n"].value) == (Decimal("52.6"), 1)


def test_a_town_without_devices_has_nothing_to_compare(town: Town) -> None:
    town.plan(document(costs=COSTS))
    report = compared(town)
    assert table_of(report, "comparison").rows == table_of(report, "scores").rows == ()
    assert field_of(report, "outcome", "ranking").missing


def test_every_figure_of_the_comparison_is_found_again(town: Town) -> None:
    town.plan(document(costs=COSTS))
    fill(town)
    report = compared(town)
    proof = next(each for each in report.evidence if each.id == "technology")
    rows = {(row["technology"], row["site_class"]): row for row in answers(town, proof, jst(2027, 6, 30))}
    assert [site for technology, site in sorted(rows) if technology == "lpwa"] == ["all", "forest", "open"]
    table = table_of(report, "comparison")
    for (technology, site), row in rows.items():
        rates = {
            "completeness": (row["valid"], row["expected"]), "availability": (row["alive_s"], row["active_s"]),
            "radio_rate": (row["counted_arrived"], row["counted_sent"]),
        }  # fmt: skip
        for code, (part, base) in rates.items():
            cells = row_of(table, f"{code}.{site}")
            assert cells[technology].value == cut(Fraction(part) * 100 / Fraction(base), 1), code
            assert cells[technology].evidence == proof.id
        latency = row_of(table, f"latency_p95_s.{site}")[technology].value
        assert latency == round_half_up(row["latency_p95_s"], 1)
        assert row_of(table, f"completeness.{site}")[f"{technology}_n"].value == row["devices"]
