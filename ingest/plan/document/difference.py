"""Differences between two documents of a plan, in words that a clerk can check one by one."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.plan.document.words import said_of_field
from schemas.bilingual import Bilingual, joined, quoted
from schemas.plan import CostKind, Formula, PlanDocument, Stage
from schemas.work import Basis, WorkKind

_BY_CODE = ("boxes", "kpis")
_WHOLE_ITEMS = ("grades", "costs", "incomes", "stakeholders", "equipment")
"""Lists whose items have no code: one that differs is another item."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `field`: its place in the document, as `kpis.patrol_hours.targets.2026`.

    `before`, `after`: as the document writes it; None: it is not there.
    """

    field: str
    before: object
    after: object
    said: Bilingual


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes from one document to the next. `first`: there was none before.

    `notes`: what is no mistake, and yet somebody may want to know: a KPI without targets, an area without devices.
    """

    changes: tuple[Change, ...]
    first: bool = False
    number: int | None = None  # of the version, once it is stored
    notes: tuple[Bilingual, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return self.first or bool(self.changes)


def difference(before: PlanDocument | None, after: PlanDocument) -> Difference:
    """What differs, in the order of the document. Of a first document the parts are told, not every field."""
    new = after.model_dump(mode="json")
    if before is None:
        return Difference(tuple(_first(new)), first=True)
    old = before.model_dump(mode="json")
    changes = tuple(_changes(old, new))
    if not changes and old != new:
        said = Bilingual("並び順が変わります", "the order changes")
        changes = (Change("", None, None, said),)
    return Difference(changes)


def _first(new: Mapping[str, Any]) -> Iterator[Change]:
    empty: dict[str, Any] = {name: [] for name in (*_BY_CODE, *_WHOLE_ITEMS)}
    empty |= {"groups": {}, "calendar": {}, "adviser_quotas": {}, "technology_weights": {}}
    for name, value in new.items():
        if value not in (None, "", [], {}):
            yield from _field((name,), empty.get(name), value)


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        yield from _field((name,), old.get(name), new.get(name))


def _field(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if path[-1] in _BY_CODE and len(path) == 1:
        yield from _by_code(path, old, new)
    elif path[-1] in _WHOLE_ITEMS and len(path) == 1:
        yield from _items(path, old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys((*old, *new)):
            yield from _field((*path, str(name)), old.get(name), new.get(name))
    else:
        yield _change(path, old, new)


def _by_code(path: tuple[str, ...], old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    before, after = ({each["code"]: each for each in items} for items in (old, new))
    for code in dict.fromkeys((*before, *after)):
        here = (*path, code)
        if code not in before or code not in after:
            yield _whole(here, before.get(code), after.get(code))
        else:
            for change in _field(here, before[code], after[code]):
                yield _labelled(change, here, after[code]["label"])


def _labelled(change: Change, path: tuple[str, ...], label: str) -> Change:
    """The change with the label of what it is about: people know that better than the code."""
    where = said_of_field(path)
    ja, en = change.said.ja.removeprefix(where.ja), change.said.en.removeprefix(where.en)
    return replace(change, said=Bilingual(f"{where.ja}「{label}」{ja}", f"{where.en} ({label}){en}"))


def _items(path: tuple[str, ...], old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    before, after = (Counter(_told(each) for each in items) for items in (old, new))
    for text in (before - after).elements():
        yield _item(path, text, goes=True)
    for text in (after - before).elements():
        yield _item(path, text, goes=False)


def _whole(path: tuple[str, ...], old: Any, new: Any) -> Change:
    """Something with a code that comes or goes."""
    where, label = said_of_field(path), (new or old)["label"]
    if new is not None:
        said = Bilingual(f"{where.ja}「{label}」を追加します", f"{where.en} ({label}) is new")
    else:
        said = Bilingual(f"{where.ja}「{label}」を削除します", f"{where.en} ({label}) goes")
    return Change(".".join(path), old, new, said)


def _item(path: tuple[str, ...], text: Bilingual, *, goes: bool) -> Change:
    where = said_of_field(path)
    if goes:
        said = Bilingual(f"{where.ja}を削除します: {text.ja}", f"{where.en} goes: {text.en}")
    else:
        said = Bilingual(f"{where.ja}を追加します: {text.ja}", f"{where.en} is new: {text.en}")
    return Change(".".join(path), text.en if goes else None, None if goes else text.en, said)


def _change(path: tuple[str, ...], old: Any, new: Any) -> Change:
    where = said_of_field(path)
    if isinstance(old, str) and old and isinstance(new, str) and new.startswith(f"{old}\n"):
        more = new.removeprefix(old).strip()
        return Change(
            ".".join(path), old, new, Bilingual(f"{where.ja}への追記: {more}", f"{where.en} also says: {more}")
        )
    arrow = joined((_shown(path[-1], old), _shown(path[-1], new)), " → ")
    return Change(".".join(path), old, new, Bilingual(f"{where.ja}: {arrow.ja}", f"{where.en}: {arrow.en}"))


_NOTHING: tuple[object, ...] = (None, "", [], {})


def _shown(name: str, value: Any) -> Bilingual:
    return Bilingual("(なし)", "(none)") if value in _NOTHING else _told(value, name)


def _told(value: Any, name: str = "") -> Bilingual:
    """A value of a field as people write it. What says nothing is left out."""
    match value:
        case Mapping():
            parts = (
                joined((said_of_field((field,)), _told(each, field)), ": ")
                for field, each in value.items()
                if each not in _NOTHING
            )
            return joined(parts, "、", ", ")
        case list():
            return joined((_told(each, name) for each in value), "、", ", ")
        case bool():
            return Bilingual("はい", "yes") if value else Bilingual("いいえ", "no")
        case int() | float():
            return quoted(_number(value, name))
        case _:
            return _WORDS.get((name, value)) or quoted(value)


_WORDS: Mapping[tuple[str, str], Bilingual] = {
    **{("formula", each.value): each.label for each in Formula},
    **{("stage", each.value): each.label for each in Stage},
    **{("kind", each.value): each.label for each in CostKind},
    ("kind", "fee"): Bilingual("利用料", "fee"),
    ("kind", "saving"): Bilingual("節減", "saving"),
    ("kind", "avoided_damage"): Bilingual("避けた損害", "avoided damage"),
    ("sector", "industry"): Bilingual("産", "industry"),
    ("sector", "government"): Bilingual("官", "government"),
    ("sector", "academia"): Bilingual("学", "academia"),
    ("sector", "finance"): Bilingual("金", "finance"),
    ("sector", "residents"): Bilingual("住民", "residents"),
    **{("basis", each.value): each.label for each in Basis},
    **{("kinds", each.value): each.label for each in WorkKind},
}
"""The words of closed lists. The same word may mean something else in another field."""


def _number(value: float, name: str) -> str:
    """With thousands, but for a year, which is no amount."""
    number = int(value) if value == int(value) else value
    return str(number) if name in ("fiscal_year", "final_year") else f"{number:,}"
