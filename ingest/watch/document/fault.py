"""Something wrong in a watch document, by the place of its field; where that field stands in a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ingest.errors import CallRefused
from ingest.registry.problem import Place, Problem
from schemas.bilingual import Bilingual, joined, quoted

Path: TypeAlias = tuple[str | int, ...]
"""Where a field is in the document: ("rules", 0, "stages", 1, "value")."""

Spots: TypeAlias = Mapping[Path, Place]
"""File and line of every field that a file wrote."""

NO_SPOTS: Spots = {}


class Fault(NamedTuple):
    """What is wrong with a field, or what somebody may want to know of it."""

    path: Path
    said: Bilingual


class WatchRefused(CallRefused):
    """A document that is not stored. `problems`: all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        nothing = Bilingual(
            f"誤りが {count} 件あります。何も書き込みませんでした。",
            f"{count} {'mistake' if count == 1 else 'mistakes'}. Nothing was written.",
        )
        super().__init__(joined([*(problem.said for problem in problems), nothing]))
        self.problems = tuple(problems)


def problem_of(fault: Fault, body: Any, spots: Spots = NO_SPOTS) -> Problem:
    """The fault as a problem, with the line of the field, or of the nearest thing round it that a file wrote."""
    path = fault.path
    place = next((spots[path[:end]] for end in range(len(path), -1, -1) if path[:end] in spots), None)
    return Problem(fault.said, place, said_of_path(path, body))


def said_of_path(path: Path, body: Any) -> Bilingual:
    """The place as people call it: the names that they wrote, a rule by its code, a stage by its rank."""
    return joined(_steps(path, body), " ")


def _steps(path: Path, body: Any) -> Iterator[Bilingual]:
    for step in path:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            body = None
        yield quoted(step) if isinstance(step, str) else _item(step, body)


def _item(place: int, item: Any) -> Bilingual:
    if isinstance(item, Mapping):
        if item.get("code"):
            return quoted(item["code"])
        if item.get("rank"):
            return Bilingual(f"段階{item['rank']}", f"rank {item['rank']}")
    return Bilingual(f"{place + 1}件目", f"no. {place + 1}")
