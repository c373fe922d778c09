"""Grafana's own types read the dashboards and give back all that is in them: no key is misspelt or out of place."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from grafana_foundation_sdk.cog import encoder, plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.dashboards.documents import FILES, Json, load

NEWER = {"enablePagination"}
"""Of tables: known to the Grafana that the compose file runs, not yet to the types."""
NOT_TYPED = {"definition"}
"""Of variables: what the list of variables shows as their query."""


def read_by_grafana(document: Json) -> Any:
    """The same document, through the types."""
    plugins.register_default_plugins()
    return json.loads(json.dumps(Dashboard.from_json(document), cls=encoder.JSONEncoder))


def lost(wrote: object, read: object, where: str = "") -> Iterator[str]:
    """What of the one is not in the other."""
    if isinstance(wrote, dict) and isinstance(read, dict):
        for key, value in wrote.items():
            if key not in read:
                yield f"{where}.{key}"
            else:
                yield from lost(value, read[key], f"{where}.{key}")
    elif isinstance(wrote, list) and isinstance(read, list) and len(wrote) == len(read):
        for number, pair in enumerate(zip(wrote, read, strict=True)):
            yield from lost(*pair, f"{where}[{number}]")
    elif wrote != read:
        yield where


@pytest.mark.parametrize("document", [load(file) for file in FILES], ids=[file.stem for file in FILES])
def test_grafana_knows_every_key_of_a_dashboard(document: Json) -> None:
    unknown = lost(document, read_by_grafana(document))
    assert [place for place in unknown if place.rsplit(".", 1)[-1] not in NEWER | NOT_TYPED] == []


def test_a_misspelt_key_is_noticed() -> None:
    document = load(FILES[0])
    document["panels"][0]["options"]["showHaeder"] = True
    document["panels"][0]["fieldConfig"]["defaults"]["decimal"] = 1
    unknown = list(lost(document, read_by_grafana(document)))
    assert {place.rsplit(".", 1)[-1] for place in unknown} - NEWER == {"showHaeder", "decimal"}
