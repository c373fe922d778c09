"""Reads a plan in YAML, keeping the line of every value.

Values stay text until the model reads them: YAML would make an octal number of 012025, and a date of its own making of
2026-04-01. Names without a value say nothing, as if they were not there.
"""

import re
from typing import Any

import yaml

from ingest.plan.document.fault import Path
from ingest.plan.document.source import Source
from ingest.plan.document.years import year_written
from ingest.registry.problem import Place, Problem
from ingest.registry.yaml_document import NULL, compose, pairs
from schemas.bilingual import Bilingual, quoted

_YEARS = ("fiscal_year", "final_year")
_AMOUNTS = ("yen", "subsidy_yen", "yen_per_hour", "value", "final_target")
"""Where 12,000,000 is a number, as people write yen."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_AMOUNT = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_MAX_DIGITS = 40


def read_yaml(file: str, content: bytes, problems: list[Problem]) -> Source | None:
    """What one YAML file says; None if it is empty or cannot be read, which is then among `problems`."""
    root = compose(file, content, problems)
    if root is None:
        if not problems:
            problems.append(Problem(Bilingual("空のファイルです", "the file is empty"), Place(file, 1)))
        return None
    if not isinstance(root, yaml.MappingNode):
        begin = Bilingual("最上位は project: で始めてください", "begin at the top with project:")
        problems.append(Problem(begin, Place(file, 1)))
        return None
    spots: dict[Path, Place] = {}
    body = _Reader(file, spots, problems).value(root, ())
    return Source(str(body.get("project") or ""), body, spots)


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
            return [self.value(each, (*path, index)) for index, each in enumerate(node.value)]
        text = str(node.value)
        return _scalar(text, path, plain=isinstance(node, yaml.ScalarNode) and not node.style)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for key, value, row in pairs(self._file, node, self._problems):
            name = year_written(key) if path and path[-1] == "targets" else key
            here = (*path, name)
            place = Place(self._file, row)
            if name in body:
                twice = Bilingual("同じ年度が二つあります", "the same year is there twice")
                self._problems.append(Problem(twice, place, quoted(key)))
            elif value.tag != NULL:
                self._spots[here] = place
                body[name] = self.value(value, here)
        return body


def _scalar(text: str, path: Path, *, plain: bool) -> Any:
    if path and path[-1] in _YEARS:
        return year_written(text)
    if "arguments" in path and plain and _NUMBER.fullmatch(text) and len(text) <= _MAX_DIGITS:
        return float(text)
    amount = path and (path[-1] in _AMOUNTS or "targets" in path)
    return text.replace(",", "") if amount and _AMOUNT.fullmatch(text) else text.strip()
