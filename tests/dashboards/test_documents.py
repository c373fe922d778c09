"""The dashboards are whole, readable and say what they are for."""

import json
import re
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
import yaml

from ingest.figures.model import State
from ingest.watch.deeds.by_mqtt import AckRefusal
from schemas.device import NetworkKind
from schemas.rejection import RejectionReason
from tests.dashboards.documents import (
    FILES,
    FOLDER,
    POSTGRESQL,
    PROMETHEUS,
    REPOSITORY,
    Json,
    column_names,
    everything,
    expand_promql,
    expand_sql,
    load,
    panels,
    properties,
    questions,
    variables,
)

CORE_PANELS = {"stat", "table", "timeseries", "gauge", "bargauge", "barchart", "text", "row", "state-timeline"}
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
STEMS = ("overview", "radio", "farming", "disaster", "device", "plan", "ingest", "watch")
UIDS = {stem: f"noroshi-{stem}" for stem in STEMS}
PERIOD = "${__url_time_range}"
ENOUGH = {"30s", "5m"}
"""Sums of hours and days need not be asked for twice a minute."""

each_file = pytest.mark.parametrize("document", [load(file) for file in FILES], ids=[file.stem for file in FILES])


def test_the_uids_are_the_ones_that_links_and_bookmarks_know() -> None:
    assert {file.stem: load(file)["uid"] for file in FILES} == UIDS


@each_file
def test_a_dashboard_keeps_japanese_time_and_refreshes(document: Json) -> None:
    assert document["timezone"] == "Asia/Tokyo"
    assert document["refresh"] in ENOUGH
    assert JAPANESE.search(document["title"])


@each_file
def test_every_panel_has_a_japanese_title_and_its_question_in_both_languages(document: Json) -> None:
    for panel in panels(document):
        japanese, english = panel["description"].split("\n")
        assert JAPANESE.search(japanese), panel["title"]
        assert not JAPANESE.search(english), panel["title"]
        assert JAPANESE.search(panel["title"]) or panel["title"] == "CPU"


@each_file
def test_no_two_panels_lie_on_each_other_and_none_leaves_the_grid(document: Json) -> None:
    places = [(panel["title"], panel["gridPos"]) for panel in everything(document)]
    for _, place in places:
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
    for (one, a), (other, b) in combinations(places, 2):
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        assert apart, (one, other)


def test_what_counts_whole_months_is_not_asked_again_every_thirty_seconds() -> None:
    open_panels = [panel for stem in ("overview", "plan") for panel in load(FOLDER / f"{stem}.json")["panels"]]
    asked = [target["rawSql"] for panel in open_panels for target in panel.get("targets", [])]
    assert not [text for text in asked if "figure_usage" in text or "figure_months" in text]


@each_file
def test_panel_numbers_are_used_once(document: Json) -> None:
    ids = [panel["id"] for panel in everything(document)]
    assert len(ids) == len(set(ids))


@each_file
def test_only_panels_that_come_with_grafana_are_used(document: Json) -> None:
    assert {panel["type"] for panel in everything(document)} <= CORE_PANELS


@each_file
def test_the_data_source_is_chosen_on_the_page_and_never_fixed(document: Json) -> None:
    known = {f"${{{name}}}": variable["query"] for name, variable in variables(document).items()}
    for panel in panels(document):
        for source in (panel["datasource"], *(target["datasource"] for target in panel["targets"])):
            assert source["type"] in {POSTGRESQL, PROMETHEUS}
            assert known[source["uid"]] == source["type"], panel["title"]


@each_file
def test_every_panel_says_what_an_empty_answer_means(document: Json) -> None:
    for panel in panels(document):
        defaults = panel["fieldConfig"]["defaults"]
        assert JAPANESE.search(defaults["noValue"]), panel["title"]
        assert isinstance(defaults["decimals"], int)
        assert defaults["thresholds"]["steps"][0]["value"] is None


def overridden(panel: Json) -> list[tuple[str, Any]]:
    rules = panel["fieldConfig"]["overrides"]
    return [(setting["id"], setting["value"]) for rule in rules for setting in rule["properties"]]


@each_file
def test_every_named_column_has_a_japanese_name(document: Json) -> None:
    for panel in panels(document):
        names = [value for setting, value in overridden(panel) if setting == "displayName"]
        assert len(names) == len(set(names)), panel["title"]
        assert all(JAPANESE.search(name) or name in {"PostgreSQL", "TimescaleDB", "SF"} for name in names)


def shows_refusals(panel: Json) -> bool:
    """Whether its reasons are those of acknowledgements by MQTT that were not taken."""
    return "noroshi_watch_acks_refused" in json.dumps(panel["targets"])


def test_each_reason_for_which_an_acknowledgement_is_refused_has_its_words() -> None:
    (panel,) = (panel for file in FILES for panel in panels(load(file)) if shows_refusals(panel))
    (rule,) = (rule for rule in panel["fieldConfig"]["overrides"] if rule["matcher"]["options"] == "reason")
    texts = {value: shown["text"] for value, shown in properties(rule)["mappings"][0]["options"].items()}
    assert texts.keys() == {*AckRefusal}
    assert all(JAPANESE.search(text) for text in texts.values())


