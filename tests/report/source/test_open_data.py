"""Open data: only published devices, no doubtful value, weather only by the law; from readings reckoned by hand."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pypdfium2
import pytest

from ingest.errors import CallRefused
from ingest.report.form import forms
from ingest.report.form.forms import FORMS, ReportForm, write_form
from ingest.report.source import opened
from schemas.japan import FiscalYear, Month
from schemas.report_document import Cell, Lines, Period, ReportDocument, ReportKind
from tests.figures.field import jst
from tests.plan.check.town import Town
from tests.report.source.papers import LATER, MAY, field_of, made, row_of, table_of
from tests.report.source.test_assets import asset

HALF_HOUR_S = 1_800


def opened_month(town: Town, month: Month = MAY) -> ReportDocument:
    return made(town, ReportKind.OPEN_DATA, Period.of_month(month, LATER))


def opened_year(town: Town) -> ReportDocument:
    return made(town, ReportKind.OPEN_DATA, Period.of_year(FiscalYear(2026), LATER))


def station(town: Town, code: str = "river", *, published: bool = True, use: str = "防災", **more: str) -> int:
    """A device that stands in the registry with a position, from 1 May on."""
    device = town.field.device(code, interval_s=HALF_HOUR_S, installed_on=date(2026, 5, 1), name=more.get("name"))
    town.connection.execute(
        "update device set published = %s, use = %s, latitude = 36.1234567, longitude = 137.9876543,"
        " serial = %s where device_id = %s",
        (published, use, more.get("serial"), device),
    )
    return device


def level(town: Town, device: int, hour: int, *values: float, quality: int | None = None, first: int = 0) -> None:
    """Levels of the river in an hour of 1 May, half an hour apart."""
    for number, value in enumerate(values, start=first):
        town.field.reading(device, jst(2026, 5, 1, hour, 30 * number), "river_level", value, quality=quality)


def shown(report: ReportDocument, at: str, series: str = "river.river_level.0") -> tuple[object, ...]:
    """Value, minimum, maximum and quality of a slot."""
    row = row_of(table_of(report, "data"), f"{series}.{at}")
    return tuple(row[name].value for name in ("value", "minimum", "maximum", "quality"))


def test_a_value_is_the_mean_of_what_is_sound_and_says_how_good_it_is(town: Town) -> None:
    river = station(town)
    level(town, river, 0, 1.0, 2.0)
    level(town, river, 1, 1.0)
    level(town, river, 1, 9.9, quality=1, first=1)
    level(town, river, 2, 5.0, quality=32)
    level(town, river, 2, 6.0, quality=16, first=1)
    level(town, river, 4, -0.004)
    level(town, river, 5, 3.0, 3.0, quality=8)
    report = opened_month(town)
    assert shown(report, "20260501T00") == (Decimal("1.50"), Decimal("1.00"), Decimal("2.00"), "正常")
    assert shown(report, "20260501T01") == (Decimal("1.00"), Decimal("1.00"), Decimal("1.00"), "推定")
    assert shown(report, "20260501T02") == (None, None, None, "異常")
    assert shown(report, "20260501T03") == (None, None, None, "欠測")
    assert shown(report, "20260501T04")[0::3] == (Decimal("0.00"), "推定")
    assert str(shown(report, "20260501T04")[0]) == "0.00"  # not -0.00
    assert shown(report, "20260501T05")[0::3] == (Decimal("3.00"), "推定")
    assert len(table_of(report, "data").rows) == 31 * 24
    assert field_of(report, "terms", "good_rate").value == Decimal("0.1")
    day = opened_year(town)
    # Of 1 May: 1.0, 2.0, 1.0, -0.004, 3.0 and 3.0.
    assert shown(day, "20260501T00") == (Decimal("1.67"), Decimal("0.00"), Decimal("3.00"), "推定")


def test_what_is_measured_in_a_planned_stop_or_out_of_season_is_not_published(town: Town) -> None:
    river = station(town)
    level(town, river, 1, 9.0, 9.0)
    level(town, river, 2, 8.0, 1.0)  # the first of them still within the stop
    town.connection.execute(
        "insert into planned_stop (project_id, device_id, starts, ends, reason, entered_by, signed_at, signed_by)"
        " values (%s, %s, %s, %s, '点検', 'clerk', now(), 'chief')",
        (town.project.project_id, river, jst(2026, 5, 1, 1), jst(2026, 5, 1, 2, 30)),
    )
    report = opened_month(town)
    assert shown(report, "20260501T01") == (None, None, None, "調整中")
    assert shown(report, "20260501T02")[0::3] == (Decimal("1.00"), "正常")
    town.connection.execute("update device set season_from = '06-01', season_to = '09-30'")
    town.connection.execute("update device_placement set season_from = '06-01', season_to = '09-30'")
    assert table_of(opened_month(town), "data").rows == ()


def test_nothing_of_an_unpublished_device_appears_in_any_form(town: Town) -> None:
    river = station(town)
    hidden = station(town, "hidden", published=False, name="秘匿の田", serial="SN-hidden")
    level(town, river, 0, 1.0, 2.0)
    town.field.reading(hidden, jst(2026, 5, 1), "river_level", 7.77)
    town.connection.execute("update device set latitude = 35.98765 where device_id = %s", (hidden,))
    asset(town, "asset-hidden", "秘匿の水位計", hidden)
    for report in (opened_month(town), opened_year(town)):
        for form in FORMS:
            content = write_form(report, form)
            text = "".join(_texts(content, form))
            assert "river" in text
            for word in ("hidden", "秘匿", "7.77", "35.98"):
                assert word not in text, (form, word)


def _texts(content: bytes, form: ReportForm) -> Iterator[str]:
    """Everything that can be read in a file."""
    if form is ReportForm.XLSX:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            yield from (book.read(name).decode() for name in book.namelist())
    elif form is ReportForm.PDF:
        pages = pypdfium2.PdfDocument(content)
        yield from (page.get_textpage().get_text_range() for page in pages)
    else:
        yield content.decode("cp932" if form is ReportForm.CSV_CP932 else "utf-8")


def test_weather_is_published_for_the_days_of_a_verified_instrument_that_was_notified(town: Town) -> None:
    river = station(town)
    for day in (1, 2, 3):
        town.field.reading(river, jst(2026, 5, day, 12), "air_temperature", 20.04)
    town.field.reading(river, jst(2026, 5, 1, 12), "battery_voltage", 3.6)
    assert table_of(opened_month(town), "data").rows == ()
    asset(town, "a-1", "気象計", river, verification_number="第1号", verification_until=date(2026, 5, 2))
    assert table_of(opened_month(town), "data").rows == ()
    town.connection.execute("update asset set jma_notified_on = '2026-05-01'")
    report = opened_month(town)
    days = {row.key.rpartition(".")[2][:8] for row in table_of(report, "data").rows}
    assert days == {"20260501", "20260502"}
    row = row_of(table_of(report, "data"), "river.air_temperature.0.20260502T12")
    assert (row["value"].value, row["unit"].value, row["verification"].value) == (Decimal("20.0"), "℃", "検定済")
    left_out = next(each for each in report.sections if each.code == "left_out")
    assert isinstance(left_out, Lines)
    assert any("電池電圧" in line and "一覧" in line for line in left_out.lines)
    assert any("気温" in line and "2026-05-02 まで" in line for line in left_out.lines)


def test_rain_is_added_up_and_a_sum_with_a_doubtful_part_has_no_value(town: Town) -> None:
    rain = station(town, "rain")
    asset(town, "a-1", "雨量計", rain, verification_number="第1号", verification_until=date(2030, 5, 2),
          jma_notified_on=date(2026, 5, 1))  # fmt: skip
    for hour, quality in ((0, None), (1, 1)):
        town.field.reading(rain, jst(2026, 5, 1, hour), "rain_amount", 1.5)
        town.field.reading(rain, jst(2026, 5, 1, hour, 30), "rain_amount", 2.0, quality=quality)
    town.field.reading(rain, jst(2026, 5, 1, 2), "rain_amount", 1.5)
    report = opened_month(town)
    assert shown(report, "20260501T00", "rain.rain_amount.0") == (Decimal("3.5"), None, None, "正常")
    assert shown(report, "20260501T01", "rain.rain_amount.0") == (None, None, None, "異常")
    assert shown(report, "20260501T02", "rain.rain_amount.0") == (Decimal("1.5"), None, None, "推定")


def test_positions_are_exact_only_where_the_use_allows_it(town: Town) -> None:
    level(town, station(town), 0, 1.0, 1.0)
    level(town, station(town, "paddy", use="農業"), 0, 1.0, 1.0)
    table = table_of(opened_month(town), "data")

    def place(series: str) -> tuple[str, str]:
        row = row_of(table, f"{series}.river_level.0.20260501T00")
        return str(row["latitude"].value), str(row["longitude"].value)

    assert place("river") == ("36.12346", "137.98765")
    assert place("paddy") == ("36.12", "137.99")


def test_the_csv_is_the_table_alone(town: Town) -> None:
    level(town, station(town, name="田川第二"), 0, 1.0, 2.0)
    report = opened_month(town)
    for form, encoding in ((ReportForm.CSV, "utf-8-sig"), (ReportForm.CSV_CP932, "cp932")):
        rows = list(csv.DictReader(io.StringIO(write_form(report, form).decode(encoding))))
        assert len(rows) == 31 * 24
        first = rows[0]
        assert first["全国地方公共団体コード"] == "222160"
        assert (first["観測所名"], first["観測日"], first["観測時刻"]) == ("田川第二", "2026-05-01", "00:00")
        assert (first["観測値"], first["品質"], first["ライセンス"]) == ("1.50", "正常", "CC BY 4.0")
        assert (rows[1]["観測値"], rows[1]["品質"]) == ("", "欠測")
    assert write_form(report, ReportForm.CSV).startswith(b"\xef\xbb\xbf")


def test_what_is_too_large_is_refused_and_says_what_to_do(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    level(town, station(town), 0, 1.0, 1.0)
    report = opened_month(town)
    monkeypatch.setattr(forms, "MOST_ROWS", {ReportForm.PDF: 743})
    with pytest.raises(CallRefused, match="at most 743") as refused:
        write_form(report, ReportForm.PDF)
    assert "CSV で作ってください" in refused.value.said.ja
    assert write_form(report, ReportForm.CSV)
    monkeypatch.setattr(opened, "MOST_ROWS", 743)
    with pytest.raises(CallRefused, match="744 rows"):
        opened_month(town)


def test_every_value_says_where_it_comes_from(town: Town) -> None:
    level(town, station(town), 0, 1.0, 2.0)
    report = opened_month(town)
    proof = next(each for each in report.evidence if each.id == "open")
    assert (proof.figure, proof.rows) == ("figure_report_open", 31 * 24)
    values = [row_of(table_of(report, "data"), row.key)["value"] for row in table_of(report, "data").rows]
    assert all(cell == Cell() or cell.evidence == "open" for cell in values)
    query = ", ".join(f"{name} => %({name})s" for name in proof.arguments)
    rows = town.connection.execute(f"select * from figure_report_open({query})".encode(), proof.arguments).fetchall()
    assert len(rows) == proof.rows
    assert [row[4] for row in rows if row[4] is not None] == [1.5]
