"""The description of the API for programs: `python -m ingest.web.openapi` writes the published one after a change."""

import json
from typing import Any

from ingest.web.app import create_app
from ingest.web.dependencies import WebDependencies
from schemas.publish import FOLDER

FILE = "openapi.json"


def description() -> str:
    """The OpenAPI description as JSON text."""
    app = create_app(without_a_database())
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write the description to its published file."""
    (FOLDER / FILE).write_text(description(), encoding="utf-8")


def without_a_database() -> WebDependencies:
    """Dependencies of an application that is described and never asked."""

    def nobody() -> Any:
        raise NotImplementedError("a description asks nobody")

    return WebDependencies(nobody, nobody, nobody, nobody, nobody)


if __name__ == "__main__":
    main()
