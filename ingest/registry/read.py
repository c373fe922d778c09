"""Read registry files into one document, with every problem of every file at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ingest.registry.cells import EXCEL_ERRORS
from ingest.registry.columns import MODELS, label, nullable, required
from ingest.registry.entry import Cell, Contents, Entry, ProfileEntry
from ingest.registry.problem import Kind, Place, Problem, Subject, key_of
from ingest.registry.table import read_table
from ingest.registry.yaml_document import read_document
from schemas.profile import Profile
from schemas.registry import RegistryDocument

YAML_ENDINGS = (".yaml", ".yml")
TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")
_SEASON = "season_from and season_to go together"


@dataclass(slots=True)
class Reading:
    """What the files say. `document` holds the sound entries, `broken` the keys of those that were refused."""

    things: dict[Kind, list[BaseModel]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    places: dict[Subject, Place] = field(default_factory=dict)
    broken: set[Subject] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    @property
    def document(self) -> RegistryDocument:
        """The sound entries as one document."""
        return RegistryDocument.model_validate({str(kind): tuple(things) for kind, things in self.things.items()})

    def located(self, problem: Problem) -> Problem:
        """The same problem with the line of the file it came from, where that is known."""
        if problem.place or problem.subject is None:
            return problem
        return problem._replace(place=self.places.get(problem.subject))


def read(paths: Sequence[Path]) -> Reading:
    """Read YAML documents and tables, and merge them. Raises OSError if a file cannot be opened."""
    reading = Reading()
    for path in paths:
        contents = _contents(path)
        reading.problems += contents.problems
        for profile in contents.profiles:
            _profile(reading, profile)
        for entry in contents.entries:
            _entry(reading, entry)
    return reading


def _contents(path: Path) -> Contents:
    ending = path.suffix.lower()
    if ending in YAML_ENDINGS:
        return read_document(path.name, path.read_bytes())
    if ending in TABLE_ENDINGS:
        return read_table(path.name, path.read_bytes())
    message = f"読めるのは {' '.join(YAML_ENDINGS)} と .csv です。ファイル名の末尾を確かめてください"
    return Contents(problems=[Problem(message, Place(path.name, 1))])


def _entry(reading: Reading, entry: Entry) -> None:
    found = len(reading.problems)
    values = _values(entry, reading.problems)
    subject = Subject(entry.kind, key_of(entry.kind, values))
    if len(reading.problems) == found and set(required(entry.kind)) <= set(values):
        try:
            _keep(reading, subject, entry.place, MODELS[entry.kind].model_validate(values))
        except ValidationError as error:
            reading.problems += [_explained(entry, item) for item in error.errors()]
    if subject not in reading.places or len(reading.problems) > found:
        reading.broken.add(subject)


def _values(entry: Entry, problems: list[Problem]) -> dict[str, object]:
    values: dict[str, object] = {}
    for cell in entry.cells:
        if cell.text == "" and nullable(entry.kind, cell.column.field):
            values[cell.column.field] = None
        elif cell.text or cell.column.field in required(entry.kind):
            try:
                values[cell.column.field] = _value(cell)
            except ValueError as error:
                problems.append(Problem(str(error), entry.place._replace(row=cell.row), cell.heading))
    return values


def _value(cell: Cell) -> object:
    if not cell.text:
        raise ValueError("空です。必ず書いてください")
    if cell.text in EXCEL_ERRORS:
        raise ValueError(f"Excel のエラー値「{cell.text}」です。式を直すか、値を入力してください")
    return cell.column.parse(cell.text)


def _explained(entry: Entry, item: Mapping[str, Any]) -> Problem:
    message = str(item["msg"]).removeprefix("Value error, ")
    if message == _SEASON:
        return Problem("運用開始と運用終了は、両方書くか両方空にしてください", entry.place)
    return Problem(message, entry.place, label(entry.kind, str(item["loc"][0])) if item["loc"] else "")


def _profile(reading: Reading, entry: ProfileEntry) -> None:
    subject = Subject(Kind.PROFILE, str(entry.body.get("code")))
    try:
        _keep(reading, subject, entry.place, Profile.model_validate(entry.body))
    except ValidationError as error:
        reading.broken.add(subject)
        for item in error.errors():
            where = ".".join(str(step) for step in item["loc"])
            message = str(item["msg"]).removeprefix("Value error, ")
            reading.problems.append(Problem(message, entry.place, f"{subject} {where}".rstrip()))


def _keep(reading: Reading, subject: Subject, place: Place, thing: BaseModel) -> None:
    earlier = reading.places.get(subject)
    if earlier is None:
        reading.places[subject] = place
        reading.things[subject.kind].append(thing)
    else:
        message = f"{subject} は {earlier.file} {earlier.row}行目にもあります。どちらか一方にしてください"
        reading.problems.append(Problem(message, place))
