"""Changes of single fields: the fields that an entry does not mention keep the values of the registry."""

import difflib
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from ingest.errors import CallRefused
from ingest.registry.changes import Known
from ingest.registry.columns import MODELS, find, required
from ingest.registry.entry import Cell, Contents, Entry
from ingest.registry.problem import Kind, Place, Problem, Subject
from ingest.registry.read import Partial, Reading, explained, keep, read_contents
from ingest.registry.references import NEAR_AMONG
from ingest.registry.yaml_document import TWICE, no_field
from schemas.bilingual import Bilingual, quoted

BY_CODE = {
    "project": Kind.PROJECT,
    "network": Kind.NETWORK,
    "gateway": Kind.GATEWAY,
    "device": Kind.DEVICE,
    "quantity": Kind.QUANTITY,
    "asset": Kind.ASSET,
}
"""The kinds that `noroshi registry set` changes: those named by a code. The others are changed by a file."""

_OF_A_PROJECT = (Kind.DEVICE, Kind.QUANTITY, Kind.ASSET)


def complete(reading: Reading, known: Known) -> None:
    """Complete partial entries from the registry. Entries of things that it does not have keep their problems."""
    for partial in reading.partial:
        if partial.subject.key in known.of(partial.subject.kind):
            _complete(reading, partial, known)
    reading.partial.clear()


def _complete(reading: Reading, partial: Partial, known: Known) -> None:
    kind, key = partial.subject
    model, row = MODELS[kind], known.of(kind)[key]
    values = dict(partial.values)
    reading.problems[:] = [each for each in reading.problems if each not in partial.problems]
    if not partial.sound:
        return
    try:
        whole = model.model_validate({name: row[name] for name in model.model_fields} | values)
    except ValidationError as error:
        reading.problems += [explained(partial.entry, item) for item in error.errors()]
        return
    reading.broken.discard(partial.subject)
    # Only fields of the entry count as set, so a change of another field in the meantime is not undone.
    keep(
        reading, partial.subject, partial.entry.place, model.model_construct(_fields_set=set(values), **whole.__dict__)
    )


def read_assignments(kind: Kind, key: str, assignments: Sequence[str], known: Known) -> Reading:
    """Assignments such as `enabled=false` to a thing of the registry, read as a document. Raises CallRefused."""
    whole = _key(kind, key, known)
    problems: list[Problem] = []
    project, _, code = whole.rpartition("/")
    named = {"code": code} | ({"project": project} if kind in _OF_A_PROJECT else {})
    cells = [*_cells(kind, [f"{name}={value}" for name, value in named.items()], problems)]
    for cell in _cells(kind, assignments, problems):
        if cell.column.field in named:
            problems.append(Problem(_no_name(kind), column=quoted(cell.heading)))
        else:
            cells.append(cell)
    absent = [name for name in required(kind) if all(cell.column.field != name for cell in cells)]
    entry = Entry(kind, Place("", 0), tuple(cells), tuple(absent))
    reading = read_contents([Contents([entry])])
    complete(reading, known)
    reading.problems += problems
    subject = Subject(kind, whole)
    reading.problems[:] = [each._replace(place=None, subject=subject) for each in reading.problems]
    reading.places.clear()
    return reading


def _cells(kind: Kind, assignments: Sequence[str], problems: list[Problem]) -> Iterator[Cell]:
    taken: set[str] = set()
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        column = find(kind, name)
        if not equals:
            problems.append(Problem(_NO_EQUALS, column=quoted(assignment)))
        elif column is None:
            problems.append(Problem(no_field(kind, name), column=quoted(name)))
        elif column.field in taken:
            problems.append(Problem(TWICE, column=quoted(name)))
        else:
            taken.add(column.field)
            yield Cell(column, text.strip(), name, 0)


_NO_EQUALS = Bilingual(
    "「項目=値」の形で書いてください(例 enabled=false)。値を空にすると、その項目を消します",
    "write NAME=VALUE, e.g. enabled=false; an empty value clears what may be empty",
)


def _no_name(kind: Kind) -> Bilingual:
    return Bilingual(
        f"{kind.label.ja}の名前は変えられません。新しいコードで登録し、古いものは使わないようにしてください",
        f"the name of a {kind.label.en} cannot be changed: register a new code, and let the old one rest",
    )


def _key(kind: Kind, key: str, known: Known) -> str:
    """The whole key of a thing. The code alone is enough if only one project has it."""
    rows = known.of(kind)
    if key in rows:
        return key
    named = [whole for whole in rows if whole.rpartition("/")[2] == key]
    if len(named) == 1:
        return named[0]
    near = named or difflib.get_close_matches(key, sorted(rows)[:NEAR_AMONG], n=3, cutoff=0.5)
    hint = Bilingual("noroshi registry export で一覧を見られます", "`noroshi registry export` lists them")
    if near:
        hint = Bilingual(f"{'、'.join(near)} ではありませんか", f"did you mean {' or '.join(near)}?")
    raise CallRefused(
        Bilingual(
            f"{kind.label.ja}「{key}」は台帳にありません。{hint.ja}",
            f"there is no {kind.label.en} {key!r} in the registry: {hint.en}",
        )
    )
