"""Prometheus' rules as Grafana wants them, and its file as text."""

import re
from typing import Any

import yaml

from tests.alerts.documents import Document, groups

FOLDER = "狼煙 通知 Noroshi alerts"
SOURCE = "noroshi-prometheus"
HEADER = """\
# The alerts of deploy/prometheus/rules/noroshi.yml for Grafana, made by `python -m tests.alerts`: edit those.
"""
# Prometheus alerts on whatever an expression finds, also on a nought; Grafana on a number that is not one.
ANYTHING = "is_number($A) || is_nan($A) || is_inf($A)"


def kebab(name: str) -> str:
    """GatewaySilent -> gateway-silent."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def document() -> Document:
    """What Grafana is given: the same groups, the same alerts."""
    return {"apiVersion": 1, "groups": [_group(group) for group in groups()]}


def _group(group: Document) -> Document:
    return {
        "orgId": 1,
        "name": group["name"],
        "folder": FOLDER,
        "interval": group["interval"],
        "rules": [_rule(rule) for rule in group["rules"]],
    }


def _rule(rule: Document) -> Document:
    kept = {"keepFiringFor": rule["keep_firing_for"]} if "keep_firing_for" in rule else {}
    return {
        "uid": f"noroshi-{kebab(rule['alert'])}",
        "title": rule["alert"],
        "condition": "B",
        "data": [_query(rule["expr"]), _math()],
        "noDataState": "OK",  # nothing found: all is well
        "execErrState": "Error",
        "for": rule["for"],
        **kept,
        "missing_series_evals_to_resolve": 1,
        "annotations": {name: text.replace(".Value", ".Values.A.Value") for name, text in rule["annotations"].items()},
        "labels": dict(rule["labels"]),
    }


def _query(expression: str) -> Document:
    return {
        "refId": "A",
        "relativeTimeRange": {"from": 600, "to": 0},
        "datasourceUid": SOURCE,
        "model": {
            "refId": "A",
            "datasource": {"type": "prometheus", "uid": SOURCE},
            "expr": expression,
            "instant": True,
            "range": False,
        },
    }


def _math() -> Document:
    return {
        "refId": "B",
        "datasourceUid": "__expr__",
        "model": {
            "refId": "B",
            "type": "math",
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "expression": ANYTHING,
        },
    }


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the signature is the library's
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def as_text() -> str:
    """The file."""
    return HEADER + yaml.dump(document(), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
