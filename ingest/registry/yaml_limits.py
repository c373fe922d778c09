"""Checks the size of a YAML file with its references written out, before anything is built from it.

References (`*name`) and merges (`<<`) let a few lines stand for more than any memory holds, or for themselves.
"""

from typing import Any

import yaml

from schemas.bilingual import Bilingual

MAX_NODES = 500_000
"""Keys and values, with references written out: twenty thousand devices."""
MAX_DEPTH = 32
MAX_TEXT = 10_000
NAMES_ARE_TEXT = Bilingual("項目の名前は、文字で書いてください", "write names as text")


class TooMuch(ValueError):
    """The file is refused unread, in most cases for its size. `row`: the line that was one too many."""

    def __init__(self, message: Bilingual, row: int) -> None:
        super().__init__(message)
        self.row = row


class _Open:
    """A list or mapping that has not ended yet. `places`: the keys and values of a mapping so far."""

    __slots__ = ("anchor", "mapping", "nodes", "places")

    def __init__(self, anchor: str | None, *, mapping: bool) -> None:
        self.anchor = anchor
        self.mapping = mapping
        self.nodes = 1
        self.places = 0


class _Count:
    def __init__(self) -> None:
        self._open = [_Open(None, mapping=False)]
        self._known: dict[str, int] = {}
        self._total = 0

    def take(self, event: Any) -> None:
        row = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionEndEvent):
            self._close()
            return
        inner = self._open[-1]
        is_key = inner.mapping and inner.places % 2 == 0
        inner.places += 1
        if isinstance(event, yaml.CollectionStartEvent):
            if is_key:
                raise TooMuch(NAMES_ARE_TEXT, row)
            if len(self._open) > MAX_DEPTH:
                raise TooMuch(
                    Bilingual(
                        f"入れ子が深すぎます。{MAX_DEPTH} 段までです", f"nested too deeply, {MAX_DEPTH} levels at most"
                    ),
                    row,
                )
            self._open.append(_Open(event.anchor, mapping=isinstance(event, yaml.MappingStartEvent)))
            self._total += 1
        elif isinstance(event, yaml.ScalarEvent):
            if len(event.value) > MAX_TEXT:
                raise TooMuch(
                    Bilingual(
                        f"長すぎる値です。{MAX_TEXT:,} 文字までです", f"too long, {MAX_TEXT:,} characters at most"
                    ),
                    row,
                )
            if event.anchor:
                self._known[event.anchor] = 1
            self._add(1, row)
        elif isinstance(event, yaml.AliasEvent):
            self._refer(event.anchor, row, is_key=is_key)

    def _refer(self, anchor: Any, row: int, *, is_key: bool) -> None:
        if any(outer.anchor == anchor for outer in self._open):
            name = anchor[:40]
            raise TooMuch(Bilingual(f"「*{name}」が自分自身を指しています", f"*{name} refers to itself"), row)
        nodes = self._known.get(anchor, 1)  # an unknown anchor is an error of the parser
        if is_key and nodes > 1:
            raise TooMuch(NAMES_ARE_TEXT, row)
        self._add(nodes, row)

    def _add(self, nodes: int, row: int) -> None:
        self._open[-1].nodes += nodes
        self._total += nodes
        if self._total > MAX_NODES:
            raise TooMuch(
                Bilingual(
                    f"大きすぎます。参照(*)を書き出して {MAX_NODES:,} 項目までです。ファイルを分けてください",
                    f"too large: {MAX_NODES:,} keys and values at most, references (*) written out; divide the file",
                ),
                row,
            )

    def _close(self) -> None:
        closed = self._open.pop()
        if closed.anchor:
            self._known[closed.anchor] = closed.nodes
        self._open[-1].nodes += closed.nodes


_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


def check_size(text: str, loader: type) -> None:
    """Raises TooMuch, or yaml.YAMLError for what is no YAML. Takes as long as reading, and hardly any memory."""
    count = _Count()
    for event in yaml.parse(text, Loader=loader):
        if not isinstance(event, _FRAME):
            count.take(event)
