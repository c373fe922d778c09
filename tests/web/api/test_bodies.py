"""A body is read as it is described: no field takes a value of another kind for one of its own."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.web.api.sent import Sent
from ingest.web.openapi import description

OF_ANOTHER_KIND: dict[str, tuple[Any, ...]] = {
    "integer": (False, True, "5", 1.5), "number": (False, True, "5", " 5 "),
    "date-time": (1764000000, "1764000000", True, "2026-11-24T09:00:00"),
    "date": (0, "0", "1764028800", 1764028800.0, "2026-11-24T00:00:00"),
}  # fmt: skip


def bodies_of(kind: type[Sent]) -> list[type[Sent]]:
    """What a route takes: the kinds of bodies that no others are made of."""
    below = kind.__subclasses__()
    return [body for each in below for body in bodies_of(each)] if below else [kind]


BODIES = bodies_of(Sent)


def fields_of(body: type[Sent]) -> Iterator[tuple[str, str, bool]]:
    """(name, kind, is it one of several) of each field, as it is described."""
    for name, field in body.model_json_schema()["properties"].items():
        each = field.get("items", field)
        for one in each.get("anyOf", [each]):
            if one.get("type") != "null":
                yield name, one.get("format", one.get("type", "")), "items" in field


def refused_fields(body: type[Sent], **fields: Any) -> set[str]:
    with pytest.raises(ValidationError) as refused:
        body.model_validate({"no such field": 0} | fields)
    return {str(error["loc"][0]) for error in refused.value.errors() if error["type"] != "missing"}


@pytest.mark.parametrize("body", BODIES, ids=lambda each: each.__name__)
def test_no_field_takes_a_value_of_another_kind(body: type[Sent]) -> None:
    for name, kind, several in fields_of(body):
        for wrong in OF_ANOTHER_KIND.get(kind, (5, False)):
            assert name in refused_fields(body, **{name: [wrong] if several else wrong}), (name, wrong)


def test_a_whole_number_may_be_written_with_a_point() -> None:
    """JSON knows one kind of number."""
    for body in BODIES:
        for name, kind, several in fields_of(body):
            whole = 2026.0 if name in ("fiscal_year", "fy") else 30.0
            if kind == "integer":
                assert refused_fields(body, **{name: [whole] if several else whole}) == {"no such field"}


def test_every_body_of_the_api_is_tried_here() -> None:
    posts = [path["post"] for path in json.loads(description())["paths"].values() if "post" in path]
    bodies = [each["requestBody"]["content"]["application/json"]["schema"] for each in posts if "requestBody" in each]
    sent = {one["$ref"] for body in bodies for one in body.get("anyOf", [body]) if "$ref" in one}
    assert sorted(each.rpartition("/")[2] for each in sent) == sorted(each.__name__ for each in BODIES)
