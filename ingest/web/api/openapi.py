"""The description of the API (OpenAPI): its introduction, what it says of answers, and how it is made."""

from collections.abc import Collection, Iterator, Mapping
from threading import Lock
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from ingest.access.roles import Scope
from ingest.web.api.answers.formats import MEDIA_TYPES, Form
from ingest.web.api.answers.json import page_model
from ingest.web.api.answers.models import Problem
from ingest.web.api.columns import Answer
from ingest.web.api.examples import EXAMPLES
from ingest.web.problems import PROBLEM_TYPE, Trouble
from ingest.web.rules import rule_of

TAGS: list[dict[str, Any]] = [
    {"name": "index", "description": "What there is to ask."},
    {"name": "readings", "description": "Measured values (測定値): single ones, summed up, the last ones."},
    {"name": "uplinks", "description": "Messages (受信メッセージ) and how they came over the radio."},
    {"name": "registry", "description": "Projects, networks, gateways, devices with their states; the catalogue."},
    {"name": "work", "description": "What people did and saw (作業記録・計画停止・観測): read, and entered by POST."},
    {"name": "watch", "description": "What the watch (監視) noticed, who was told, who took it."},
    {"name": "plan", "description": "The check of a plan (計画と実績): targets, actuals, factors, what is frozen."},
    {"name": "reports", "description": "Reports (報告書): ordered by POST, made in the background, read as files."},
    {"name": "account", "description": "What became of every message, and what is set aside (隔離)."},
]

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}

_INNER = {
    "ProjectState": ("project_id",),
    "NetworkState": ("network_id",),
    "GatewayState": ("gateway_id",),
    "DeviceState": ("device_id",),
    "Latest": ("device_id", "project", "device"),
}
"""What the routes leave out of the rows of the figures: our own numbers, and what the answer says already."""

DESCRIPTION = """\
Every time in an answer is Japanese time (+09:00). What is measured is read only. What people did and saw is entered by
POST, as JSON: an entry with a `client_key` (a UUID that the sender makes) is stored once, however often it is sent.

**Periods** are half open, `[from, to)`. Write a time as RFC 3339 with its offset (`2026-11-24T09:00:00+09:00`), or a
day in Japan (`2026-11-24`, which means its midnight). A time without an offset is refused, and so is a parameter that
is not there.

**Pages**: JSON comes in pages. Follow `next` (or the `Link` header, RFC 8288) until it is null. A page begins behind
the last row of the one before, so what is stored meanwhile neither repeats nor hides a row.

**Files**: `?format=csv`, `arrow` or `parquet`, or the same in the Accept header, brings every row of the period at
once, in the order of device, quantity, channel and time, at the pace at which it is taken. A chunked answer that is cut
off before its end is not complete: ask again. Two files are made at a time; more are told to wait (503, `Retry-After`).

**Who asks**: send `Authorization: Bearer` and a token. An answer holds what the token may see, and nothing tells
whether there is more: what is not yours is `not-found`.

**Problems** are `application/problem+json` (RFC 9457). `type` is one of `urn:noroshi:problem:` and `bad-question`,
`not-signed-in`, `forbidden`, `unclaimed`, `not-found`, `method-not-allowed`, `not-acceptable`, `busy`, `unavailable`,
`too-slow`, `failed`.
"""


