"""How a question is written: moments and cursors."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from datetime import UTC, datetime, timedelta
from typing import Annotated, get_origin

from fastapi import HTTPException, Request
from fastapi._compat import ModelField
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Cookie, Header, Path
from pydantic import BeforeValidator, WithJsonSchema

from schemas.japan import EPOCH

_ELSEWHERE = (Path, Header, Cookie)

LONGEST = timedelta(days=400)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)
_RFC_3339 = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:T(?P<clock>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?P<offset>Z|[+-]\d\d:\d\d)?)?", re.ASCII
)


def only_known(request: Request) -> None:
    """Refuse what would otherwise be ignored: a parameter that is not there, or one given twice that is one alone."""
    fields = get_flat_params(request.scope["route"].dependant)
    known = {field.alias: _is_list(field) for field in fields if not isinstance(field.field_info, _ELSEWHERE)}
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            there = f"there are {', '.join(sorted(known))}" if known else "there is none here"
            raise HTTPException(422, f"{name[:100]}: there is no such parameter; {there}.")
        if name in seen and not known[name]:
            raise HTTPException(422, f"{name}: may be given once only.")
        seen.add(name)


def _is_list(field: ModelField) -> bool:
    return get_origin(field.field_info.annotation) is list


def _moment(text: object) -> object:
    """An aware time. A `+` of an offset that was not escaped arrives as a space: it is taken for the + it was."""
    if not isinstance(text, str):
        return text
    written = _RFC_3339.fullmatch(text.strip().replace(" ", "+").upper())
    if written is None:
        raise ValueError(f"write a time as 2026-11-24T09:00:00+09:00, a day in Japan as 2026-11-24, not {text!r}")
    day, clock, offset = written.group("day", "clock", "offset")
    if clock and not offset:
        raise ValueError(f"say where this clock is: {day}T{clock}+09:00 in Japan, {day}T{clock}Z in UTC")
    try:
        at = datetime.fromisoformat(f"{day}T{clock}{offset}" if clock else f"{day}T00:00:00+09:00")
    except ValueError:
        raise ValueError(f"there is no such time as {text!r}") from None
    if not EPOCH <= at < _LAST:
        raise ValueError(f"a year from {EPOCH.year} to {_LAST.year - 1}, not {at.year}")
    return at


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({
        "type": "string",
        "anyOf": [{"format": "date-time"}, {"format": "date"}],
        "examples": ["2026-11-24T09:00:00+09:00", "2026-11-24"],
    }),
]  # fmt: skip
"""A time of RFC 3339 with its offset, or a day, which begins at midnight in Japan."""


def period(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """[start, end): the last 24 hours unless said otherwise. Raises a 422 if it is none, or too long."""
    end = end or now
    start = start or end - timedelta(hours=24)
    if start >= end:
        raise HTTPException(422, "from must be before to.")
    if end - start > LONGEST:
        raise HTTPException(422, f"from and to are more than {LONGEST.days} days apart; ask for a shorter time.")
    return start, end


def write_cursor(project: str, device: str) -> str:
    """A cursor that points behind this device."""
    return urlsafe_b64encode(f"{project}/{device}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, str]:
    """The project and device a cursor points behind. Raises a 422 for anything we did not write."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (Base64Error, ValueError):
        text = ""
    project, slash, device = text.partition("/")
    if not slash:
        raise HTTPException(422, "cursor: take it from next_cursor of the page before, as it is.")
    return project, device
