"""The alerts as files: Prometheus' rules, and what Grafana is given."""

from collections.abc import Iterator
from typing import Any

import yaml

from tests.deploy.installation import DEPLOY

RULES = DEPLOY / "prometheus/rules/noroshi.yml"
ALERTING = DEPLOY / "grafana/provisioning/alerting"
GRAFANA_RULES = ALERTING / "rules.yaml"

Document = dict[str, Any]


def load(name: str) -> Document:
    """A file of Grafana's alerting folder."""
    document: Document = yaml.load((ALERTING / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
    return document


def groups() -> list[Document]:
    """Prometheus' groups, in the order of the file."""
    found: list[Document] = yaml.load(RULES.read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]
    return found


def alerts() -> Iterator[Document]:
    """Prometheus' alerts, in the order of the file."""
    for group in groups():
        yield from group["rules"]


ALERTS = {rule["alert"]: rule for rule in alerts()}
"""By name."""