class DescribedApp(FastAPI):
    """An application whose description says what a question really looks like, and is what questions are held to."""

    _making = Lock()
    """One thread makes the description; the others wait for all of it."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        with self._making:
            if self.openapi_schema is None:
                document = super().openapi()
                document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
                for name, inner in _INNER.items():
                    _without(document["components"]["schemas"][name], inner)
                scopes = self._scopes()
                for operation in operations_of(document):
                    _say_who_may_ask(operation, scopes[operation["operationId"]])
                    for parameter in operation.get("parameters", ()):
                        _never_null(parameter)
                document["components"]["securitySchemes"] = {"bearer": BEARER}
                document["paths"] = dict(sorted(document["paths"].items(), key=_place))
            return self.openapi_schema or {}

    def _scopes(self) -> Mapping[str, Scope]:
        """The scope that each operation needs, by its name. A page of the same name needs none and does not count."""
        routes = [route for route in iter_route_contexts(self.routes) if route.endpoint and route.include_in_schema]
        rules = {str(route.name): rule_of(route.endpoint) for route in routes if route.endpoint}
        return {name: rule.scope for name, rule in rules.items() if rule is not None and rule.scope is not None}

    def query_parameters(self, operation: str) -> Mapping[str, bool]:
        """The names that the query of an operation may have, and whether it may have them several times."""
        asked = next(each for each in operations_of(self.openapi()) if each["operationId"] == operation)
        return {
            parameter["name"]: parameter["schema"].get("type") == "array"
            for parameter in asked.get("parameters", ())
            if parameter["in"] == "query"
        }


def operations_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a description, whatever its method."""
    for path in document["paths"].values():
        yield from path.values()


BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of a program (`noroshi_...`). It sees what its maker may see, and what its scopes say:"
    " `figures` for states, sums and accounts, `readings` for single readings and messages besides, `work` for what"
    " people did and saw, which it may enter too, `reports` for ordering, checking and reading"
    " reports, `submissions` for freezing them, `watch` for incidents of the watch, which it may acknowledge. A browser"
    " that is signed in may ask as well, by its cookie.",
}


def _say_who_may_ask(operation: dict[str, Any], scope: Scope) -> None:
    operation["security"] = [{"bearer": [str(scope)]}]
    operation["description"] += f"\n\nA token needs the scope `{scope}`."


def describe_rows(answer: Answer, *, counted: bool = False) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that gives this table."""
    return {
        200: {
            "model": page_model(answer, counted=counted),
            "description": "JSON: a page of rows, with the way to the next. Other forms: every row of the period",
            "headers": {
                "Link": {
                    "description": 'Address of the next page, rel="next" (RFC 8288)',
                    "schema": {"type": "string"},
                },
                "Noroshi-Replaced-Characters": {
                    "description": "Characters of names in this CSV that CP932 lacks: each is its twin, or 〓",
                    "schema": {"type": "string", "examples": ["U+00B3"]},
                },
            },
            "content": {
                MEDIA_TYPES[Form.CSV]: {"schema": {"type": "string"}, "example": _csv_example(answer)},
                MEDIA_TYPES[Form.ARROW]: _BINARY,
                MEDIA_TYPES[Form.PARQUET]: _BINARY,
            },
        },
        406: describe_problem(Trouble.NOT_ACCEPTABLE, "Nothing the Accept header names can be given"),
    }


def describe_problem(trouble: Trouble, text: str) -> dict[str, Any]:
    """The answer to something that went wrong."""
    example = {"type": trouble.uri, "title": trouble.title, "status": trouble.status, "detail": text + "."}
    return {"description": text, "content": {PROBLEM_TYPE: {"schema": _PROBLEM, "example": example}}}


def _csv_example(answer: Answer) -> str:
    head = ",".join(f'"{column.name}"' for column in answer.columns)
    row = ",".join(_cell(column.example) for column in answer.columns)
    return f"{head}\n{row}\n"


def _cell(example: object) -> str:
    if isinstance(example, list):
        return f'"{" ".join(example)}"'
    return f'"{example}"' if isinstance(example, str) else str(example)


def _place(item: tuple[str, Any]) -> int:
    """Paths stand in the order of the examples, in the index too, whatever file their routes are in."""
    order = list(EXAMPLES)
    operation = next(iter(item[1].values()))["operationId"]
    return order.index(operation) if operation in EXAMPLES else len(order)


def _without(schema: dict[str, Any], inner: Collection[str]) -> None:
    """Leave out of a row what the answer leaves out of it."""
    for name in inner:
        schema["properties"].pop(name, None)
    schema["required"] = [name for name in schema["required"] if name not in inner]


def _never_null(parameter: dict[str, Any]) -> None:
    """In an address a parameter is there or it is not: there is no null."""
    schema = parameter["schema"]
    parameter.pop("description", None)  # the schema says it
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        schema |= kinds[0]
    elif kinds:
        schema["anyOf"] = kinds
