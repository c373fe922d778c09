"""The ledger of equipment and the annex to the completion report, from rows whose answer was reckoned by hand."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ingest.figures.equipment import equipment
from ingest.report.inspection import Finding, inspect
from schemas.japan import FiscalYear, Month
from schemas.plan import PlannedEquipment
from schemas.report_document import Cell, Period, ReportDocument, ReportKind
from tests.figures.field import jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town
from tests.report.source.papers import field_of, made, row_of, table_of

DAY = date(2026, 6, 30)
NOW = jst(2026, 7, 1, 9)


def asset(town: Town, code: str, name: str, device: int | None = None, **columns: Any) -> None:
    values = {"project_id": town.project.project_id, "code": code, "name": name, "device_id": device, **columns}
    names, places = ", ".join(values), ", ".join(f"%({each})s" for each in values)
    town.connection.execute(f"insert into asset ({names}) values ({places})".encode(), values)


def report(town: Town, kind: ReportKind, day: date = DAY, now: datetime = NOW) -> ReportDocument:
    return made(town, kind, Period.of_day(day, now), now)


def test_a_project_without_a_device_has_an_empty_ledger(town: Town) -> None:
    ledger = report(town, ReportKind.ASSETS)
    # The town has gateways; no asset, no device.
    assert field_of(ledger, "sums", "price_yen").value == 0
    assert table_of(ledger, "managed").rows == () == table_of(ledger, "gone").rows
    assert {row.key.partition(":")[0] for row in table_of(ledger, "equipment").rows} <= {"gateway"}


def test_yen_add_up_and_what_has_no_price_is_said(town: Town) -> None:
    asset(town, "a-1", "水位計", town.field.device("tea-1"), unit_price_yen=820_000, subsidised_yen=820_000,
          subsidy_yen=410_000, acquired_on=date(2026, 6, 1), service_life_years=6)  # fmt: skip
    asset(town, "p-1", "鋼管柱", quantity=3, unit_price_yen=65_001)
    asset(town, "p-2", "銘板", quantity=10)
    asset(town, "later", "翌月の柱", acquired_on=date(2026, 7, 1), unit_price_yen=1)
    ledger = report(town, ReportKind.ASSETS)
    total = row_of(table_of(ledger, "equipment"), "total")
    assert (total["price_yen"].value, total["quantity"].value) == (820_000 + 3 * 65_001, 14 + _gateways(ledger))
    assert (field_of(ledger, "sums", "price_yen").value, field_of(ledger, "sums", "unpriced").value) == (1_015_003, 1)
    assert any("単価のない資産が 1 件" in mark.ja for mark in ledger.marks)
    managed = table_of(ledger, "managed")
    assert [row.key for row in managed.rows] == ["asset:a-1"]
    meter = row_of(managed, "asset:a-1")
    assert meter["disposal_until"].value == date(2032, 5, 31)
    pole = row_of(table_of(ledger, "equipment"), "asset:p-1")
    assert (pole["managed"].value, pole["disposal_until"].missing is not None) == (None, True)
    assert "送らない物" in _why(pole["first_day"])


def test_a_device_that_was_replaced_has_the_data_of_each_line(town: Town) -> None:
    device = town.field.device("tea-1")
    for day in (jst(2026, 4, 5, 12), jst(2026, 5, 9, 12), jst(2026, 5, 12, 12), jst(2026, 6, 20, 12)):
        town.field.uplink(device, day)
    asset(town, "old", "水位計", device, state="disposed", disposed_on=date(2026, 5, 10), unit_price_yen=600_000)
    asset(town, "new", "水位計", device, unit_price_yen=700_000)
    ledger = report(town, ReportKind.ASSETS)
    new = row_of(table_of(ledger, "equipment"), "asset:new")
    old = row_of(table_of(ledger, "gone"), "asset:old")
    assert (new["first_day"].value, new["last_day"].value) == (date(2026, 5, 12), date(2026, 6, 20))
    assert (old["first_day"].value, old["last_day"].value) == (date(2026, 4, 5), date(2026, 5, 9))
    assert (old["state"].value, old["disposed_on"].value) == ("処分済", date(2026, 5, 10))
    before = report(town, ReportKind.ASSETS, date(2026, 5, 1))
    assert row_of(table_of(before, "equipment"), "asset:old")["state"].value == "使用中"
    assert table_of(before, "gone").rows == ()


def test_planned_installed_and_heard_are_counted_by_kind(town: Town) -> None:
    planned = (PlannedEquipment(kind="水位計", count=3), PlannedEquipment(kind="カメラ", count=1))
    town.plan(document(kpi()).model_copy(update={"equipment": planned}))
    first, second = town.field.device("tea-1"), town.field.device("tea-2")
    town.field.device("tea-3")
    town.field.uplink(first, jst(2026, 5, 9, 12))
    asset(town, "a-1", "水位計", first, label_attached_on=date(2026, 6, 1))
    asset(town, "a-2", "水位計", second)
    asset(town, "p-1", "鋼管柱", quantity=3)
    counts = table_of(report(town, ReportKind.COMPLETION), "counts")

    def of(kind: str) -> tuple[object, ...]:
        row = row_of(counts, kind)
        return tuple(row[name].value for name in ("planned", "installed", "heard", "labelled"))

    assert of("水位計") == (3, 2, 1, 1)
    assert of("カメラ") == (1, 0, None, 0)
    assert of("鋼管柱") == (None, 3, None, 0)
    assert of("農業") == (None, 1, 0, 0)
    assert "計画に機器数がありません" in _why(row_of(counts, "total")["planned"])
    assert row_of(counts, "水位計")["first_day"].value == date(2026, 5, 9)


def test_an_inspection_finds_what_is_missing(town: Town) -> None:
    device = town.field.device("tea-1", installed_on=date(2026, 4, 1))
    town.field.device("tea-2")
    asset(town, "a-1", "気象計", device, unit_price_yen=900_000, verification_number="第1号",
          verification_until=date(2026, 8, 1), acquired_on=date(2026, 3, 1), photo="p-1")  # fmt: skip
    asset(town, "p-1", "柱", place="田川", label_attached_on=DAY, photo="p-2", unit_price_yen=1, acquired_on=DAY)
    lines = equipment(town.connection, "tea", DAY, NOW)
    found = {each.line.key: each.findings for each in inspect(lines, DAY, date(2026, 4, 1))}
    assert found["asset:p-1"] == ()
    assert set(found["asset:a-1"]) == {
        Finding.NO_LABEL, Finding.NO_CONFORMITY, Finding.NO_SERIAL, Finding.NO_PLACEMENT, Finding.NO_FIRST_DATA,
        Finding.BEFORE_GRANT, Finding.NO_DISPOSAL_UNTIL, Finding.VERIFICATION_SOON,
    }  # fmt: skip
    assert set(found["device:tea-2"]) == {
        Finding.NO_ASSET, Finding.NO_PLACEMENT, Finding.NO_FIRST_DATA, Finding.NO_INSTALLED_ON
    }  # fmt: skip
    later = {each.line.key: each.findings for each in inspect(lines, date(2026, 8, 2), None)}
    assert Finding.VERIFICATION_OVER in later["asset:a-1"]


def _gateways(ledger: ReportDocument) -> int:
    return sum(row.key.startswith("gateway:") for row in table_of(ledger, "equipment").rows)


def _why(cell: Cell) -> str:
    assert cell.missing is not None
    return cell.missing.ja


def test_every_figure_of_the_ledger_says_where_it_comes_from(town: Town) -> None:
    asset(town, "a-1", "水位計", town.field.device("tea-1"), unit_price_yen=5)
    for kind in (ReportKind.ASSETS, ReportKind.COMPLETION):
        made_report = report(town, kind)
        assert [each.figure for each in made_report.evidence] == ["figure_equipment"]
        assert made_report.evidence[0].rows == len(equipment(town.connection, "tea", DAY, NOW))
        numbers = [cell for section in made_report.sections if hasattr(section, "rows")
                   for row in section.rows for cell in row.cells if isinstance(cell.value, int | Decimal)]  # fmt: skip
        assert all(cell.evidence == "ledger" for cell in numbers)


def test_what_measures_weather_and_is_published_needs_the_notification(town: Town) -> None:
    device = town.field.device("tea-1", installed_on=date(2026, 4, 1))
    asset(town, "a-1", "気象計", device)
    town.connection.execute(
        "insert into last_reading (device_id, quantity_id, channel, time, value)"
        " select %s, quantity_id, 0, '2026-06-01', 20 from quantity where code = 'air_temperature'",
        (device,),
    )
    findings = [inspect(equipment(town.connection, "tea", DAY, NOW), DAY, None)]
    town.connection.execute("update device set published = true")
    findings.append(inspect(equipment(town.connection, "tea", DAY, NOW), DAY, None))
    without, public = (next(each.findings for each in found if each.line.device == "tea-1") for found in findings)
    assert not {Finding.NO_VERIFICATION, Finding.NO_NOTIFICATION} & set(without)
    assert {Finding.NO_VERIFICATION, Finding.NO_NOTIFICATION} <= set(public)


def test_the_yearly_report_counts_what_was_planned_where_the_plan_can_be_told_apart(town: Town) -> None:
    lora, both = town.field.device("tea-1"), town.field.device("tea-2")
    halow = town.field.device("cam-1", network="halow")
    asset(town, "a-1", "水位計", lora)
    asset(town, "a-2", "気象計", both)
    asset(town, "p-1", "鋼管柱", quantity=3)
    planned = [
        PlannedEquipment(kind=kind, count=count) for kind, count in (("水位計", 3), ("気象計", 2), ("鋼管柱", 9))
    ]

    def systems(*more: PlannedEquipment) -> dict[str, object]:
        number = len(more) + 1
        plan = document(kpi()).model_copy(update={"equipment": (*planned, *more)})
        town.plan(plan, at=jst(2026, 3, number), number=number)
        table = table_of(made(town, ReportKind.YEARLY, Period.of_year(FiscalYear(2026), NOW), NOW), "systems")
        return {key: row_of(table, key)["planned"].value for key in ("lpwa", "halow", "total")}

    assert systems() == {"lpwa": 5, "halow": None, "total": 5}
    assert systems(PlannedEquipment(kind="Wi-Fi HaLow", count=4)) == {"lpwa": 5, "halow": 4, "total": 9}
    town.connection.execute("update asset set device_id = null where code = 'a-2'")
    asset(town, "a-3", "水位計", halow)
    # A water meter in either network: neither row can be told, the whole can.
    town.connection.execute("update asset set device_id = %s where code = 'a-2'", (both,))
    assert systems(planned[0], planned[0]) == {"lpwa": None, "halow": None, "total": 11}


def test_the_monthly_report_names_verifications_that_end_within_90_days(town: Town) -> None:
    for code, until in (("over", "2026-06-29"), ("soon", "2026-09-28"), ("later", "2026-09-29"), ("none", None)):
        asset(town, code, "気象計", verification_until=until)
    asset(town, "gone", "気象計", verification_until="2026-06-01", state="disposed", disposed_on=date(2026, 6, 2))
    table = table_of(made(town, ReportKind.MONTHLY, Period.of_month(Month(2026, 6), NOW), NOW), "verifications")
    assert [row.key for row in table.rows] == ["asset:over", "asset:soon"]
    over, soon = (row_of(table, row.key) for row in table.rows)
    assert (over["days_left"].value, over["expired"].value) == (-1, "期限切れ")
    assert (soon["days_left"].value, soon["expired"].value) == (90, "期限が近い")
