"""Rows as a page of JSON, with the way to the next one."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from pydantic import BaseModel, Field, create_model
from starlette.responses import Response

from ingest.figures.table import Row, Selection
from ingest.web.api.answers.models import Paged
from ingest.web.api.columns import Answer, Sort
from ingest.web.api.cursor import link_header
from ingest.web.api.lookup import EVENTS, FLAGS, Lookup
from schemas.japan import JST, to_jst


class QuantityText(BaseModel):
    """A quantity, as far as a row needs it."""

    unit: str = Field(description="UCUM code")
    unit_ja: str
    label_ja: str
    label_en: str
    kind: str = Field(description="gauge, counter, state, event or direction")
    states: dict[str, int] = Field(description="Names of the values of a state")


def page_model(answer: Answer, *, counted: bool) -> type[BaseModel]:
    """The model of a page of this table."""
    row: Any = answer.row
    fields: dict[str, Any] = {"rows": (list[row], Field(description="In the order of device, series and time"))}
    if answer.table.series:
        text = (
            "Units and labels of the quantities of these rows, by code. Where the question names no project, own ones "
            "stand under project/code, for two projects may call different things alike"
        )
        fields["quantities"] = (dict[str, QuantityText], Field(description=text))
    if counted:
        fields["counted"] = (bool, Field(description="Whether these are the values that count"))
    name = answer.row.__name__.removesuffix("Row") + "Page"
    model: type[BaseModel] = create_model(name, __base__=Paged, __doc__="A page of rows.", **fields)
    return model


def quantity_texts(numbers: Iterable[int], names: Lookup, project: str | None) -> dict[str, QuantityText]:
    """What there is to know about these quantities, by code; of several projects, an own one by project/code."""
    texts = {}
    for number in numbers:
        known, owner = names.quantities[number], names.owners.get(number)
        place = known.code if owner is None or project is not None else f"{owner}/{known.code}"
        texts[place] = QuantityText(
            unit=known.unit,
            unit_ja=known.unit_ja,
            label_ja=known.label_ja,
            label_en=known.label_en,
            kind=known.kind,
            states=dict(known.states),
        )
    return texts


def json_page(
    answer: Answer, rows: list[Row], names: Lookup, selection: Selection, next_cursor: str | None, link: str | None,
    more: Mapping[str, Any],
) -> Response:  # fmt: skip
    """The page as it is sent."""
    body: dict[str, Any] = {"rows": _rows(answer, rows, names)}
    if answer.table.series:
        place = answer.table.all_columns.index("quantity_id")
        numbers = sorted({row[place] for row in rows})
        texts = quantity_texts(numbers, names, selection.project)
        body["quantities"] = {code: text.model_dump() for code, text in texts.items()}
    body |= {"from": to_jst(selection.start), "to": to_jst(selection.end), **more}
    body |= {"next_cursor": next_cursor, "next": link}
    headers = {"Vary": "Accept"} | ({"Link": link_header(link)} if link else {})
    return Response(orjson.dumps(body), media_type="application/json", headers=headers)


def _rows(answer: Answer, rows: list[Row], names: Lookup) -> list[dict[str, Any]]:
    """Column by column, for there are thousands of rows."""
    if not rows:
        return []
    places = {name: place for place, name in enumerate(answer.table.all_columns)}
    values = list(zip(*rows, strict=True))
    spoken = _spoken(names)
    said = {}
    for column in answer.columns:
        if not column.wide:
            say, found = spoken.get(column.sort), values[places[column.source]]
            said[column.name] = found if say is None else map(say, found)
    return [dict(zip(said, row, strict=True)) for row in zip(*said.values(), strict=True)]


def _spoken(names: Lookup) -> dict[Sort, Callable[[Any], Any]]:
    """How a value is said in JSON, where it is not said as it is."""
    return {
        Sort.PROJECT: {number: device.project for number, device in names.devices.items()}.__getitem__,
        Sort.DEVICE: {number: device.device for number, device in names.devices.items()}.__getitem__,
        Sort.QUANTITY: {number: quantity.code for number, quantity in names.quantities.items()}.__getitem__,
        Sort.GATEWAY: names.gateways.get,
        Sort.FLAGS: lambda quality: _FLAGS[quality % len(_FLAGS)] if quality else [],
        Sort.WORDS: lambda text: text.split() if text else [],
        Sort.EVENT: lambda number: EVENTS.get(number, "other"),
        Sort.MOMENT: lambda at: None if at is None else at.astimezone(JST),
        Sort.IDENTIFIER: str,
    }


_FLAGS = [text.split() for text in FLAGS]
