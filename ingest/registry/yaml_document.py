"""Read a registry document in YAML, keeping the line of every value.

Scalars stay text: YAML would read the 団体コード 012025 as an octal number, `on` as true and
2026-04-01 as a date of its own making. The cells of a table and of a document are read alike.
Only profiles, which are nested, get their numbers from the notation.
"""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

import yaml

from ingest.registry.columns import find, nearest, required
from ingest.registry.entry import Cell, Contents, Entry, ProfileEntry
from ingest.registry.problem import MAX_PROBLEMS, Kind, Place, Problem
from ingest.registry.table import decoded
from ingest.registry.yaml_limits import TooMuch, check_size
from schemas.bilingual import Bilingual, quoted
from schemas.misfit import said_by

NULL = "tag:yaml.org,2002:null"
"""The tag of a node without a value."""
_MERGE = "tag:yaml.org,2002:merge"
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MAX_DIGITS = 40


def read_document(file: str, content: bytes) -> Contents:
    """The entries of one YAML file. Errors are in its `problems`."""
    contents = Contents()
    root = compose(file, content, contents.problems)
    if root is not None:
        _document(file, root, contents)
    return contents


def compose(file: str, content: bytes, problems: list[Problem]) -> yaml.Node | None:
    """The nodes of a YAML file; None if it is empty, or not readable, which is then among `problems`."""
    try:
        text = decoded(content)
        check_size(text, _Loader)
        return yaml.compose(text, Loader=_Loader)
    except TooMuch as error:
        problems.append(Problem(said_by(error), Place(file, error.row)))
    except ValueError as error:
        problems.append(Problem(said_by(error), Place(file, 1)))
    except yaml.YAMLError as error:
        problems.append(_broken(file, error))
    return None


class _Loader(yaml.CSafeLoader):
    """Composes nodes only; merge keys (`<<`) are resolved by its constructor."""


def _broken(file: str, error: yaml.YAMLError) -> Problem:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    detail = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
    why = Bilingual(
        f"YAML として読めません。字下げと記号を確かめてください({detail})",
        f"not readable as YAML, look at the indents and signs: {detail}",
    )
    return Problem(why, Place(file, mark.line + 1 if mark else 1))


def _document(file: str, root: yaml.Node, contents: Contents) -> None:
    if not isinstance(root, yaml.MappingNode):
        message = Bilingual(
            f"最上位は {'、'.join(f'{kind}:' for kind in Kind)} のどれかで始めてください",
            f"begin at the top with one of {', '.join(f'{kind}:' for kind in Kind)}",
        )
        contents.problems.append(Problem(message, Place(file, 1)))
        return
    for key, value, row in pairs(file, root, contents.problems):
        place = Place(file, row)
        if key not in set(Kind):
            message = Bilingual(
                f"「{key}」という項目はありません。使える項目: {'、'.join(Kind)}",
                f"there is no {key!r}; there are {', '.join(Kind)}",
            )
            contents.problems.append(Problem(message, place, quoted(key)))
        elif isinstance(value, yaml.SequenceNode):
            for item in value.value:
                if len(contents.problems) > MAX_PROBLEMS:
                    return
                _item(file, Kind(key), item, contents)
        elif value.tag != NULL:
            message = Bilingual(
                "一件ごとに「- 」で始まる一覧にしてください", 'write a list, each item of which begins with "- "'
            )
            contents.problems.append(Problem(message, place, quoted(key)))


def _item(file: str, kind: Kind, node: yaml.Node, contents: Contents) -> None:
    place = Place(file, node.start_mark.line + 1)
    if not isinstance(node, yaml.MappingNode):
        message = Bilingual(
            f"{kind.label.ja}は「- code: ...」の形で書いてください", f'write a {kind.label.en} as "- code: ..."'
        )
        contents.problems.append(Problem(message, place, quoted(kind)))
    elif kind is Kind.PROFILE:
        body = _nested(file, node, contents.problems)
        contents.profiles.append(ProfileEntry(place, body))
    else:
        cells = tuple(_cells(file, kind, node, contents.problems))
        written = {cell.column.field for cell in cells}
        absent = tuple(name for name in required(kind) if name not in written)
        contents.entries.append(Entry(kind, place, cells, absent))


