"""Read registry files into one document, with every problem of every file at once."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from ingest.errors import CallRefused
from ingest.registry.cells import EXCEL_ERRORS
from ingest.registry.columns import MODELS, label, nullable, required
from ingest.registry.entry import Cell, Contents, Entry, ProfileEntry
from ingest.registry.problem import MAX_PROBLEMS, NOWHERE, Kind, Place, Problem, Subject, key_of
from ingest.registry.table import is_table, read_table
from ingest.registry.yaml_document import read_document
from ingest.runtime.bounded_files import FileRefused, read_regular, read_stream
from schemas.bilingual import Bilingual, quoted
from schemas.foreign import unseen_in
from schemas.misfit import misfit, said_by
from schemas.profile import Profile
from schemas.registry import RegistryDocument

YAML_ENDINGS = (".yaml", ".yml")
TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")
EMPTY = Bilingual("空です。必ず書いてください", "it is empty, and must be written")
MAX_BYTES = 16 * 2**20
"""Most bytes of one file: many times what twenty thousand devices take."""
STANDARD_INPUT = Path("-")


class Partial(NamedTuple):
    """An entry without some required fields. It is enough if the registry has the thing; until then it is a problem.

    `sound`: nothing else is wrong with it.
    """

    entry: Entry
    subject: Subject
    values: Mapping[str, object]
    problems: tuple[Problem, ...]
    sound: bool


@dataclass(slots=True)
class Reading:
    """The result of reading files. `document` has the sound entries, `broken` the keys of the refused ones.

    `partial`: the broken ones that only lack fields (see `partial.complete`).
    """

    things: dict[Kind, list[BaseModel]] = field(default_factory=lambda: {kind: [] for kind in Kind})
    places: dict[Subject, Place] = field(default_factory=dict)
    broken: set[Subject] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    partial: list[Partial] = field(default_factory=list)

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
    """Read YAML documents and tables, and merge them; the path `-` is the standard input, which holds either.

    Raises OSError if a file cannot be opened, CallRefused if the standard input is named twice.
    """
    if [*paths].count(STANDARD_INPUT) > 1:
        raise CallRefused(Bilingual("標準入力(-)は一度だけ書けます", "- (standard input) can be given once"))
    return read_contents(map(_contents, paths))


def read_contents(files: Iterable[Contents]) -> Reading:
    """As `read`, of files whose contents are read already."""
    reading = Reading()
    for contents in files:
        reading.problems += contents.problems
        for profile in contents.profiles:
            _profile(reading, profile)
        for entry in contents.entries:
            if len(reading.problems) <= MAX_PROBLEMS:
                _entry(reading, entry)
    if len(reading.problems) > MAX_PROBLEMS:
        reading.problems[MAX_PROBLEMS:] = [Problem(Bilingual("ほかにも誤りがあります", "there are more mistakes"))]
    return reading


def _contents(path: Path) -> Contents:
    ending = path.suffix.lower()
    try:
        if path == STANDARD_INPUT:
            return _from_standard_input()
        if ending in YAML_ENDINGS:
            return read_document(path.name, read_regular(path, MAX_BYTES))
        if ending in TABLE_ENDINGS:
            return read_table(path.name, read_regular(path, MAX_BYTES))
    except FileRefused as refused:
        return Contents(problems=[Problem(refused.reason, Place(path.name, 1))])
    endings = " ".join(YAML_ENDINGS)
    message = Bilingual(
        f"読めるのは {endings} と .csv です。ファイル名の末尾を確かめてください",
        f"only {endings} and .csv can be read: look at the end of the name",
    )
    return Contents(problems=[Problem(message, Place(path.name, 1))])


def _from_standard_input() -> Contents:
    """The standard input has no file ending. It is a table if it begins with the headings of one."""
    name = "標準入力"
    content = read_stream(sys.stdin.buffer, MAX_BYTES, name)
    if not content.strip():
        message = Bilingual(
            "何も届いていません。ファイルを < で渡してください(docker compose run には -T、kubectl exec には -i)",
            "nothing arrived; give the file with < (docker compose run needs -T, kubectl exec needs -i)",
        )
        return Contents(problems=[Problem(message, Place(name, 1))])
    return read_table(name, content) if is_table(content) else read_document(name, content)


def _entry(reading: Reading, entry: Entry) -> None:
    problems_before = len(reading.problems)
    values = _values(entry, reading.problems)
    subject = Subject(entry.kind, key_of(entry.kind, values))
    if entry.absent:
        absent = tuple(Problem(EMPTY, entry.place, quoted(name)) for name in entry.absent)
        reading.partial.append(Partial(entry, subject, values, absent, len(reading.problems) == problems_before))
        reading.problems += absent
    if len(reading.problems) == problems_before and set(required(entry.kind)) <= set(values):
        try:
            keep(reading, subject, entry.place, MODELS[entry.kind].model_validate(values))
        except ValidationError as error:
            reading.problems += [explained(entry, item) for item in error.errors()]
    if subject not in reading.places or len(reading.problems) > problems_before:
        reading.broken.add(subject)


def _values(entry: Entry, problems: list[Problem]) -> dict[str, object]:
    values: dict[str, object] = {}
    for cell in entry.cells:
        if cell.text == "" and nullable(entry.kind, cell.column.field):
            values[cell.column.field] = None
        elif cell.text or cell.column.field in required(entry.kind):
            try:
                values[cell.column.field] = value_of(cell)
            except ValueError as error:
                place = entry.place._replace(row=cell.row)
                problems.append(Problem(said_by(error), place, quoted(cell.heading)))
    return values


def value_of(cell: Cell) -> object:
    """What a filled cell means. Raises ValueError with a Bilingual: what to write instead."""
    if not cell.text:
        raise ValueError(EMPTY)
    if cell.text in EXCEL_ERRORS:
        raise ValueError(
            Bilingual(
                f"Excel のエラー値「{cell.text}」です。式を直すか、値を入力してください",
                f"{cell.text} is an error of Excel: correct the formula, or enter the value",
            )
        )
    _refuse_unseen(cell.text)
    return cell.column.parse(cell.text)


def _refuse_unseen(text: str) -> None:
    """Refuse invisible characters: names with and without one look the same, and some reverse the text beside them."""
    unseen = unseen_in(text.replace("\r\n", "\n").replace("\r", "\n"))
    if unseen is not None:
        raise ValueError(
            Bilingual(
                f"見えない文字({unseen})が入っています。その前後を消して、入力し直してください",
                f"there is a character that nobody sees ({unseen}): remove what is round it and enter it again",
            )
        )


def _texts(body: object) -> Iterator[str]:
    """Every text in a nested value, including the names of fields."""
    match body:
        case str():
            yield body
        case Mapping():
            for name, value in body.items():
                yield from (*_texts(name), *_texts(value))
        case list():
            for value in body:
                yield from _texts(value)


def explained(entry: Entry, item: Mapping[str, Any]) -> Problem:
    """An error of the model as a problem of its entry."""
    column = label(entry.kind, str(item["loc"][0])) if item["loc"] else NOWHERE
    return Problem(misfit(item), entry.place, column)


def _profile(reading: Reading, entry: ProfileEntry) -> None:
    subject = Subject(Kind.PROFILE, str(entry.body.get("code")))
    try:
        for text in _texts(entry.body):
            _refuse_unseen(text)
        keep(reading, subject, entry.place, Profile.model_validate(entry.body))
    except ValidationError as error:
        reading.broken.add(subject)
        for item in error.errors():
            where = ".".join(str(step) for step in item["loc"])
            about = Bilingual(f"{subject.said.ja} {where}".rstrip(), f"{subject.said.en} {where}".rstrip())
            reading.problems.append(Problem(misfit(item), entry.place, about))
    except ValueError as error:
        reading.broken.add(subject)
        reading.problems.append(Problem(said_by(error), entry.place, subject.said))


def keep(reading: Reading, subject: Subject, place: Place, thing: BaseModel) -> None:
    """Add a sound entry, or a problem if the files have the same thing already."""
    earlier = reading.places.get(subject)
    if earlier is None:
        reading.places[subject] = place
        reading.things[subject.kind].append(thing)
    else:
        message = Bilingual(
            f"{subject.said.ja} は {earlier.file} {earlier.row}行目にもあります。どちらか一方にしてください",
            f"{subject.said.en} is in {earlier.file} line {earlier.row} too: keep one of them",
        )
        reading.problems.append(Problem(message, place))
