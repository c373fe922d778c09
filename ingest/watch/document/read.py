"""Reads a watch document in YAML, keeping the line of every value.

Numbers and true or false are read as such where they are written without quotation marks; everything else stays text:
YAML would make seconds of 22:00 and a date of its own making of 2026-04-01.
"""

import re
import sys
from dataclasses import dataclass
from math import isfinite
from pathlib import Path as FilePath
from typing import Any

import yaml
from pydantic import ValidationError

from ingest.registry.problem import MAX_PROBLEMS, Place, Problem
from ingest.registry.read import STANDARD_INPUT, YAML_ENDINGS
from ingest.registry.table import decoded
from ingest.registry.yaml_document import NULL, compose, pairs
from ingest.runtime.bounded_files import FileRefused, read_regular, read_stream
from ingest.watch.document.fault import Fault, Path, WatchRefused, problem_of
from schemas.bilingual import Bilingual
from schemas.foreign import unseen_in
from schemas.misfit import misfit
from schemas.watch import WatchDocument
from schemas.watch_rules import RESERVED_TEXT, reserved_texts

MAX_BYTES = 4 * 2**20
"""Most bytes of a document: two thousand rules of a hundred devices each."""

_STREAM = "標準入力"
_NUMBER = re.compile(r"[+-]?(0|[1-9]\d{0,17})(\.\d{1,18})?", re.ASCII)
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says. `text`: the file as it was written; `spots`: the line of each value."""

    text: str
    body: dict[str, Any]
    spots: dict[Path, Place]


def read_file(path: FilePath) -> Source:
    """Read a file in YAML; `-` is the standard input. Raises WatchRefused, and OSError if it cannot be opened."""
    name = _STREAM if path == STANDARD_INPUT else path.name
    try:
        if path == STANDARD_INPUT:
            return read_text(name, read_stream(sys.stdin.buffer, MAX_BYTES, _STREAM))
        if path.suffix.lower() in YAML_ENDINGS:
            return read_text(name, read_regular(path, MAX_BYTES))
    except FileRefused as refused:
        raise WatchRefused([Problem(refused.reason, Place(name, 1))]) from None
    endings = " ".join(YAML_ENDINGS)
    unreadable = Bilingual(
        f"読めるのは {endings} です。ファイル名の末尾を確かめてください",
        f"only {endings} can be read: look at the end of the name",
    )
    raise WatchRefused([Problem(unreadable, Place(name, 1))])


def read_text(name: str, content: bytes) -> Source:
    """What a file of this name says. Raises WatchRefused with all that is wrong with it as a file."""
    problems: list[Problem] = []
    root = compose(name, content, problems)
    if root is None and not problems:
        problems.append(Problem(Bilingual("空のファイルです", "the file is empty"), Place(name, 1)))
    elif root is not None and not isinstance(root, yaml.MappingNode):
        begin = Bilingual("最上位は project: で始めてください", "begin at the top with project:")
        problems.append(Problem(begin, Place(name, 1)))
    if isinstance(root, yaml.MappingNode):
        spots: dict[Path, Place] = {}
        body = _Reader(name, spots, problems).value(root, ())
        if not problems:
            return Source(decoded(content), body, spots)
    raise WatchRefused(_bounded(problems))


def document_of(source: Source) -> WatchDocument:
    """The document. Raises WatchRefused with all that is wrong with it in itself, each with its line."""
    words = [Fault(path, RESERVED_TEXT) for path in reserved_texts(source.body)]
    found = [*_unseen((), source.body), *words]
    document = None
    try:
        document = WatchDocument.model_validate(source.body)
    except ValidationError as error:
        found += [each for each in _misfits(error, source.body) if each.path or not words]
    problems = [problem_of(each, source.body, source.spots) for each in found]
    if document is None or problems:
        raise WatchRefused(_bounded(problems))
    return document


def _bounded(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= MAX_PROBLEMS:
        return problems
    return [*problems[:MAX_PROBLEMS], Problem(Bilingual("ほかにも誤りがあります", "there are more mistakes"))]


def _misfits(error: ValidationError, body: Any) -> list[Fault]:
    """What the model says. A list whose items are wrong it also calls too short: that is left out."""
    items = error.errors(include_url=False)
    return [
        Fault(_path(item["loc"], body), misfit(item))
        for item in items
        if not (item["type"] == "too_short" and item["input"])
    ]


def _path(loc: tuple[int | str, ...], body: Any) -> Path:
    """The place in the document: the model also names the kind of a measure or channel as if it were a step."""
    path: list[int | str] = []
    for number, step in enumerate(loc):
        inside: Any = body.get(step) if isinstance(body, dict) else None
        if isinstance(body, list) and isinstance(step, int) and step < len(body):
            inside = body[step]
        if inside is not None or (number == len(loc) - 1 and step != "[key]"):
            path.append(step)
            body = inside
    return tuple(path)


def _unseen(path: Path, value: Any) -> list[Fault]:
    """Characters that nobody sees: names with and without one look the same, and the database takes no NUL."""
    match value:
        case dict():
            return [fault for name, each in value.items() for fault in _unseen((*path, name), each)]
        case list():
            return [fault for place, each in enumerate(value) for fault in _unseen((*path, place), each)]
        case str():
            unseen = unseen_in(value)
            if unseen is not None:
                said = Bilingual(
                    f"見えない文字({unseen})が入っています。その前後を消して、入力し直してください",
                    f"there is a character that nobody sees ({unseen}): remove what is round it and enter it again",
                )
                return [Fault(path, said)]
    return []


class _Reader:
    def __init__(self, file: str, spots: dict[Path, Place], problems: list[Problem]) -> None:
        self._file = file
        self._spots = spots
        self._problems = problems

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._spots.setdefault(path, Place(self._file, node.start_mark.line + 1))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, place)) for place, each in enumerate(node.value)]
        text = str(node.value).strip()
        if node.tag == NULL:
            return None
        return text if isinstance(node, yaml.ScalarNode) and node.style else _scalar(text)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for key, value, row in pairs(self._file, node, self._problems):
            self._spots[(*path, key)] = Place(self._file, row)
            if value.tag != NULL:
                body[key] = self.value(value, (*path, key))
        return body


def _scalar(text: str) -> str | int | float | bool:
    if _NUMBER.fullmatch(text):
        number = float(text) if "." in text else int(text)
        return number if isfinite(number) else text
    return _WORDS.get(text, text)
