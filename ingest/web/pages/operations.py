"""The description of the API, read for a page: questions, parameters, and the fields of the answers."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

MAX_DEPTH = 3
"""Rows within an answer, and what stands within a row."""


class Parameter(NamedTuple):
    """What a question can say."""

    name: str
    where: str
    required: bool
    kind: str
    text: str
    default: str


class FieldOf(NamedTuple):
    """One field of an answer; `name` with the names it stands within."""

    name: str
    kind: str
    text: str
    example: str


class Operation(NamedTuple):
    """One question, or one thing that can be entered. `sent`: the fields of the JSON that it takes."""

    id: str
    tag: str
    method: str
    path: str
    text: str
    parameters: list[Parameter]
    sent: list[FieldOf]
    fields: list[FieldOf]
    forms: list[str]
    problems: list[tuple[str, str]]


def operations(document: Schema) -> list[Operation]:
    """All questions of the description, by tag in its order."""
    order = [tag["name"] for tag in document["tags"]]
    found = [
        _operation(document, path, method.upper(), asked)
        for path, methods in document["paths"].items()
        for method, asked in methods.items()
    ]
    return sorted(found, key=lambda one: (order.index(one.tag), one.path))


def _operation(document: Schema, path: str, method: str, asked: Schema) -> Operation:
    answers = asked["responses"]
    done = next(status for status in answers if status.startswith("2"))
    content = answers[done].get("content", {})
    answer = content.get("application/json", {}).get("schema", {})
    sent = asked.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        asked["operationId"],
        asked["tags"][0],
        method,
        path,
        asked["description"],
        [_parameter(document, one) for one in asked.get("parameters", ())],
        list(_fields(document, sent)),
        list(_fields(document, answer)),
        list(content),
        [(status, one["description"]) for status, one in sorted(answers.items()) if not status.startswith("2")],
    )


def _parameter(document: Schema, one: Schema) -> Parameter:
    schema = one["schema"]
    default = schema.get("default", "")
    return Parameter(
        one["name"], one["in"], one.get("required", False), _kind(document, schema), schema.get("description", ""),
        "" if default in ("", None, []) else json.dumps(default).strip('"'),
    )  # fmt: skip


def _fields(document: Schema, schema: Schema, within: str = "", depth: int = 0) -> Iterator[FieldOf]:
    schema = _resolved(document, schema)
    for name, described in schema.get("properties", {}).items():
        whole = f"{within}{name}"
        examples = described.get("examples", ())
        text = described.get("description", "")
        yield FieldOf(whole, _kind(document, described), text, str(examples[0]) if examples else "")
        inner = _inner(document, described)
        if inner is not None and depth < MAX_DEPTH:
            yield from _fields(document, inner, f"{whole}.", depth + 1)


def _inner(document: Schema, schema: Schema) -> Schema | None:
    """What stands within a field: the row of a list, the object it is."""
    for choice in (schema, *schema.get("anyOf", ())):
        found = _resolved(document, choice)
        if found.get("type") == "array":
            found = _resolved(document, found.get("items", {}))
        if "properties" in found:
            return found
    return None


def _resolved(document: Schema, schema: Schema) -> Schema:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    resolved: Schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    return resolved


def _kind(document: Schema, schema: Schema) -> str:
    """In a word or two: `string (date-time)`, `list of object`, `ok | low`."""
    schema = _resolved(document, schema)
    if "anyOf" in schema:
        kinds = dict.fromkeys(_kind(document, choice) for choice in schema["anyOf"])
        return " | ".join(kinds)
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema.get('items', {}))}"
    kind, form = schema.get("type"), schema.get("format")
    return f"{kind} ({form})" if kind and form else str(kind or form or "any")
