"""Draws a logic model: boxes in four columns, the key figures that hang on them, and arrows between them."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

WIDTH = 1000
_COLUMNS = 4
_GAP, _MARGIN, _HEAD = 52.0, 2.0, 34.0
_BOX = (WIDTH - 2 * _MARGIN - (_COLUMNS - 1) * _GAP) / _COLUMNS
_PADDING, _LINE, _SIZE, _SMALL = 12.0, 21.0, 15.0, 13.0
_BETWEEN = 16.0


class Node(NamedTuple):
    """A box as it is given: `column` from 0 to 3, `hangs`: (address, label) of what hangs on it."""

    code: str
    column: int
    label: str
    leads_to: Sequence[str]
    hangs: Sequence[tuple[str, str]] = ()


class Written(NamedTuple):
    """A line of text: its base line from the top of the drawing. `address`: empty unless it is a link."""

    y: float
    text: str
    address: str = ""


class Drawn(NamedTuple):
    """A box in the drawing."""

    code: str
    column: int
    x: float
    y: float
    height: float
    label: list[Written]
    hangs: list[Written]


class Drawing(NamedTuple):
    """Boxes and arrows (paths) in units of a view box WIDTH wide and `height` high. `columns`: left edges."""

    boxes: list[Drawn]
    arrows: list[str]
    height: float
    columns: list[float]
    box_width: float
    text_left: float


def wrap(text: str, ems: float) -> list[str]:
    """The text in lines that are at most `ems` wide: a Japanese character is one em, others little more than a half."""
    lines, line, width, at_blank = [], "", 0.0, -1
    for character in text:
        if width + _ems(character) > ems and line:
            if character != " " and at_blank > 0:  # a word that does not fit moves down whole
                lines.append(line[:at_blank])
                line = line[at_blank + 1 :]
            else:
                lines.append(line)
                line = ""
            width, at_blank = sum(map(_ems, line)), -1
        if character == " ":
            at_blank = len(line)
            if not line:
                continue
        line += character
        width += _ems(character)
    return [*lines, line] if line else lines or [""]


def _ems(character: str) -> float:
    return 1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.58


def draw_logic(nodes: Sequence[Node]) -> Drawing:
    """The drawing. In each column boxes stand in the order in which what leads to them stands, so few arrows cross."""
    lefts = [_MARGIN + column * (_BOX + _GAP) for column in range(_COLUMNS)]
    boxes: dict[str, Drawn] = {}
    places: dict[str, float] = {}
    heights = []
    for column, left in enumerate(lefts):
        top = _HEAD
        for node in _ordered([node for node in nodes if node.column == column], nodes, places):
            drawn = _box(node, left, top)
            boxes[node.code] = drawn
            places[node.code] = drawn.y + drawn.height / 2
            top += drawn.height + _BETWEEN
        heights.append(top - _BETWEEN)
    arrows = [
        _arrow(boxes[node.code], boxes[to]) for node in nodes for to in node.leads_to if {node.code, to} <= boxes.keys()
    ]
    height = round(max([_HEAD, *heights]) + _MARGIN, 1)
    return Drawing(list(boxes.values()), arrows, height, lefts, round(_BOX, 1), _PADDING)


def _ordered(column: Sequence[Node], nodes: Sequence[Node], places: Mapping[str, float]) -> list[Node]:
    """By the middle of what leads to each; what nothing leads to keeps its place at the end."""

    def middle(node: Node) -> float:
        before = [places[each.code] for each in nodes if node.code in each.leads_to and each.code in places]
        return sum(before) / len(before) if before else float("inf")

    return sorted(column, key=middle)


def _box(node: Node, left: float, top: float) -> Drawn:
    inner = _BOX - 2 * _PADDING
    y = top + _PADDING + _SIZE - 2
    label = []
    for text in wrap(node.label, inner / _SIZE):
        label.append(Written(round(y, 1), text))
        y += _LINE
    hangs = []
    if node.hangs:
        y += 4
        for address, name in node.hangs:
            for text in wrap(name, inner / _SMALL - 1.2):
                hangs.append(Written(round(y, 1), text, address))
                y += _LINE - 2
    return Drawn(node.code, node.column, left, round(top, 1), round(y - _LINE + _PADDING + 4 - top, 1), label, hangs)


def _arrow(source: Drawn, target: Drawn) -> str:
    """From the right side of a box to the left side of the next; within a column, or back, around the right side."""
    x1, y1 = round(source.x + _BOX, 1), round(source.y + source.height / 2, 1)
    x2, y2 = round(target.x, 1), round(target.y + target.height / 2, 1)
    if target.column <= source.column:
        x2 = round(target.x + _BOX, 1)
        bend = x1 + _GAP / 2
        return f"M{x1} {y1}C{bend} {y1} {bend} {y2} {x2 + 7} {y2}"
    bend = round((x2 - x1) / 2, 1)
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2 - 7} {y2}"
