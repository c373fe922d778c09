"""Writes the JSON Schemas for device makers, and for programs that write plans and watch documents.

Run `python -m schemas.publish` after a model has changed.
"""

import json
from pathlib import Path
from typing import Any

from schemas.asyncapi import asyncapi
from schemas.native import NATIVE_PAYLOAD
from schemas.plan import PlanDocument
from schemas.quantity import CATALOGUE, Quantity
from schemas.registry import RegistryDocument
from schemas.watch import WatchDocument
from schemas.watch_message import WatchHealthSaid, WatchMessage, WatchState

FOLDER = Path(__file__).parent / "published"


def published() -> dict[str, str]:
    """File name -> text of every published schema."""
    native: dict[str, Any] = NATIVE_PAYLOAD.json_schema()
    native |= {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Noroshi native payload",
        "description": "Published to noroshi/v1/{project}/{device}/up with QoS 1. An array is a backfill.",
    }
    registry = RegistryDocument.model_json_schema()
    quantities = [described(quantity) for quantity in CATALOGUE]
    return {
        "native-payload.schema.json": _text(native),
        "registry.schema.json": _text(registry),
        "plan.schema.json": _text(PlanDocument.model_json_schema()),
        "watch.schema.json": _text(WatchDocument.model_json_schema()),
        "watch-message.schema.json": _text(WatchMessage.model_json_schema(mode="serialization")),
        "watch-state.schema.json": _text(WatchState.model_json_schema(mode="serialization")),
        "watch-health.schema.json": _text(WatchHealthSaid.model_json_schema(mode="serialization")),
        "asyncapi.json": _text(asyncapi()),
        "quantities.json": _text(quantities),
    }


def described(quantity: Quantity) -> dict[str, object]:
    """One row of the catalogue for a program."""
    q = quantity
    return (
        {"code": q.code, "unit": q.unit, "kind": q.kind, "ja": q.label_ja, "en": q.label_en}
        | {"reject": [q.reject_low, q.reject_high], "flag": [q.flag_low, q.flag_high]}
        | ({"states": dict(q.states)} if q.states else {})
        | ({} if q.greatest_per_hour is None else {"greatest_per_hour": q.greatest_per_hour})
    )


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write all published schemas."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in published().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
