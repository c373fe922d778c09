"""The AsyncAPI document is whole, and says what the program does.

It is held against those rules of AsyncAPI 3.0 that concern us, not against the whole of its official schema.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ingest.settings.routes import DEFAULT_ROUTES
from schemas.native import NATIVE_PAYLOAD, TOPIC
from schemas.publish import FOLDER

DOCUMENT: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))
TOP = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
PARTS = {
    "servers": ({"host", "protocol"}, {"protocolVersion", "pathname", "description", "security", "bindings", "title"}),
    "channels": (set(), {"address", "messages", "title", "description", "servers", "parameters", "bindings"}),
    "operations": ({"action", "channel"}, {"title", "description", "security", "bindings", "messages", "reply"}),
}
MESSAGE = {"headers", "payload", "contentType", "name", "title", "summary", "description", "bindings", "examples"}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from references(inner)


def resolved(reference: str) -> Any:
    node: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_every_object_has_the_keys_of_the_specification() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT) <= TOP
    assert {"title", "version"} <= set(DOCUMENT["info"])
    for part, (needed, allowed) in PARTS.items():
        for name, item in DOCUMENT[part].items():
            assert re.fullmatch(r"[A-Za-z0-9_-]+", name)
            assert needed <= set(item) <= needed | allowed, (part, name)
    for message in DOCUMENT["components"]["messages"].values():
        assert set(message) <= MESSAGE


def test_every_reference_leads_somewhere_inside_the_document() -> None:
    found = set(references(DOCUMENT))
    assert "#/components/schemas/NativeUplink" in found
    for reference in found:
        assert reference.startswith("#/")
        assert resolved(reference) is not None


def test_operations_name_messages_of_their_own_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = operation["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in operation["messages"])


def test_the_topic_is_the_one_the_service_listens_to() -> None:
    assert TOPIC in [route.topic for route in DEFAULT_ROUTES if route.decoder == "native"]
    channel = DOCUMENT["channels"]["up"]
    assert channel["address"] == TOPIC
    assert set(channel["parameters"]) == set(re.findall(r"\{(\w+)\}", TOPIC))


@pytest.mark.parametrize("name", ["measurement", "backfill"])
def test_every_example_is_a_payload_the_program_takes(name: str) -> None:
    examples = DOCUMENT["components"]["messages"][name]["examples"]
    assert examples
    for example in examples:
        NATIVE_PAYLOAD.validate_python(example["payload"])
