"""The description of the API: what it says before it comes to single questions, and how it is made."""

from collections.abc import Collection
from typing import Any

from fastapi import FastAPI

from ingest.web.api.model import Problem

TAGS: list[dict[str, Any]] = [
    {"name": "index", "description": "What there is to ask."},
    {"name": "readings", "description": "Measured values (測定値): single ones, summed up, the last ones."},
    {"name": "uplinks", "description": "Messages (受信メッセージ) and how they came over the radio."},
    {"name": "registry", "description": "Projects, networks, gateways, devices with their states; the catalogue."},
    {"name": "account", "description": "What became of every message, and what is set aside (隔離)."},
]

_INNER = {
    "ProjectState": ("project_id",),
    "NetworkState": ("network_id",),
    "GatewayState": ("gateway_id",),
    "DeviceState": ("device_id",),
    "Latest": ("device_id", "project", "device"),
}
"""What the routes leave out of the rows of the figures: our own numbers, and what the answer says already."""

DESCRIPTION = """\
Everything here is read only, and every time in an answer is Japanese time (+09:00).

**Periods** are half open, `[from, to)`. Write a time as RFC 3339 with its offset (`2026-11-24T09:00:00+09:00`), or a
day in Japan (`2026-11-24`, which means its midnight). A time without an offset is refused, and so is a parameter that
is not there.

**Pages**: JSON comes in pages. Follow `next` (or the `Link` header, RFC 8288) until it is null. A page begins behind
the last row of the one before, so what is stored meanwhile neither repeats nor hides a row.

**Files**: `?format=csv`, `arrow` or `parquet`, or the same in the Accept header, brings every row of the period at
once, in the order of device, quantity, channel and time, at the pace at which it is taken. A chunked answer that is cut
off before its end is not complete: ask again. Two files are made at a time; more are told to wait (503, `Retry-After`).

**Problems** are `application/problem+json` (RFC 9457). `type` is one of `urn:noroshi:problem:` and `bad-question`,
`not-found`, `method-not-allowed`, `not-acceptable`, `busy`, `unavailable`, `too-slow`, `failed`.
"""


class Described(FastAPI):
    """An application whose description says what a question really looks like."""

    def openapi(self) -> dict[str, Any]:
        """The description, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
            for name, inner in _INNER.items():
                _without(document["components"]["schemas"][name], inner)
            for path in document["paths"].values():
                for parameter in path["get"].get("parameters", ()):
                    _never_null(parameter)
        return self.openapi_schema or {}


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
