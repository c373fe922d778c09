"""The form of a measure: what can be chosen in it, and how what was written becomes a measure."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from ingest.plan.act.checks import draft_faults
from ingest.plan.act.database import devices_of, networks_of
from ingest.plan.act.model import Measure, MeasureDraft
from ingest.plan.act.series import SERIES
from ingest.store.database import Database
from ingest.web.form import Form
from ingest.web.numbers import written_number
from ingest.web.pages.plan.looked import Looked
from ingest.web.text.writer import Writer
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear
from schemas.work import MeasureKind

NO_DAY = Bilingual("日付を 2026-11-30 のように入れてください", "Enter a date as 2026-11-30")
NO_NUMBER = Bilingual("数字で入れてください", "Enter a number")
NO_CHOICE = Bilingual("一覧から選んでください", "Choose one of the list")


@dataclass(frozen=True, slots=True)
class Things:
    """What a measure can name: devices and networks of the project by id, each a code and a name."""

    devices: dict[int, tuple[str, str]]
    networks: dict[int, tuple[str, str]]


def things_of(connection: Database, project_id: int) -> Things:
    """The devices and networks of a project."""
    return Things(devices_of(connection, project_id), networks_of(connection, project_id))


def options_of(looked: Looked, things: Things, writer: Writer) -> dict[str, Any]:
    """The choices of the form, for its template."""
    document = looked.plan.document if looked.plan else None
    return {
        "kinds": [(kind.value, writer.said(kind.label)) for kind in MeasureKind],
        "years": [(str(year.year), writer.fiscal_year(year)) for year in looked.years],
        "kpi_options": [(kpi.code, kpi.label, kpi.owner) for kpi in document.kpis] if document else [],
        "network_options": [(str(each), name or code, code) for each, (code, name) in things.networks.items()],
        "figures": [(each.code, writer.said(each.name)) for each in SERIES.values()],
        "device_codes": [code for code, _ in things.devices.values()][:500],
    }


def empty_form(looked: Looked, kpi: str = "", devices: str = "", network: str = "") -> Form:
    """The form of a new measure. What the address names is filled in already."""
    values = {
        "kind": MeasureKind.IMPROVEMENT.value, "fy": str(looked.year.year), "figure": "completeness",
        "window_days": "28", "cost_yen": "0", "devices": devices, "client_key": str(uuid4()),
    }  # fmt: skip
    return Form(values, {"kpi": [kpi] if kpi else [], "network": [network] if network else []})


def filled_form(measure: Measure, things: Things) -> Form:
    """The form of a measure as it stands."""
    codes = [things.devices[each][0] for each in measure.devices if each in things.devices]
    values = {
        "title": measure.title, "detail": measure.detail, "kind": measure.kind.value, "owner": measure.owner,
        "due": measure.due.isoformat(), "fy": str(measure.fiscal_year), "devices": ", ".join(codes),
        "figure": measure.figure, "window_days": str(measure.window_days), "cost_yen": str(measure.cost_yen),
        "quota_used": f"{measure.quota_used:g}" if measure.quota_used else "", "result": measure.result,
    }  # fmt: skip
    return Form(values, {"kpi": list(measure.kpis), "network": [str(each) for each in measure.networks]})


def draft_from(form: Form, things: Things, was: Measure | None = None) -> MeasureDraft:
    """What was written. What is wrong is noted in the form. `was`: what the measure named before and is gone stays."""
    kept = () if was is None else tuple(each for each in was.devices if each not in things.devices)
    quota = _number(form, "quota_used")
    draft = MeasureDraft(
        title=form.text("title"),
        owner=form.text("owner"),
        due=day_of(form, "due") or date.min,
        fiscal_year=_year(form),
        kind=_kind(form),
        detail=form.text("detail"),
        kpis=tuple(form.ticked("kpi")),
        devices=(*_devices(form, things), *kept),
        networks=tuple(
            int(each) for each in form.ticked("network") if each.isascii() and each.isdigit() and len(each) < 10
        ),
        figure=form.text("figure"),
        cost_yen=int(_number(form, "cost_yen")),
        quota_used=quota,
        window_days=int(_number(form, "window_days")),
        result=form.text("result"),
    )
    for field, said in draft_faults(draft):
        form.refuse(field, said)
    return draft


def day_of(form: Form, name: str) -> date | None:
    """A day from a field; None with a word in the form if it is none."""
    try:
        return date.fromisoformat(form.text(name))
    except ValueError:
        form.refuse(name, NO_DAY)
        return None


def _kind(form: Form) -> MeasureKind:
    try:
        return MeasureKind(form.text("kind"))
    except ValueError:
        form.refuse("kind", NO_CHOICE)
        return MeasureKind.IMPROVEMENT


def _year(form: Form) -> int:
    year = form.number("fy")
    if year is None or not 2015 <= year <= 2100:
        form.refuse("fy", NO_CHOICE)
        return FiscalYear.of(date.today()).year  # noqa: DTZ011 - it is refused anyway
    return year


def _number(form: Form, name: str) -> float:
    """A number that is not negative; 0 where nothing is written."""
    text = form.text(name)
    if not text:
        return 0
    value = written_number(text)
    if value is None or not 0 <= value < 1e12:
        form.refuse(name, NO_NUMBER)
        return 0
    return value


def _devices(form: Form, things: Things) -> list[int]:
    """Ids of the devices whose codes were written, by commas, blanks or line ends."""
    known = {code: device_id for device_id, (code, _) in things.devices.items()}
    written = [code for code in re.split(r"[\s,、，]+", form.text("devices")) if code]
    strange = [code for code in written if code not in known]
    if strange:
        said = "、".join(strange[:5])
        form.refuse("devices", Bilingual(f"この事業にない機器です: {said}", f"Not of this project: {said}"))
    return [known[code] for code in dict.fromkeys(written) if code in known]
