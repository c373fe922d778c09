"""Grafana is given the same alerts, and what belongs to them, in the form its documentation asks for."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.alerts.documents import ALERTING, ALERTS, GRAFANA_RULES, groups, load
from tests.alerts.grafana import ANYTHING, FOLDER, as_text
from tests.deploy.compose import SERVICES, example, filled_in
from tests.deploy.installation import DEPLOY

DURATION = re.compile(r"\d+[smhd]$")
GROUP = {"orgId": int, "name": str, "folder": str, "interval": str, "rules": list}
RULE = {
    "uid": str, "title": str, "condition": str, "data": list, "noDataState": str, "execErrState": str, "for": str,
    "missing_series_evals_to_resolve": int, "annotations": dict, "labels": dict,
}  # fmt: skip
RULE_TOO = {"keepFiringFor": str}
QUERY = {"refId": str, "datasourceUid": str, "model": dict}
QUERY_TOO = {"relativeTimeRange": dict}
POLICY = {"receiver": str, "group_wait": str, "group_interval": str, "repeat_interval": str}
POLICY_TOO = {"orgId": int, "group_by": list, "object_matchers": list, "routes": list}
FILES = {"rules.yaml": "groups", "contact-points.yaml": "contactPoints", "policies.yaml": "policies"}

Document = dict[str, Any]


def rules() -> dict[str, Document]:
    return {rule["title"]: rule for group in load("rules.yaml")["groups"] for rule in group["rules"]}


def expression(rule: Document) -> str:
    (found,) = [query["model"]["expr"] for query in rule["data"] if "expr" in query["model"]]
    return str(found)


def has_form(part: Document, needed: Mapping[str, type], allowed: Mapping[str, type] | None = None) -> None:
    """Every key it needs, none that is not known, each of its type."""
    known = {**needed, **(allowed or {})}
    assert needed.keys() <= part.keys() <= known.keys()
    assert all(isinstance(value, known[key]) for key, value in part.items())


def texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for value in part.values():
            yield from texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)
    elif isinstance(part, str):
        yield part


def test_both_sets_hold_the_same_alerts_with_the_same_expressions_and_patience() -> None:
    def of_prometheus(rule: Document) -> tuple[Any, ...]:
        return rule["expr"], rule["for"], rule.get("keep_firing_for"), rule["labels"]

    def of_grafana(rule: Document) -> tuple[Any, ...]:
        return expression(rule), rule["for"], rule.get("keepFiringFor"), rule["labels"]

    assert {name: of_grafana(rule) for name, rule in rules().items()} == {
        name: of_prometheus(rule) for name, rule in ALERTS.items()
    }
    mine = [(group["name"], group["interval"], len(group["rules"])) for group in groups()]
    assert [(group["name"], group["interval"], len(group["rules"])) for group in load("rules.yaml")["groups"]] == mine


def test_the_file_is_made_of_the_rules_as_they_are_now() -> None:
    assert GRAFANA_RULES.read_text(encoding="utf-8") == as_text(), "run `python -m tests.alerts`"


@pytest.mark.parametrize("name", ALERTS)
def test_both_say_the_same_where_each_finds_the_number_in_its_own_way(name: str) -> None:
    said = rules()[name]["annotations"]
    assert {key: text.replace(".Values.A.Value", ".Value") for key, text in said.items()} == ALERTS[name]["annotations"]


def test_the_folder_holds_what_grafana_looks_for_and_nothing_else() -> None:
    assert {file.name for file in ALERTING.iterdir()} == set(FILES)
    for name, key in FILES.items():
        assert load(name).keys() == {"apiVersion", key}
        assert load(name)["apiVersion"] == 1


@pytest.mark.parametrize("group", load("rules.yaml")["groups"], ids=lambda group: group["name"])
def test_a_group_has_the_form_grafana_documents(group: Document) -> None:
    has_form(group, GROUP)
    assert group["folder"] == FOLDER
    assert DURATION.match(group["interval"])
    for rule in group["rules"]:
        has_form(rule, RULE, RULE_TOO)
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", rule["uid"])
        assert DURATION.match(rule["for"])
        assert rule["noDataState"] in {"NoData", "Alerting", "OK"}
        assert rule["execErrState"] in {"Error", "Alerting", "OK"}


@pytest.mark.parametrize("rule", rules().values(), ids=rules())
def test_a_rule_asks_the_provisioned_prometheus_and_fires_on_whatever_it_finds(rule: Document) -> None:
    for query in rule["data"]:
        has_form(query, QUERY, QUERY_TOO)
        assert query["model"]["refId"] == query["refId"]
    asked, interpreted = rule["data"]
    (source,) = [each["uid"] for each in datasources() if each["type"] == "prometheus"]
    assert asked["datasourceUid"] == asked["model"]["datasource"]["uid"] == source
    assert asked["model"]["instant"] is True
    assert asked["relativeTimeRange"]["from"] > asked["relativeTimeRange"]["to"]
    assert interpreted["datasourceUid"] == interpreted["model"]["datasource"]["uid"] == "__expr__"
    assert (interpreted["model"]["type"], interpreted["model"]["expression"]) == ("math", ANYTHING)
    assert rule["condition"] == interpreted["refId"]
    assert f"${asked['refId']}" in ANYTHING


def datasources() -> list[Document]:
    file = DEPLOY / "grafana/provisioning/datasources/noroshi.yaml"
    found: list[Document] = yaml.safe_load(file.read_text(encoding="utf-8"))["datasources"]
    return found


def test_uids_are_told_apart() -> None:
    uids = [rule["uid"] for rule in rules().values()]
    assert len(set(uids)) == len(uids)


def test_the_folder_of_the_alerts_is_not_the_one_the_dashboards_make() -> None:
    file = DEPLOY / "grafana/provisioning/dashboards/noroshi.yaml"
    providers = yaml.safe_load(file.read_text(encoding="utf-8"))["providers"]
    assert FOLDER not in {provider["folder"] for provider in providers}


def contact_points() -> list[Document]:
    found: list[Document] = load("contact-points.yaml")["contactPoints"]
    return found


def test_a_contact_point_has_the_form_grafana_documents() -> None:
    for point in contact_points():
        has_form(point, {"orgId": int, "name": str, "receivers": list})
        for receiver in point["receivers"]:
            has_form(receiver, {"uid": str, "type": str, "settings": dict, "disableResolveMessage": bool})
            assert receiver["type"] == "email"
            has_form(receiver["settings"], {"addresses": str, "singleEmail": bool, "subject": str, "message": str})


def test_the_only_variables_are_two_addresses_and_without_them_mail_leads_nowhere() -> None:
    names = {name for text in texts(load("contact-points.yaml")) for name in re.findall(r"\$\{?(\w+)", text)}
    given = SERVICES["grafana"]["environment"]
    assert names == {"ALERT_EMAIL", "PAGES_URL"}
    assert names <= given.keys()
    assert filled_in(given["PAGES_URL"], {}) == "http://127.0.0.1:8080"
    assert filled_in(given["ALERT_EMAIL"], {}) == "nobody@localhost"
    assert filled_in(given["ALERT_EMAIL"], {"ALERT_EMAIL": "kakari@example.jp"}) == "kakari@example.jp"
    assert "ALERT_EMAIL" in example()


def test_every_alert_finds_its_way_to_somebody() -> None:
    (policy,) = load("policies.yaml")["policies"]
    names = {point["name"] for point in contact_points()}
    severities = {"critical", "warning", "info"}
    has_form(policy, POLICY, POLICY_TOO)
    assert policy["receiver"] in names
    assert policy["group_by"] == ["grafana_folder", "alertname"]
    for route in policy["routes"]:
        has_form(route, POLICY, POLICY_TOO)
        ((label, operator, value),) = route["object_matchers"]
        assert (label, operator) == ("severity", "=")
        assert value in severities
        assert route["receiver"] in names
    for part in (policy, *policy["routes"]):
        assert all(DURATION.match(part[key]) for key in ("group_wait", "group_interval", "repeat_interval"))


def test_our_alerts_are_never_called_what_only_an_authority_may_call_its_own() -> None:
    assert not any(re.search("警報|予報", file.read_text(encoding="utf-8")) for file in ALERTING.iterdir())
