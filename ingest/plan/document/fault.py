"""Something wrong in a document of a plan, by the place of its field; where that field stands in a file."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from ingest.plan.document.words import said_of_field
from ingest.registry.problem import Place, Problem
from schemas.bilingual import Bilingual

Path: TypeAlias = tuple[str | int, ...]
"""Where a field is in the document: ("kpis", 0, "targets", "2026")."""

Spots: TypeAlias = Mapping[Path, Place]
"""File and line of every field that a file wrote."""

NO_SPOTS: Spots = {}


class Fault(NamedTuple):
    """What is wrong with a field, or what somebody may want to know of it."""

    path: Path
    said: Bilingual


def problem_of(fault: Fault, body: Mapping[str, Any], spots: Spots = NO_SPOTS) -> Problem:
    """The fault as a problem, with the line of the field, or of the nearest thing round it that a file wrote."""
    path = fault.path
    place = next((spots[path[:end]] for end in range(len(path), -1, -1) if path[:end] in spots), None)
    return Problem(fault.said, place, said_of_field(_with_codes(path, body)))


def _with_codes(path: Path, body: Any) -> Sequence[str | int]:
    """The path with the code of a thing instead of its position, where it has one."""
    steps: list[str | int] = []
    for step in path:
        try:
            body = body[step]
        except (KeyError, IndexError, TypeError):
            body = None
        code = body.get("code") if isinstance(step, int) and isinstance(body, Mapping) else None
        steps.append(code if isinstance(code, str) and code else step)
    return steps
