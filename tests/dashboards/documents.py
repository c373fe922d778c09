"""The dashboards as files: their panels, their queries, and what Grafana makes of a query before it sends it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).parent.parent.parent
FOLDER = REPOSITORY / "dashboards"
FILES = sorted(FOLDER.glob("*.json"))
POSTGRESQL, PROMETHEUS = "grafana-postgresql-datasource", "prometheus"

Json = dict[str, Any]


class Question(NamedTuple):
    """One query of one panel (or of a variable), as it is written in the file."""

    where: str
    text: str
    panel: Json
    target: Json


def load(file: Path) -> Json:
    """The dashboard in this file."""
    document: Json = json.loads(file.read_text(encoding="utf-8"))
    return document


def panels(document: Json) -> list[Json]:
    """Every panel that shows something, those in folded rows too; rows are titles."""
    return [panel for panel in everything(document) if panel["type"] != "row"]


def everything(document: Json) -> list[Json]:
    """Panels and rows, in the order of the file."""
    return [panel for outer in document["panels"] for panel in (outer, *outer.get("panels", []))]


def variables(document: Json) -> dict[str, Json]:
    """The template variables by name."""
    return {variable["name"]: variable for variable in document["templating"]["list"]}


def questions(source: str) -> Iterator[Question]:
    """Every query for this type of data source, of all dashboards."""
    for file in FILES:
        document = load(file)
        for variable in variables(document).values():
            if variable["type"] == "query" and variable["datasource"]["type"] == source == POSTGRESQL:
                yield Question(f"{file.stem}: variable {variable['name']}", variable["query"], {}, {})
        for panel in panels(document):
            for target in panel["targets"]:
                if target["datasource"]["type"] == source:
                    text = target["rawSql"] if source == POSTGRESQL else target["expr"]
                    yield Question(f"{file.stem}: {panel['title']} {target['refId']}", text, panel, target)


def column_names(panel: Json) -> list[str]:
    """The columns a panel gives a Japanese name to."""
    return [
        rule["matcher"]["options"]
        for rule in panel["fieldConfig"]["overrides"]
        if rule["matcher"]["id"] == "byName" and "displayName" in properties(rule)
    ]


def properties(rule: Json) -> Json:
    """What an override sets, by the names of the settings."""
    return {setting["id"]: setting["value"] for setting in rule["properties"]}


def expand_sql(text: str, chosen: Mapping[str, Sequence[str]], now: datetime) -> str:
    """The SQL that Grafana sends: variables quoted, macros written out. Fails on what Grafana would not know."""
    start, end = (f"'{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}'" for moment in (now - timedelta(hours=24), now))
    for name, values in chosen.items():
        text = text.replace(
            f"${{{name}:sqlstring}}", ",".join("'" + value.replace("'", "''") + "'" for value in values)
        )
    text = re.sub(r"\$__timeFilter\(([^)]*)\)", rf"\1 BETWEEN {start} AND {end}", text)
    return _complete(text.replace("$__timeFrom()", start).replace("$__timeTo()", end).replace("$__interval", "1m"))


def expand_promql(text: str) -> str:
    """The PromQL that Grafana sends with every instance chosen."""
    for name, value in {"$__rate_interval": "1m", "$__range": "1h", "$__interval": "15s", "$instance": ".*"}.items():
        text = text.replace(name, value)
    return _complete(text)


def lost(wrote: object, read: object, where: str = "") -> Iterator[str]:
    """Where something of the one is not in the other."""
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


def _complete(text: str) -> str:
    if "$" in text:
        raise ValueError(f"Grafana would not know what this stands for: {text}")
    return text
