"""A finding of a check: how bad, what was found, what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.bilingual import Bilingual


class Severity(StrEnum):
    """From good to bad. unknown: could not be examined, and so is not known to be good."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    UNKNOWN = "unknown"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, and one on what to do if there is something to do. `data`: the figures behind it."""

    severity: Severity
    found: Bilingual
    todo: Bilingual | None = None
    data: Mapping[str, object] = field(default_factory=dict)


def ok(ja: str, en: str, **data: object) -> Finding:
    """A finding that all is well."""
    return Finding(Severity.OK, Bilingual(ja, en), data=data)


def note(found: Bilingual, todo: Bilingual | None = None, **data: object) -> Finding:
    """A finding that is good to know; nothing is lost."""
    return Finding(Severity.NOTE, found, todo, data)


def warning(found: Bilingual, todo: Bilingual, **data: object) -> Finding:
    """A finding that will do harm, or does so already without being noticed."""
    return Finding(Severity.WARNING, found, todo, data)


def unknown(found: Bilingual, todo: Bilingual | None = None) -> Finding:
    """A finding that something could not be examined."""
    return Finding(Severity.UNKNOWN, found, todo)


def bad(found: Bilingual, todo: Bilingual, **data: object) -> Finding:
    """A finding that something is lost or does not work, now or the next time."""
    return Finding(Severity.BAD, found, todo, data)


def worst(findings: Sequence[Finding]) -> Severity:
    """The worst severity of these; ok if there are none."""
    order = list(Severity)
    return max((one.severity for one in findings), key=order.index, default=Severity.OK)


def few(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    return ", ".join(_few(names, most))


def _few(names: Sequence[str], most: int) -> Iterator[str]:
    yield from names[:most]
    if len(names) > most:
        yield f"…(+{len(names) - most})"
