"""Reads a YAML document of organisations, people, shares and readers, keeping the line of every value."""

from collections.abc import Iterator, Sequence

import yaml

from ingest.access.document.columns import COLUMNS, GRANT, MEMBERSHIPS, find, means_memberships, nearest
from ingest.access.document.entry import Written
from ingest.access.document.model import Section
from ingest.registry.columns import Column
from ingest.registry.entry import Cell
from ingest.registry.problem import MAX_PROBLEMS, Place, Problem
from ingest.registry.yaml_document import NULL, TWICE, compose, pairs
from schemas.bilingual import Bilingual, quoted

_LIST = Bilingual("一件ごとに「- 」で始まる一覧にしてください", 'write a list, each item of which begins with "- "')


def read_document(file: str, content: bytes, problems: list[Problem]) -> list[Written]:
    """What one YAML file says."""
    root = compose(file, content, problems)
    if root is None:
        return []
    sections = [f"{section}:" for section in Section]
    if not isinstance(root, yaml.MappingNode):
        begin = Bilingual(
            f"最上位は {'、'.join(sections)} のどれかで始めてください",
            f"begin at the top with one of {', '.join(sections)}",
        )
        problems.append(Problem(begin, Place(file, 1)))
        return []
    return [*_sections(file, root, problems)]


def _sections(file: str, root: yaml.MappingNode, problems: list[Problem]) -> Iterator[Written]:
    for key, value, row in pairs(file, root, problems):
        place = Place(file, row)
        if key not in set(Section):
            unknown = Bilingual(
                f"「{key}」という項目はありません。使える項目: {'、'.join(Section)}",
                f"there is no {key!r}; there are {', '.join(Section)}",
            )
            problems.append(Problem(unknown, place, quoted(key)))
        elif isinstance(value, yaml.SequenceNode):
            for item in value.value:
                if len(problems) > MAX_PROBLEMS:
                    return
                yield from _item(file, Section(key), item, problems)
        elif value.tag != NULL:
            problems.append(Problem(_LIST, place, quoted(key)))


def _item(file: str, section: Section, node: yaml.Node, problems: list[Problem]) -> Iterator[Written]:
    place = Place(file, node.start_mark.line + 1)
    columns = COLUMNS[section]
    if not isinstance(node, yaml.MappingNode):
        first = columns[0].field
        form = Bilingual(
            f"{section.label.ja}は「- {first}: ...」の形で書いてください",
            f'write a {section.label.en} as "- {first}: ..."',
        )
        problems.append(Problem(form, place, quoted(section)))
        return
    cells: dict[str, Cell] = {}
    grants: tuple[tuple[Place, tuple[Cell, ...]], ...] | None = None
    for key, value, row in pairs(file, node, problems):
        if section is Section.PEOPLE and means_memberships(key):
            grants = tuple(_memberships(file, value, Place(file, row), problems))
        else:
            _cell(cells, columns, key, value, Place(file, row), problems)
    yield Written(section, place, tuple(cells.values()), grants)


def _memberships(
    file: str, node: yaml.Node, place: Place, problems: list[Problem]
) -> Iterator[tuple[Place, tuple[Cell, ...]]]:
    if not isinstance(node, yaml.SequenceNode):
        problems.append(Problem(_LIST, place, quoted(MEMBERSHIPS)))
        return
    for item in node.value:
        here = Place(file, item.start_mark.line + 1)
        if isinstance(item, yaml.MappingNode):
            cells: dict[str, Cell] = {}
            for key, value, row in pairs(file, item, problems):
                _cell(cells, GRANT, key, value, Place(file, row), problems)
            yield here, tuple(cell for cell in cells.values() if cell.text)
        else:
            form = Bilingual(
                "権限は「- {role: viewer, organisation: '990001'}」の形で書いてください",
                "write a role as \"- {role: viewer, organisation: '990001'}\"",
            )
            problems.append(Problem(form, here, quoted(MEMBERSHIPS)))


def _cell(
    cells: dict[str, Cell], columns: Sequence[Column], key: str, value: yaml.Node, place: Place, problems: list[Problem]
) -> None:
    column = find(columns, key)
    if column is None:
        near = nearest(columns, key, *((MEMBERSHIPS,) if columns is COLUMNS[Section.PEOPLE] else ()))
        unknown = Bilingual(f"「{key}」という項目はありません。{near.ja}", f"there is no {key!r}: {near.en}")
        problems.append(Problem(unknown, place, quoted(key)))
    elif column.field in cells:
        problems.append(Problem(TWICE, place, quoted(key)))
    elif not isinstance(value, yaml.ScalarNode):
        one = Bilingual("値を一つだけ書いてください", "write one value")
        problems.append(Problem(one, place, quoted(key)))
    else:
        cells[column.field] = Cell(column, "" if value.tag == NULL else value.value.strip(), key, place.row)
