"""Every alert fires when it should and only then: judged by promtool, with the rules as they are shipped."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ingest.service.workers.metrics import WORKER_GAUGES
from ingest.telemetry.certificates import NAME as CERTIFICATES
from ingest.telemetry.metrics import PREFIX
from tests.alerts.cases import CASES, LABELS, Case
from tests.alerts.documents import ALERTS, RULES
from tests.alerts.grafana import kebab
from tests.dashboards.test_promql import OF_PROMETHEUS, catalogue, metrics_in
from tests.fixtures.prometheus import Promtool

SERIES = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>.*)\})?$")
each_alert = pytest.mark.parametrize("name", ALERTS)


def full(series: str) -> str:
    """With the prefix, job and instance that every metric of a case has."""
    found = SERIES.match(series)
    assert found
    name = found["name"] if found["name"] == "up" else f"noroshi_{found['name']}"
    labels = [found["labels"]] if found["labels"] else []
    labels += [f'{label}="{value}"' for label, value in (("job", "noroshi"), ("instance", "a")) if label not in series]
    return f"{name}{{{','.join(labels)}}}"


def unit_test(case: Case) -> dict[str, Any]:
    firing = f'count by ({LABELS}) (ALERTS{{alertname="{case.alert}", alertstate="firing"}})'
    return {
        "name": case.says,
        "interval": "30s",
        "input_series": [{"series": full(name), "values": values} for name, values in case.series.items()],
        "promql_expr_test": [
            {
                "expr": firing,
                "eval_time": case.after,
                "exp_samples": [{"labels": labels, "value": 1} for labels in case.firing],
            }
        ],
    }


def test_promtool_accepts_the_rules(promtool: Promtool) -> None:
    done = promtool("check", "rules", RULES)
    assert done.returncode == 0, done.stderr
    assert f"{len(ALERTS)} rules found" in done.stdout


@each_alert
def test_an_alert_fires_when_it_should_and_only_then(promtool: Promtool, tmp_path: Path, name: str) -> None:
    tests = [unit_test(case) for case in CASES if case.alert == name]
    file = tmp_path / "cases.yml"
    file.write_text(
        json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "30s", "tests": tests}), encoding="utf-8"
    )  # JSON is YAML
    done = promtool("test", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


@each_alert
def test_an_alert_is_seen_to_fire_and_not_to_fire(name: str) -> None:
    firing = [bool(case.firing) for case in CASES if case.alert == name]
    assert any(firing)
    assert firing.count(False) >= 2


@pytest.mark.parametrize("case", [case for case in CASES if case.firing], ids=lambda case: f"{case.alert}: {case.says}")
def test_the_texts_of_an_alert_name_only_labels_that_it_has(case: Case) -> None:
    for text in ALERTS[case.alert]["annotations"].values():
        for label in re.findall(r"\.Labels\.(\w+)", text):  # one that is missing would read [no value]
            assert all(f'{label}="' in labels for labels in case.firing)


@each_alert
def test_an_alert_says_what_it_means_and_what_to_do_in_both_languages(name: str) -> None:
    rule = ALERTS[name]
    said = rule["annotations"]
    assert set(said) == {"summary", "description", "summary_en", "runbook", "runbook_en"}
    assert re.search(r"[ぁ-ん]", said["summary"])
    assert 1 <= said["description"].count("。") <= 3
    assert said["description"].endswith("。")
    assert said["summary_en"].isascii()
    assert said["runbook"] == f"docs/operators.ja.md#{kebab(name)}"
    assert said["runbook_en"] == f"docs/operators.md#{kebab(name)}"
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert "$" not in "".join(said.values())  # Grafana would put a variable of its environment there


def test_our_alerts_are_never_called_what_only_an_authority_may_call_its_own() -> None:
    assert not re.search("警報|予報", RULES.read_text(encoding="utf-8"))


@each_alert
def test_an_alert_asks_for_metrics_that_exist(name: str) -> None:
    known = catalogue() | OF_PROMETHEUS | {f"{PREFIX}_{metric}" for metric in (*WORKER_GAUGES, CERTIFICATES)}
    assert metrics_in(ALERTS[name]["expr"]) <= known
