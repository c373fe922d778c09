"""What a check says: how bad, what was found, what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.bilingual import Bilingual


class Severity(StrEnum):
    """From good to bad. unknown: could not be examined, so nobody should call it good."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    UNKNOWN = "unknown"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and one on what to do where there is something to do. `data`: the figures behind it."""

    severity: Severity
    found: Bilingual
    todo: Bilingual | None = None
    data: Mapping[str, object] = field(default_factory=dict)


def ok(ja: str, en: str, **data: object) -> Finding:
    """As it should be."""
    return Finding(Severity.OK, Bilingual(ja, en), data=data)


def note(found: Bilingual, todo: Bilingual | None = None, **data: object) -> Finding:
    """Good to know; nothing is lost."""
    return Finding(Severity.NOTE, found, todo, data)


def warning(found: Bilingual, todo: Bilingual, **data: object) -> Finding:
    """Will hurt, or hurts already where it is seldom looked at."""
    return Finding(Severity.WARNING, found, todo, data)


def unknown(found: Bilingual, todo: Bilingual | None = None) -> Finding:
    """Could not be examined."""
    return Finding(Severity.UNKNOWN, found, todo)


def bad(found: Bilingual, todo: Bilingual, **data: object) -> Finding:
    """Something is lost or does not work, now or at the next occasion."""
    return Finding(Severity.BAD, found, todo, data)


def worst(findings: Sequence[Finding]) -> Severity:
    """The worst of these; ok where there is none."""
    order = list(Severity)
    return max((one.severity for one in findings), key=order.index, default=Severity.OK)


def few(names: Sequence[str], most: int = 5) -> str:
    """The first of these, and how many more there are."""
    return ", ".join(_few(names, most))


def _few(names: Sequence[str], most: int) -> Iterator[str]:
    yield from names[:most]
    if len(names) > most:
        yield f"…(+{len(names) - most})"
