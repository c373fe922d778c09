"""Compiles the paths of a map to functions, once."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from ingest.decode.common.limits import check_parts
from schemas.json_path import ANY, Step, Steps, parse

Get: TypeAlias = Callable[[object], object]
Walk: TypeAlias = Callable[[object, int], Iterator[tuple[str, object]]]
"""(document, how many there may be) -> (last key, value) of each match. Raises Undecodable if there are more."""


def getter(path: str | None) -> Get:
    """A function that gets the value at a path, or None; of alternatives the first that has a value."""
    if path is None:
        return lambda _: None
    alternatives = parse(path)
    if len(alternatives) == 1:
        return _get(alternatives[0])
    gets = [_get(steps) for steps in alternatives]

    def first(document: object) -> object:
        for get in gets:
            found = get(document)
            if found is not None:
                return found
        return None

    return first


def walker(path: str) -> Walk:
    """A function that lists all matches of a path in their order; of alternatives the first that has one."""
    alternatives = parse(path)

    def walk(document: object, most: int) -> Iterator[tuple[str, object]]:
        for steps in alternatives:
            there = ((key, value) for key, value in _walk("", document, steps) if value is not None)
            found = list(islice(there, most + 1))
            if found:
                check_parts(len(found), most, "rows")
                return iter(found)
        return iter(())

    return walk


def _get(steps: Steps) -> Get:
    if len(steps) == 1 and isinstance(steps[0], str):
        (key,) = steps
        return lambda document: document.get(key) if isinstance(document, dict) else None
    if len(steps) == 2:
        outer, inner = steps
        if isinstance(outer, str) and isinstance(inner, str):
            return _of_two(outer, inner)

    def get(document: object) -> object:
        for step in steps:
            document = _into(document, step)
        return document

    return get


def _of_two(outer: str, inner: str) -> Get:
    """A path of two keys, by far the commonest: worth a function without a loop."""

    def get(document: object) -> object:
        found = document.get(outer) if isinstance(document, dict) else None
        return found.get(inner) if isinstance(found, dict) else None

    return get


def _into(document: object, step: Step) -> object:
    if isinstance(step, str):
        return document.get(step) if isinstance(document, dict) else None
    if isinstance(document, list) and isinstance(step, int) and step < len(document):
        return document[step]
    return None


def _walk(key: str, document: object, steps: Steps) -> Iterator[tuple[str, object]]:
    if not steps:
        yield key, document
        return
    step, rest = steps[0], steps[1:]
    if step is not ANY:
        yield from _walk(str(step), _into(document, step), rest)
    elif isinstance(document, dict):
        for name, value in document.items():
            yield from _walk(name, value, rest)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _walk(str(index), value, rest)
