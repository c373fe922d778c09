"""Every PromQL query of the dashboards asks for metrics that exist, and a real Prometheus answers it."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, ProcessCollector

from ingest.simulator.publisher import Publisher
from ingest.telemetry.metrics import COUNTERS, GAUGES, HISTOGRAMS, LABELLED, PREFIX
from ingest.watch.metrics import WATCH_COUNTERS
from tests.acceptance.fleet import document, natives, register, topic
from tests.dashboards.documents import PROMETHEUS, Question, column_names, expand_promql, questions
from tests.fixtures.broker import Broker
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.fixtures.prometheus import Prometheus
from tests.fixtures.service import ServiceProcess

QUESTIONS = list(questions(PROMETHEUS))
MESSAGES = 50
OF_PROMETHEUS = {"up"}


def catalogue() -> set[str]:
    """Every name a scrape of the service can bring."""
    histograms = {f"{PREFIX}_{name}_{part}" for name in HISTOGRAMS for part in ("bucket", "sum", "count")}
    counters = {f"{PREFIX}_{name}_total" for name in (*COUNTERS, *WATCH_COUNTERS, "quarantined")}
    process = {
        sample.name for metric in ProcessCollector(registry=CollectorRegistry()).collect() for sample in metric.samples
    }
    return histograms | counters | {f"{PREFIX}_{name}" for name in (*GAUGES, *LABELLED, "info")} | process


def metrics_in(expression: str) -> set[str]:
    """The metric names in an expression."""
    return set(re.findall(r"\b(?:noroshi|process)_\w+|\bup\b", expression))


each_question = pytest.mark.parametrize("question", QUESTIONS, ids=[question.where for question in QUESTIONS])


@each_question
def test_a_query_asks_only_for_metrics_of_the_catalogue(question: Question) -> None:
    assert metrics_in(question.text)
    assert metrics_in(question.text) <= catalogue() | OF_PROMETHEUS


def test_every_number_of_the_catalogue_is_on_the_dashboard() -> None:
    shown = set().union(*(metrics_in(question.text) for question in QUESTIONS))
    wanted = {f"{PREFIX}_{name}_total" for name in COUNTERS} | {f"{PREFIX}_{name}" for name in GAUGES}
    assert wanted - shown == set()
    assert {name for name in HISTOGRAMS if not any(f"_{name}_" in metric for metric in shown)} == set()


async def feed(broker_url: str) -> None:
    """Good messages, the same ones again, and junk."""
    good = list(natives(MESSAGES, 5))
    async with Publisher(broker_url, "test-field") as publisher:
        await publisher.publish_many([*good, *good, (topic(0), b"junk")])


@pytest.fixture(scope="module")
def watched(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that scrapes a running service, which has stored, known again and set aside."""
    database = fresh_database(servers.get(FIRST))
    register(database.url, document(5))
    folder = tmp_path_factory.mktemp("watched")
    (folder / "broker").mkdir()
    (folder / "service").mkdir()
    (folder / "prometheus").mkdir()
    with Broker(folder / "broker") as broker:
        service = ServiceProcess(folder / "service", database.url, broker.url, {}).start()
        prometheus = Prometheus(folder / "prometheus", [f"127.0.0.1:{service.port}"], (), "200ms")
        try:
            prometheus.wait_for("noroshi_info")  # seen empty first, so that what comes is an increase
            asyncio.run(feed(broker.url))
            service.wait_settled(2 * MESSAGES + 1)
            yield prometheus
        finally:
            prometheus.stop()
            service.kill()
    database.drop()


def test_a_wrong_query_is_noticed(watched: Prometheus) -> None:
    with pytest.raises(ValueError, match="parse error"):
        watched.query("sum(noroshi_info")


@each_question
def test_prometheus_answers_a_query_with_what_its_panel_shows(watched: Prometheus, question: Question) -> None:
    answer = watched.wait_for(expand_promql(question.text))
    labels = set().union(*(series["metric"] for series in answer)) | {"Value"}
    if "noroshi_info" in question.text:
        labels |= {"timescaledb"}  # empty on this tier, and an empty label is none to Prometheus
    assert set(column_names(question.panel)) <= labels


def test_the_balance_is_zero(watched: Prometheus) -> None:
    (balance,) = [question for question in QUESTIONS if question.panel["title"] == "収支の差"]
    assert watched.value("sum(noroshi_messages_received_total)") == 2 * MESSAGES + 1
    assert watched.value(expand_promql(balance.text)) == 0