def no_field(kind: Kind, key: str) -> Bilingual:
    """The message about an unknown field, with the nearest known one."""
    near = nearest(kind, key)
    return Bilingual(
        f"{kind.label.ja}に「{key}」という項目はありません。{near.ja}",
        f"a {kind.label.en} has no {key!r}: {near.en}",
    )


TWICE = Bilingual(
    "同じ内容の項目が二つあります。どちらか一方にしてください", "two names mean the same: keep one of them"
)


def _cells(file: str, kind: Kind, node: yaml.MappingNode, problems: list[Problem]) -> Iterator[Cell]:
    taken: set[str] = set()
    for key, value, row in pairs(file, node, problems):
        column = find(kind, key)
        if column is None:
            problems.append(Problem(no_field(kind, key), Place(file, row), quoted(key)))
        elif column.field in taken:
            problems.append(Problem(TWICE, Place(file, row), quoted(key)))
        elif column.field in ("retention", "states") and isinstance(value, yaml.MappingNode):
            taken.add(column.field)
            yield Cell(column, _one_line(file, value, problems), key, row)
        elif not isinstance(value, yaml.ScalarNode):
            one = Bilingual("値を一つだけ書いてください", "write one value")
            problems.append(Problem(one, Place(file, row), quoted(key)))
        else:
            taken.add(column.field)
            yield Cell(column, "" if value.tag == NULL else value.value.strip(), key, row)


def _one_line(file: str, node: yaml.MappingNode, problems: list[Problem]) -> str:
    """A mapping such as `{raw: 120, link: 84}` as the text of a table's cell."""
    return ", ".join(f"{key}: {value.value}" for key, value, _ in pairs(file, node, problems))


def pairs(file: str, node: yaml.MappingNode, problems: list[Problem]) -> Iterator[tuple[str, yaml.Node, int]]:
    """Name, value and line of each thing in a mapping, with `<<` resolved; of a name written twice the first."""
    if any(key.tag == _MERGE for key, _ in node.value):
        _flatten(node)
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        row = key.start_mark.line + 1
        if name in seen:
            twice = Bilingual(f"「{name}」が二度書かれています", f"{name!r} is written twice")
            problems.append(Problem(twice, Place(file, row), quoted(name)))
        else:
            seen.add(name)
            yield name, value, row


def _flatten(node: yaml.MappingNode) -> None:
    """Replace `<<: *base` by the pairs of the base that the node does not write itself."""
    own = [(key, value) for key, value in node.value if key.tag != _MERGE]
    written = {str(key.value) for key, _ in own}
    for base in _bases(node):
        _flatten(base)
        own += [(name, value) for name, value in base.value if str(name.value) not in written]
        written |= {str(name.value) for name, _ in base.value}
    node.value = own


def _bases(node: yaml.MappingNode) -> Iterator[yaml.MappingNode]:
    for key, value in node.value:
        if key.tag == _MERGE:
            candidates = value.value if isinstance(value, yaml.SequenceNode) else [value]
            yield from (base for base in candidates if isinstance(base, yaml.MappingNode))


def _nested(file: str, node: yaml.Node, problems: list[Problem]) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key: _nested(file, value, problems) for key, value, _ in pairs(file, node, problems)}
    if isinstance(node, yaml.SequenceNode):
        return [_nested(file, value, problems) for value in node.value]
    if node.tag == NULL:
        return None
    plain = isinstance(node, yaml.ScalarNode) and not node.style and _NUMBER.fullmatch(node.value)
    return _number(node.value) if plain and len(node.value) <= _MAX_DIGITS else node.value


def _number(written: str) -> int | float | str:
    """The number. A text that is too large for one stays text, and is refused as text later."""
    if re.fullmatch(r"[+-]?\d+", written):
        return int(written)
    number = float(written)
    return number if isfinite(number) else written
