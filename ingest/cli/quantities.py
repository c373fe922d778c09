"""`noroshi quantities`: lists what can be measured, its unit, and its accepted values."""

from collections.abc import Iterable

import orjson

from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import AS_JSON, database_option, settings_for
from ingest.cli.say import say_json, say_lines
from ingest.cli.table import padded, width
from ingest.errors import CallRefused
from ingest.store.registry.catalogue import catalogue_of_project
from schemas.bilingual import Bilingual
from schemas.own_quantity import FIRST_OWN_ID
from schemas.publish import described
from schemas.quantity import CATALOGUE, Kind, Quantity

_KINDS = {
    Kind.GAUGE: Bilingual("瞬時値", "gauge"),
    Kind.COUNTER: Bilingual("積算値", "counter"),
    Kind.STATE: Bilingual("状態", "state"),
    Kind.EVENT: Bilingual("回数", "event"),
    Kind.DIRECTION: Bilingual("方位", "direction"),
}
_HEADINGS = (
    Bilingual("コード", "code"), Bilingual("測定項目", "quantity"), Bilingual("単位", "unit"), Bilingual("種類",
    "kind"),
    Bilingual("隔離(この外)", "set aside beyond"), Bilingual("注意(この外)", "flagged beyond"), Bilingual("状態",
    "states"),
)  # fmt: skip


@command(
    help=Bilingual(
        "測定項目の一覧。標準のもの、--project を付けるとその事業のもの(範囲と独自の項目)を示します。",
        "What can be measured: the catalogue, or with --project what that project has (ranges, quantities of its own).",
    )
)
@option(
    "--project",
    metavar="P",
    help=Bilingual(
        "この事業から見た一覧(台帳の quantities: と ranges:)。",
        "As this project sees it (quantities: and ranges: of the registry)",
    ),
)
@option("--json", "as_json", is_flag=True, help=AS_JSON)
@database_option
def quantities(project: str | None, *, as_json: bool, database: str | None) -> None:
    """Print the catalogue as a table or as JSON. Without a project no database is needed."""
    rows = CATALOGUE if project is None else _of_project(project, database)
    if as_json:
        found = [described(row) | ({"own": True} if row.id >= FIRST_OWN_ID else {}) for row in rows]
        say_json(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    else:
        say_lines(_table([tuple(map(str, _HEADINGS)), *map(_cells, rows)]))


def _of_project(project: str, database: str | None) -> tuple[Quantity, ...]:
    with open_database(settings_for(database=database)) as connection:
        catalogue = catalogue_of_project(connection, project)
    if catalogue is None:
        raise CallRefused(
            Bilingual(f"事業「{project}」は台帳にありません", f"there is no project {project!r} in the registry")
        )
    return tuple(sorted(catalogue.values(), key=lambda quantity: quantity.id))


def _cells(quantity: Quantity) -> tuple[str, ...]:
    reject = "" if quantity.states else f"{quantity.reject_low:g}..{quantity.reject_high:g}"
    flag = "" if quantity.states else f"{quantity.flag_low:g}..{quantity.flag_high:g}"
    label = str(Bilingual(quantity.label_ja, quantity.label_en))
    return (
        quantity.code, label, quantity.unit, str(_KINDS[quantity.kind]), reject,
        "" if flag == reject else flag, " ".join(f"{name}={number}" for name, number in quantity.states.items()),
    )  # fmt: skip


def _table(rows: list[tuple[str, ...]]) -> Iterable[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield " ".join(padded(cell, columns + 1) for cell, columns in zip(row, widths, strict=True)).rstrip()
