"""docker-compose.yml as data, with the variables filled in as compose does it."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.deploy.installation import REPOSITORY

FILE = REPOSITORY / "docker-compose.yml"
TEXT = FILE.read_text(encoding="utf-8")
DOCUMENT: dict[str, Any] = yaml.load(TEXT, yaml.CSafeLoader)
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]

VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<word>[^}]*))?\}")


def filled_in(text: str, environment: Mapping[str, str]) -> str:
    """What compose makes of `text`: ${NAME:-default}, ${NAME:?message}, and $$ for a dollar."""

    def value(found: re.Match[str]) -> str:
        given = environment.get(found["name"], "")
        if given or found["kind"] == "-":
            return given or found["word"]
        raise KeyError(f"{found['name']}: {found['word']}")

    return VARIABLE.sub(value, text).replace("$$", "$")


def example() -> dict[str, str]:
    """The lines of .env.example."""
    lines = (REPOSITORY / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
