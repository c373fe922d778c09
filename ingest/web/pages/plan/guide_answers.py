"""The answers of the guide: what its form begins with, and from its fields to what the template asks for."""

from collections.abc import Iterable, Mapping
from datetime import date

from ingest.plan.document.guide import Answers, KpiAnswer
from ingest.plan.document.template import Template
from ingest.web.days import parsed_day
from ingest.web.form import Form
from ingest.web.numbers import written_number
from ingest.web.text.writer import Writer
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear

TITLE_NEEDED = Bilingual("計画の名前を入れてください", "Enter the name of the plan")
OWNER_NEEDED = Bilingual("担当課を入れてください", "Enter who owns the KPIs")
DAY_NEEDED = Bilingual("日付を入れてください", "Enter a day")
ENDS_BEFORE = Bilingual("終わりが始まりより前です", "The end is before the beginning")
NO_NUMBER = Bilingual("数で入れてください(例: 260 または 1,200,000)", "Enter a number, as 260 or 1,200,000")
NEGATIVE = Bilingual("0以上の数で入れてください", "Enter a number that is not negative")
YEARS = 5
"""So many years the subsidy asks for reports."""


def first_answers(name: str, devices: int, today: date, writer: Writer, template: Template) -> dict[str, str]:
    """What stands in the form at first: the fiscal year of today and the four after it, the devices of the registry."""
    year = FiscalYear.of(today)
    title = writer.texts["guide_title_of"].format(name=name, template=writer.said(template.label))
    return {
        "title": title,
        "begins": year.first_day.isoformat(),
        "ends": FiscalYear(year.year + YEARS - 1).last_day.isoformat(),
        "devices": str(devices),
    }


def target_field(kpi: str, year: int) -> str:
    """The field with the target of a KPI for a year."""
    return f"target-{kpi}-{year}"


def written_target(value: float) -> str:
    """A target as people write it: 2, not 2.0."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def rest_field(kpi: str) -> str:
    """The field with the targets of a KPI for all years that the page does not show: a form has few fields."""
    return f"rest-{kpi}"


def packed(targets: Mapping[int, float], shown: Iterable[int]) -> str:
    """What `rest_field` holds: the targets of the years that are not shown, as 2031=90.5 2032=93.0."""
    hidden = sorted(targets.keys() - set(shown))
    return " ".join(f"{year}={float(targets[year])!r}" for year in hidden)


def answers_of(form: Form, template: Template) -> Answers | None:
    """The answers; None where a field is wrong, which the form then says."""
    begins, ends = _day(form, "begins"), _day(form, "ends")
    if begins and ends and ends < begins:
        form.refuse("ends", ENDS_BEFORE)
    title, owner = form.need("title", TITLE_NEEDED), form.need("owner", OWNER_NEEDED)
    yen = {name: _whole(form, name) for name in ("capital_yen", "subsidy_yen", "yearly_yen", "yen_per_hour")}
    devices = _whole(form, "devices")
    years = range(FiscalYear.of(begins).year, FiscalYear.of(ends).year + 1) if begins and ends else range(0)
    left_out = frozenset(form.ticked("left_out"))
    kpis = {kpi.code: _kpi(form, kpi.code, years) for kpi in template.kpis if kpi.code not in left_out}
    if form.errors or begins is None or ends is None:
        return None
    return Answers(
        project=form.text("project"),
        title=title,
        begins=begins,
        ends=ends,
        owner=owner,
        devices=devices or 0,
        kpis=kpis,
        left_out=left_out,
        capital_yen=yen["capital_yen"] or 0,
        subsidy_yen=yen["subsidy_yen"] or 0,
        yearly_yen=yen["yearly_yen"] or 0,
        yen_per_hour=yen["yen_per_hour"],
    )


def _kpi(form: Form, code: str, years: range) -> KpiAnswer:
    """A KPI: its baseline, and the targets where the draft was changed."""
    targets = _unpacked(form, rest_field(code), years)
    for year in years:
        value = number_of(form, target_field(code, year))
        if value is not None:
            targets[year] = value
    return KpiAnswer(number_of(form, f"base-{code}"), None, form.text(f"source-{code}"), targets)


def _unpacked(form: Form, name: str, years: range) -> dict[int, float]:
    pairs = [pair.split("=") for pair in form.text(name).split()]
    try:
        found = {int(year): float(value) for year, value in pairs}
    except ValueError:
        form.refuse(name, NO_NUMBER)
        return {}
    return {year: value for year, value in found.items() if year in years and abs(value) < 1e15}


def _day(form: Form, name: str) -> date | None:
    found = parsed_day(form.text(name))
    if found is None:
        form.refuse(name, DAY_NEEDED)
    return found


def number_of(form: Form, name: str) -> float | None:
    """The number in a field; None if it is empty, or wrong, which the form then says."""
    text = form.text(name)
    if not text:
        return None
    value = written_number(text)
    if value is None or not abs(value) < 1e15:
        form.refuse(name, NO_NUMBER)
        return None
    return value


def _whole(form: Form, name: str) -> int | None:
    value = number_of(form, name)
    if value is None:
        return None
    if value < 0:
        form.refuse(name, NEGATIVE)
        return None
    return int(value)
