"""`noroshi quantities`: what can be measured, in which unit, and which values are believed."""

import unicodedata
from collections.abc import Iterable

import click
import orjson

from ingest.cli.options import database_option, settings_for
from ingest.errors import CallRefused
from ingest.store.catalogue import catalogue_of_project
from ingest.store.database import connect, translated
from schemas.own_quantity import FIRST_OWN_ID
from schemas.publish import described
from schemas.quantity import CATALOGUE, Kind, Quantity

_KIND_JA = {
    Kind.GAUGE: "瞬時値",
    Kind.COUNTER: "積算値",
    Kind.STATE: "状態",
    Kind.EVENT: "回数",
    Kind.DIRECTION: "方位",
}
_HEADINGS = ("コード", "測定項目", "English", "単位", "種類", "隔離(この外)", "注意(この外)", "状態")


@click.command(help="測定項目の一覧。標準のもの、--project を付けるとその事業のもの(範囲と独自の項目)を示します。")
@click.option("--project", metavar="P", help="この事業から見た一覧(台帳の quantities: と ranges:)。")
@click.option("--json", "as_json", is_flag=True, help="JSON で出力します。")
@database_option
def quantities(project: str | None, *, as_json: bool, database: str | None) -> None:
    """The catalogue as a table or as JSON. Without a project no database is asked."""
    rows = CATALOGUE if project is None else _of_project(project, database)
    if as_json:
        found = [described(row) | ({"own": True} if row.id >= FIRST_OWN_ID else {}) for row in rows]
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(_table([_HEADINGS, *map(_cells, rows)])))


def _of_project(project: str, database: str | None) -> tuple[Quantity, ...]:
    with connect(settings_for(database=database).database) as connection, translated():
        catalogue = catalogue_of_project(connection, project)
    if catalogue is None:
        raise CallRefused(f"事業「{project}」は台帳にありません")
    return tuple(sorted(catalogue.values(), key=lambda quantity: quantity.id))


def _cells(quantity: Quantity) -> tuple[str, ...]:
    reject = "" if quantity.states else f"{quantity.reject_low:g}..{quantity.reject_high:g}"
    flag = "" if quantity.states else f"{quantity.flag_low:g}..{quantity.flag_high:g}"
    return (
        quantity.code, quantity.label_ja, quantity.label_en, quantity.unit, _KIND_JA[quantity.kind], reject,
        "" if flag == reject else flag, " ".join(f"{name}={number}" for name, number in quantity.states.items()),
    )  # fmt: skip


def _table(rows: list[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()


def _width(text: str) -> int:
    """Columns of a terminal: a Japanese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
