"""Draw the rooms of the program from the contracts in pyproject.toml: `make house`.

Writes docs/pictures/house.svg and the table of floors in docs/architecture.md. A test sees that both are current.
"""

import ast
import re
import textwrap
import tomllib
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SVG = ROOT / "docs/pictures/house.svg"
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- floors: make house -->\n", "<!-- /floors -->\n"

WIDTH, MARGIN, GAP = 1180, 20, 10
TITLE, LINE, FLOOR_GAP = 24, 15, 14
LETTER = 6.1
"""Pixels that a letter of the small text takes at most, measured in Chromium with DejaVu Sans at 11 pixels."""


class Room(NamedTuple):
    """A box of the picture. `marks`: which outside worlds it speaks with, as the contracts allow."""

    name: str
    text: str
    marks: tuple[str, ...]


def describe(module: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ")


def floors() -> list[list[Room]]:
    """From the roof to the ground, as the contract `floors` has them; the language (schemas) is the ground."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    outside = {
        contract["name"].split(":")[0]: contract["protected_modules"]
        for contract in contracts
        if contract["type"] == "protected" and ":" in contract["name"]
    }
    return [[_room(name.strip(), outside) for name in layer.split("|")] for layer in layers] + [[_schemas()]]


def _room(name: str, outside: dict[str, list[str]]) -> Room:
    folder = ROOT / "ingest" / name
    module = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    source = "".join(path.read_text(encoding="utf-8") for path in [module, *folder.rglob("*.py")])
    spoken = {name.split(".")[0] for name in re.findall(r"^\s*(?:from|import) ([\w.]+)", source, re.MULTILINE)}
    return Room(name, describe(module), tuple(mark for mark, modules in outside.items() if spoken & {*modules}))


def _schemas() -> Room:
    return Room("schemas", describe(ROOT / "schemas/__init__.py"), ())


def draw(house: list[list[Room]]) -> str:
    """The picture: a band for each floor, a box for each room."""
    parts: list[str] = []
    top = MARGIN
    for floor in house:
        width = (WIDTH - 2 * MARGIN - GAP * (len(floor) - 1)) / len(floor)
        texts = [textwrap.wrap(room.text.replace("`", ""), int((width - 20) / LETTER)) for room in floor]
        height = TITLE + 10 + LINE * max(len(text) for text in texts)
        for number, (room, text) in enumerate(zip(floor, texts, strict=True)):
            parts += _box(room, text, MARGIN + number * (width + GAP), top, width, height)
        top += height + FLOOR_GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" font-family="DejaVu Sans, '
        'Noto Sans CJK JP, sans-serif"><title>The rooms of Noroshi: a room knows those below it</title>'
        f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>'
    )
    return "\n".join([head, *parts, "</svg>\n"])


def _box(room: Room, text: list[str], left: float, top: float, width: float, height: float) -> list[str]:
    colour = {"SQL": "#9a5b00", "MQTT": "#005f86"}
    parts = [
        (
            f'<rect x="{left:.0f}" y="{top}" width="{width:.0f}" height="{height}" rx="4" fill="#f6f5f1" '
            'stroke="#8a8678"/>'
        ),
        f'<text x="{left + 10:.0f}" y="{top + 18}" font-size="14" font-weight="bold" fill="#1d1c19">{room.name}</text>',
    ]
    parts += [
        f'<text x="{left + 10:.0f}" y="{top + TITLE + 10 + LINE * line}" font-size="11" fill="#3c3a35">'
        f"{escape(row)}</text>"
        for line, row in enumerate(text)
    ]
    right = left + width - 8
    for mark in room.marks:
        parts.append(
            f'<text x="{right:.0f}" y="{top + 17}" font-size="11" font-weight="bold" text-anchor="end" '
            f'fill="{colour.get(mark, "#1d1c19")}">{mark}</text>'
        )
        right -= 40
    return parts


def table(house: list[list[Room]]) -> str:
    """The same as a table of Markdown, the roof first."""
    rows = ["| floor | room | what it is | speaks |", "|---|---|---|---|"]
    rows += [
        f"| {len(house) - 1 - number} | `{room.name}` | {room.text} | {', '.join(room.marks)} |"
        for number, floor in enumerate(house)
        for room in floor
    ]
    return "\n".join(rows) + "\n"


def page(house: list[list[Room]]) -> str:
    """docs/architecture.md with the table of today."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return before + BEGIN + table(house) + END + rest.split(END)[1]


if __name__ == "__main__":
    HOUSE = floors()
    SVG.write_text(draw(HOUSE), encoding="utf-8")
    PAGE.write_text(page(HOUSE), encoding="utf-8")
