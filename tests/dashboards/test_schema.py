"""Grafana's own types read the dashboards and give back all that is in them: no key is misspelt or out of place."""

import json
from typing import Any

import pytest
from grafana_foundation_sdk.cog import encoder, plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.dashboards.documents import FILES, Json, load, lost

NEWER = {"enablePagination"}
"""Of tables: known to the Grafana that the compose file runs, not yet to the types."""
NOT_TYPED = {"definition"}
"""Of variables: what the list of variables shows as their query."""


def read_by_grafana(document: Json) -> Any:
    """The same document, through the types."""
    plugins.register_default_plugins()
    return json.loads(json.dumps(Dashboard.from_json(document), cls=encoder.JSONEncoder))


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
