"""How many devices the plan meant to install (計画数), by a level of the equipment: technology, network or use."""

from collections.abc import Mapping

from ingest.figures.equipment import EquipmentLine
from ingest.report.source.base import Asked
from ingest.report.source.ledger import lines_of
from ingest.report.source.proof import figure_cell
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.report_document import Cell

_NO_PLANNED = Bilingual("計画に台数が書かれていません", "the plan names no number of devices")
_NOT_HERE = Bilingual(
    "計画の種別が台帳の機器と結び付かず、この行の台数を決められません",
    "the kinds of the plan cannot be told apart by this level",
)
_NAMES: Mapping[str, str] = {kind.value: kind.label.ja for kind in NetworkKind}


def planned_cells(asked: Asked, level: str) -> Mapping[str, Cell]:
    """The planned count by the key of the level, and under `total` of all devices; other keys have none.

    The plan counts by kind: what the ledger calls it, else its use. A kind belongs to the row in which all of its
    devices of the ledger stand; where they stand in several rows, none of these can be told. Poles and other things
    that send nothing are not counted.
    """
    if asked.plan is None or not asked.plan.document.equipment:
        return {}
    lines, _ = lines_of(asked)
    found: dict[str, int] = {}
    unsure: set[str] = set()
    total = 0
    for each in asked.plan.document.equipment:
        own = [line for line in lines if line.kind == each.kind and not line.gone]
        if own and not any(line.what == "device" for line in own):
            continue
        total += each.count
        keys = _keys(level, each.kind, own)
        if len(keys) == 1:
            key = next(iter(keys))
            found[key] = found.get(key, 0) + each.count
        unsure |= keys if len(keys) > 1 else set()
    cells = {key: figure_cell(count, None) for key, count in found.items() if key not in unsure}
    return cells | {key: figure_cell(None, None, _NOT_HERE) for key in unsure} | {"total": figure_cell(total, None)}


def no_planned_cell(asked: Asked) -> Cell:
    """Of a row to which no kind of the plan belongs."""
    known = asked.plan is not None and asked.plan.document.equipment
    return figure_cell(None, None, _NOT_HERE if known else _NO_PLANNED)


def _keys(level: str, kind: str, lines: list[EquipmentLine]) -> set[str]:
    """The keys of the level under which devices of a kind stand; what is not in the ledger may name the key itself."""
    found = {str(getattr(line, level) or "") for line in lines if line.what == "device"}
    if found:
        return found
    return {key for key, name in _NAMES.items() if kind in (key, name)} if level == "technology" else {kind}
