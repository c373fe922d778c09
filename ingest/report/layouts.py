"""The layouts of reports: data files under `schemas/reports/`, checked against what the sources offer."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml
from pydantic import ValidationError

from ingest.errors import SettingsRefused
from ingest.report.source.table import SOURCES
from schemas.bilingual import quoted
from schemas.report_document import ReportKind
from schemas.report_layout import FieldsLayout, ReportLayout, SectionLayout, TableLayout


@dataclass(frozen=True, slots=True)
class LayoutFile:
    """A layout with the name of its file and the SHA-256 of its bytes, in hexadecimal digits."""

    name: str
    digest: str
    layout: ReportLayout


@cache
def layout_files() -> tuple[LayoutFile, ...]:
    """Every layout, by kind and first day. Raises SettingsRefused with file and fault for one that does not fit."""
    folder = files("schemas").joinpath("reports")
    found = [read_layout(each.name, each.read_bytes()) for each in folder.iterdir() if each.name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda file: (file.layout.kind, file.layout.valid_from)))


def layout_of(kind: ReportKind, first_day: date) -> LayoutFile:
    """The layout of a kind for a period that begins on this day: the youngest edition, else the oldest one."""
    every = [file for file in layout_files() if file.layout.kind is kind]
    valid = [file for file in every if file.layout.valid_from <= first_day]
    return valid[-1] if valid else every[0]


def read_layout(name: str, content: bytes) -> LayoutFile:
    """The layout of a file. Raises SettingsRefused for one that is no layout, or names what no source offers."""
    try:
        layout = ReportLayout.model_validate(yaml.safe_load(content))
    except (yaml.YAMLError, ValidationError) as error:
        raise SettingsRefused(quoted(f"{name}: {error}")) from error
    faults = [fault for section in layout.sections for fault in _faults(section)]
    if faults:
        raise SettingsRefused(quoted(f"{name}: {'; '.join(faults)}"))
    return LayoutFile(name, hashlib.sha256(content).hexdigest(), layout)


def _faults(section: SectionLayout) -> Iterator[str]:
    if section.source is None:
        return
    source = SOURCES.get(section.source)
    if source is None:
        yield f"{section.code}: no source {section.source}; there are: {', '.join(sorted(SOURCES))}"
        return
    if source.form != section.form:
        yield f"{section.code}: the source {source.name} gives {source.form}, not {section.form}"
    wanted: list[str] = []
    if isinstance(section, TableLayout):
        wanted = [column.code for column in section.columns]
    elif isinstance(section, FieldsLayout):
        wanted = [field.code for field in section.fields]
    for code in wanted:
        if code not in source.offers:
            yield f"{section.code}: {source.name} does not offer {code}; it offers: {', '.join(source.offers)}"