def words_of(kind: type[State | RejectionReason | NetworkKind]) -> dict[str, str]:
    return {member.value: member.label.ja for member in kind}


@pytest.mark.parametrize(
    ("column", "words"),
    [("state", words_of(State)), ("reason", words_of(RejectionReason)), ("network_kind", words_of(NetworkKind))],
)
def test_codes_are_shown_in_the_words_of_the_pages_and_reports_and_none_is_missing(
    column: str, words: dict[str, str]
) -> None:
    found = 0
    for panel in (panel for file in FILES for panel in panels(load(file)) if not shows_refusals(panel)):
        for rule in panel["fieldConfig"]["overrides"]:
            if rule["matcher"]["options"] == column:
                settings = properties(rule)
                options = settings["mappings"][0]["options"]
                assert {value: shown["text"] for value, shown in options.items()} == words, panel["title"]
                found += 1
    assert found


def test_counts_by_state_are_called_as_the_pages_call_them() -> None:
    (panel,) = [panel for panel in panels(load(FOLDER / "overview.json")) if panel["title"] == "機器の状態"]
    names = [value for setting, value in overridden(panel) if setting == "displayName"]
    assert names == [State(name).label.ja for name in column_names(panel)]


def test_links_between_the_dashboards_lead_to_one_that_is_there() -> None:
    for file in FILES:
        links = [link["url"] for link in load(file)["links"] if link["url"].startswith("/d/")]
        inside = [url.removeprefix("/d/").partition("?")[0] for url in links]
        assert inside == [uid for stem, uid in UIDS.items() if stem != file.stem]


def drill_downs(panel: Json) -> list[str]:
    links = [value for setting, value in overridden(panel) if setting == "links"]
    return [link["url"] for several in links for link in several if link["url"].startswith("/d/")]


def test_a_click_on_a_network_a_gateway_or_a_device_leads_one_step_down_with_variables_and_columns_that_exist() -> None:
    by_uid = {UIDS[file.stem]: variables(load(file)) for file in FILES}
    found = set()
    for panel in (panel for file in FILES for panel in panels(load(file))):
        for url in drill_downs(panel):
            uid, query = url.removeprefix("/d/").split("?")
            parts = [part for part in query.split("&") if part != PERIOD]
            passed = dict(part.removeprefix("var-").split("=") for part in parts)
            assert set(passed) <= set(by_uid[uid]), url
            fields = [re.fullmatch(r"\$\{__data\.fields\.(\w+)\}", value) for value in passed.values()]
            assert {field.group(1) for field in fields if field} <= set(column_names(panel)), panel["title"]
            assert all(fields)
            found.add((uid, list(passed)[-1]))
    assert found == {("noroshi-radio", "network"), ("noroshi-radio", "gateway"), ("noroshi-device", "device")}


def test_every_variable_that_a_query_names_is_on_its_dashboard_and_every_one_there_is_used() -> None:
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        named = {name for name in re.findall(r"\$\{?(\w+)", text) if not name.startswith("__")}
        assert named == set(variables(load(file))), file.stem


def test_a_query_reads_figures_and_leaves_tables_to_them() -> None:
    for question in questions(POSTGRESQL):
        if question.panel:
            sources = re.findall(r"(?:from|join) (?:lateral )?(\w+)", question.text)
            assert {name for name in sources if not name.startswith("figure_")} <= {"unnest", "lateral"}, question.where


def test_a_dashboard_asks_no_other_machine_for_anything() -> None:
    for file in FILES:
        assert re.findall(r"https?://[^\"/ ]+", file.read_text(encoding="utf-8")) == []


def test_our_own_signals_are_not_called_by_the_words_of_the_weather_service() -> None:
    for file in (*FILES, FOLDER / "README.md"):
        assert not re.search("警報|注意報|予報", file.read_text(encoding="utf-8"))


def test_the_readme_says_of_every_dashboard_which_questions_it_answers() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for file in FILES:
        document = load(file)
        assert file.name in text
        assert document["title"] in text
        for panel in panels(document):
            assert panel["title"] in text, panel["title"]


def test_the_provisioning_names_the_types_that_the_dashboards_ask_for() -> None:
    file = REPOSITORY / "deploy/grafana/provisioning/datasources/noroshi.yaml"
    sources = yaml.safe_load(file.read_text(encoding="utf-8"))["datasources"]
    asked = {v["query"] for f in FILES for v in variables(load(f)).values() if v["type"] == "datasource"}
    assert {source["type"] for source in sources} == asked


def test_what_grafana_would_not_know_is_not_let_pass() -> None:
    now = datetime.now(UTC)
    with pytest.raises(ValueError, match="would not know"):
        expand_sql("select ${projekt:sqlstring}", {"project": ["a"]}, now)
    with pytest.raises(ValueError, match="would not know"):
        expand_promql("rate(x[$__rate])")
    assert expand_sql("x in (${project:sqlstring})", {"project": ["a", "o'b"]}, now) == "x in ('a','o''b')"


def test_the_files_are_written_for_readers() -> None:
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert "\\u" not in text
        assert json.loads(text)
        assert max(map(len, text.splitlines())) < 1000
