"""A stored document as far as this version of the program can read it.

A document is checked before it is stored, but by the version of that day: after an update, or the way back from one, a
part may be unknown. That must neither stop the watch nor leave people untold, so the rest holds. Of who is told, what
cannot be read inside an entry is left away: rather too many are told than too few. A rule of stages holds as a whole or
not at all: half of it would write down stages that nobody set.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from pydantic import TypeAdapter, ValidationError

from schemas.watch import WatchDocument
from schemas.watch_notice import (
    Channel,
    Duty,
    EscalationStep,
    EventKind,
    NoticeRule,
    Shift,
    WatchNotice,
    WatchPerson,
    WeeklyShift,
)
from schemas.watch_rules import WatchRule

_NOTICE_LISTS: Mapping[str, TypeAdapter[Any]] = {
    "people": TypeAdapter(WatchPerson),
    "channels": TypeAdapter(Channel),
    "notify": TypeAdapter(NoticeRule),
    "escalation": TypeAdapter(EscalationStep),
}
_SHIFTS: Mapping[str, TypeAdapter[Any]] = {"rota": TypeAdapter(Shift), "weekly": TypeAdapter(WeeklyShift)}
_RULE = TypeAdapter(WatchRule)
_KINDS = frozenset(get_args(EventKind))


class ReadNotice(NamedTuple):
    """Who is told. `unread`: places of the document that this version cannot read. Names may be of nobody then."""

    notice: WatchNotice
    unread: tuple[str, ...] = ()


class ReadDocument(NamedTuple):
    """A document. `unread`: places of it that this version cannot read."""

    document: WatchDocument
    unread: tuple[str, ...] = ()


def read_stored_notice(body: Any) -> ReadNotice:
    """Who is told by a stored document. Whatever is stored: this raises nothing."""
    if not isinstance(body, dict):
        return ReadNotice(WatchNotice(), ("document",))
    try:
        return ReadNotice(
            WatchNotice.model_validate({name: body[name] for name in WatchNotice.model_fields if name in body})
        )
    except ValidationError:
        unread: list[str] = []
        values = _notice_values(body, unread)
        return ReadNotice(WatchNotice.model_construct(**values), tuple(unread) or ("document",))


def read_stored_document(body: Any) -> ReadDocument:
    """All that a stored document says. Whatever is stored: this raises nothing."""
    try:
        return ReadDocument(WatchDocument.model_validate(body))
    except ValidationError:
        pass
    known: dict[str, Any] = body if isinstance(body, dict) else {}
    unread = [name for name in known if name not in WatchDocument.model_fields]
    values = _notice_values(known, unread)
    values["rules"] = tuple(_items("rules", known.get("rules", ()), _RULE, unread, whole=True))
    for name in WatchDocument.model_fields.keys() - WatchNotice.model_fields.keys() - {"rules"}:
        _section(name, known, values, unread)
    values.setdefault("project", "")
    return ReadDocument(WatchDocument.model_construct(**values), tuple(unread) or ("document",))


def _notice_values(body: Mapping[str, Any], unread: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: tuple(_items(name, body[name], adapter, unread))
        for name, adapter in _NOTICE_LISTS.items()
        if name in body
    }
    values["duty"] = _duty(body.get("duty", {}), unread)
    for name in ("quiet_hours", "limit"):  # of half a sentence of these people might hear too late: as a whole or not
        _section(name, body, values, unread)
    return values


def _section(name: str, body: Mapping[str, Any], values: dict[str, Any], unread: list[str]) -> None:
    """A part that is no list, as a whole; what cannot be read is as if it were not there: the usual holds."""
    if name not in body:
        return
    kind: Any = WatchDocument.model_fields[name].annotation
    try:
        values[name] = TypeAdapter(kind).validate_python(body[name])
    except ValidationError:
        unread.append(name)


def _duty(body: Any, unread: list[str]) -> Duty:
    if not isinstance(body, dict):
        unread.append("duty")
        return Duty()
    unread += [f"duty.{name}" for name in body if name not in Duty.model_fields]
    values: dict[str, Any] = {
        name: tuple(_items(f"duty.{name}", body[name], adapter, unread))
        for name, adapter in _SHIFTS.items()
        if name in body
    }
    backup = body.get("backup")
    if backup is not None and not isinstance(backup, str):
        unread.append("duty.backup")
        backup = None
    return Duty.model_construct(**values | {"backup": backup})


def _items(
    name: str, values: Any, adapter: TypeAdapter[Any], unread: list[str], *, whole: bool = False
) -> Sequence[Any]:
    """The entries of a list. `whole`: one of which anything cannot be read is left out as a whole."""
    if not isinstance(values, (list, tuple)):
        unread.append(name)
        return []
    found = []
    for place, value in enumerate(values):
        entry = _entry(f"{name}[{place}]", value, adapter, unread, whole=whole)
        if entry is not None:
            found.append(entry)
    return found


def _entry(place: str, value: Any, adapter: TypeAdapter[Any], unread: list[str], *, whole: bool) -> Any:
    """An entry without the fields that cannot be read; None if it cannot do without them."""
    rest = _without_new_kinds(place, value, unread)
    if rest is None:
        return None
    while True:
        try:
            return adapter.validate_python(rest)
        except ValidationError as error:
            wrong = _wrong_field(error, rest)
        if wrong is None or whole:
            break
        unread.append(f"{place}.{wrong}")
        rest = {key: each for key, each in rest.items() if key != wrong}
    unread.append(place)
    return None


def _without_new_kinds(place: str, value: Any, unread: list[str]) -> Any:
    """A rule of notice without kinds of events that do not happen here. None where it is about no other."""
    if not place.startswith("notify[") or not isinstance(value, dict) or not isinstance(value.get("kinds"), list):
        return value
    known = [kind for kind in value["kinds"] if isinstance(kind, str) and kind in _KINDS]
    if len(known) == len(value["kinds"]):
        return value
    unread.append(f"{place}.kinds")
    return value | {"kinds": known} if known else None


def _wrong_field(error: ValidationError, value: Any) -> str | None:
    """A field of the entry that is there and cannot be read. None: what is wrong is that something is not there."""
    if not isinstance(value, dict):
        return None
    for item in error.errors(include_url=False, include_context=False):
        for step in item["loc"][:2]:  # the model names the kind of a channel as if it were a step
            if isinstance(step, str) and step in value and step not in ("code", "kind"):
                return step
    return None
