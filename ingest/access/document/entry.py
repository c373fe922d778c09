"""One thing of a file as text with its lines, and what it means: the common part of tables and YAML."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from ingest.access.document.columns import COLUMNS, GRANT, REQUIRED
from ingest.access.document.model import (
    Document,
    Grant,
    OrganisationEntry,
    PersonEntry,
    ReaderEntry,
    Section,
    ShareEntry,
    Where,
    said_of,
)
from ingest.access.roles import Role
from ingest.registry.columns import Column
from ingest.registry.entry import Cell
from ingest.registry.problem import Place, Problem
from ingest.registry.read import EMPTY, value_of
from schemas.bilingual import Bilingual, quoted
from schemas.misfit import said_by

CLEARABLE = frozenset({"department", "email"})
"""Fields that an empty cell empties. In others it leaves the value as it is."""


_Key = TypeVar("_Key", str, tuple[str, str])
_Entry = TypeVar("_Entry", OrganisationEntry, PersonEntry, ShareEntry, ReaderEntry)


class Written(NamedTuple):
    """One thing as written. `grants`: its roles, each with its line; None: it says nothing about roles."""

    section: Section
    place: Place
    cells: tuple[Cell, ...]
    grants: tuple[tuple[Place, tuple[Cell, ...]], ...] | None = None


def add(document: Document, written: Written) -> None:
    """Add a thing to the document, or its problems."""
    before = len(document.problems)
    values = _values(written.place, written.cells, REQUIRED[written.section], document.problems)
    _report_absent(written, values, document.problems)
    grants = None
    if written.grants is not None:
        grants = _grants(written.grants, document.problems)
    if len(document.problems) == before:
        _keep(document, written, values, grants)


def _values(place: Place, cells: Sequence[Cell], required: Sequence[str], problems: list[Problem]) -> dict[str, object]:
    values: dict[str, object] = {}
    for cell in cells:
        field = cell.column.field
        if not cell.text and field in CLEARABLE:
            values[field] = ""
        elif cell.text or field in required:
            try:
                values[field] = value_of(cell)
            except ValueError as error:
                problems.append(Problem(said_by(error), place._replace(row=cell.row), quoted(cell.heading)))
    return values


def _report_absent(written: Written, values: Mapping[str, object], problems: list[Problem]) -> None:
    named = {cell.column.field for cell in written.cells} | set(values)
    absent = (field for field in REQUIRED[written.section] if field not in named)
    problems += [Problem(EMPTY, written.place, label(COLUMNS[written.section], field)) for field in absent]


def label(columns: Sequence[Column], field: str) -> Bilingual:
    """The heading of a field in Japanese, its name in English."""
    return Bilingual(next((one.heading for one in columns if one.field == field), field), field)


def _grants(written: Sequence[tuple[Place, tuple[Cell, ...]]], problems: list[Problem]) -> dict[Grant, Place]:
    grants: dict[Grant, Place] = {}
    wheres: dict[tuple[Where, str], Place] = {}
    for place, cells in written:
        grant = _grant(place, cells, problems)
        if grant is None:
            continue
        earlier = wheres.get(grant[1:])
        if earlier is not None:
            twice = Bilingual(
                f"同じ範囲の権限が {earlier.file} {earlier.row}行目にもあります。どちらか一方にしてください",
                f"a role for the same is in {earlier.file} line {earlier.row} too: keep one of them",
            )
            problems.append(Problem(twice, place, grant.said))
        else:
            wheres[grant[1:]] = place
            grants[grant] = place
    return grants


def _grant(place: Place, cells: Sequence[Cell], problems: list[Problem]) -> Grant | None:
    before = len(problems)
    values = _values(place, cells, (), problems)
    if len(problems) > before:
        return None
    role = values.pop("role", None)
    if not isinstance(role, Role):
        problems.append(Problem(EMPTY, place, label(GRANT, "role")))
        return None
    if len(values) != 1:
        problems.append(Problem(_ONE_PLACE, place, role.label))
        return None
    ((field, code),) = values.items()
    where = Where(field) if code else Where.EVERYWHERE
    if (role is Role.INSTALLER) != (where is Where.NETWORK):
        problems.append(Problem(_INSTALLER, place, role.label))
        return None
    return Grant(role, where, str(code))


_ONE_PLACE = Bilingual(
    "どこでの権限ですか。団体コード(organisation。すべてなら「全体」)、事業(project)、通信網(network)の"
    "どれか一つを書いてください",
    "where does this role count? Write one of organisation (a code, or everywhere), project, network",
)
_INSTALLER = Bilingual(
    "設置者(installer)は通信網の権限、ほかは団体か事業の権限です",
    "an installer is one of a network, and every other role one of an organisation or a project",
)


def _keep(
    document: Document, written: Written, values: Mapping[str, object], grants: Mapping[Grant, Place] | None
) -> None:
    place = written.place
    match written.section:
        case Section.ORGANISATIONS:
            code, name = str(values["code"]), _text(values.get("name"))
            _once(document, Section.ORGANISATIONS, code, document.organisations, OrganisationEntry(place, code, name))
        case Section.PEOPLE:
            login, enabled = str(values["login"]), values.get("enabled")
            person = PersonEntry(
                place, login, _text(values.get("name")), _text(values.get("department")),
                _text(values.get("email")),
                enabled if isinstance(enabled, bool) else None, grants,
            )  # fmt: skip
            _once(document, Section.PEOPLE, login, document.people, person)
        case Section.SHARES:
            project, organisation, role = str(values["project"]), str(values["organisation"]), values["role"]
            share = ShareEntry(place, project, organisation, role if isinstance(role, Role) else None)
            _once(document, Section.SHARES, (project, organisation), document.shares, share)
        case Section.READERS:
            role_name, organisation_ = str(values["role"]), _text(values["organisation"])
            _once(document, Section.READERS, role_name, document.readers, ReaderEntry(place, role_name, organisation_))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _once(document: Document, section: Section, key: _Key, kept: dict[_Key, _Entry], entry: _Entry) -> None:
    earlier = kept.get(key)
    if earlier is None:
        kept[key] = entry
        return
    said = said_of(section, " / ".join(key) if isinstance(key, tuple) else str(key))
    twice = Bilingual(
        f"{said.ja} は {earlier.place.file} {earlier.place.row}行目にもあります。どちらか一方にしてください",
        f"{said.en} is in {earlier.place.file} line {earlier.place.row} too: keep one of them",
    )
    document.problems.append(Problem(twice, entry.place))
