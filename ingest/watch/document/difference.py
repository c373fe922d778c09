"""What differs between two versions of a document, item by item: rules by their code, stages by their rank."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ingest.watch.document.fault import Path, said_of_path
from schemas.bilingual import Bilingual

_ABSENT = object()


class Change(NamedTuple):
    """One difference. `where`: the place as people call it; `said`: what became of it, with its place."""

    where: Bilingual
    said: Bilingual


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Change]:
    """All that differs, in the order of the new document; what is gone comes last within its part."""
    return [*_mappings((), before or {}, after, (before or {}, after))]


def _mappings(path: Path, old: Mapping[str, Any], new: Mapping[str, Any], whole: tuple[Any, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*new, *old)):
        yield from _values((*path, name), old.get(name, _ABSENT), new.get(name, _ABSENT), whole)


def _values(path: Path, old: Any, new: Any, whole: tuple[Any, Any]) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings(path, old, new, whole)
    elif isinstance(old, list) and isinstance(new, list) and _are_items(old) and _are_items(new):
        yield from _items(path, old, new, whole)
    else:
        yield _change(path, old, new, whole)


def _are_items(items: Sequence[Any]) -> bool:
    return all(isinstance(each, Mapping) for each in items)


def _key(item: Mapping[str, Any], place: int) -> object:
    """What an item is known by: its code; of a stage its rank and from when it holds; else its place."""
    if "code" in item:
        return item["code"]
    return (item["rank"], item.get("valid_from")) if "rank" in item else place


def _items(path: Path, old: Sequence[Any], new: Sequence[Any], whole: tuple[Any, Any]) -> Iterator[Change]:
    before = {_key(item, place): (place, item) for place, item in enumerate(old)}
    after = {_key(item, place): (place, item) for place, item in enumerate(new)}
    for key, (place, item) in after.items():
        if key not in before:
            yield _change((*path, place), _ABSENT, item, whole)
        else:
            yield from _values((*path, place), before[key][1], item, whole)
    for key, (place, item) in before.items():
        if key not in after:
            yield _change((*path, place), item, _ABSENT, whole)


def _change(path: Path, old: Any, new: Any, whole: tuple[Any, Any]) -> Change:
    where = said_of_path(path, whole[0] if new is _ABSENT else whole[1])
    if old is _ABSENT:
        return Change(where, Bilingual(f"{where.ja}: 加わります{_shown(new)}", f"{where.en}: added{_shown(new)}"))
    if new is _ABSENT:
        return Change(where, Bilingual(f"{where.ja}: なくなります{_shown(old)}", f"{where.en}: gone{_shown(old)}"))
    return Change(where, Bilingual(f"{where.ja}: {old} → {new}", f"{where.en}: {old} -> {new}"))


def _shown(value: Any) -> str:
    """A value where it is short; a rule or a list is not written out."""
    return "" if isinstance(value, Mapping | list) else f" ({value})"
