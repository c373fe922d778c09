"""The metrics are the catalogue, and a real Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from ingest.ledger import Ledger
from ingest.operate.metrics import COUNTERS, GAUGES, HISTOGRAMS, Metrics
from ingest.store.outcome import Account, Outcome
from schemas.rejection import RejectionReason
from tests.acceptance.fleet import document, native, publish, register, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.prometheus import StartPrometheus
from tests.fixtures.service import StartService

OURS = dict.fromkeys(GAUGES, 0.0) | {"broker_connects": 3.0}


def metrics_of(ledger: Ledger) -> dict[str, float]:
    text = Metrics(ledger, lambda: dict(OURS), {"version": "1"}).text().decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "reason" not in sample.labels
    }


def test_every_metric_of_the_catalogue_is_exported_with_its_meaning() -> None:
    families = {
        family.name: family
        for family in text_string_to_metric_families(
            Metrics(Ledger(), lambda: dict(OURS), {"version": "1"}).text().decode()
        )
    }
    for name, meaning in {**COUNTERS, **GAUGES, **HISTOGRAMS}.items():
        assert families[f"noroshi_{name}"].documentation == meaning
    reasons = {sample.labels["reason"] for sample in families["noroshi_quarantined"].samples}
    assert reasons == {reason.value for reason in RejectionReason}


def test_the_identity_is_computed_from_one_look_at_the_ledger() -> None:
    ledger = Ledger()
    ledger.received = 10
    ledger.settle(Outcome({1: Account(stored=4, duplicate=1, quarantined=2, readings_offered=9, readings_stored=9)}))
    metrics = metrics_of(ledger)
    assert metrics["noroshi_messages_in_flight"] == 3
    assert metrics["noroshi_messages_stored_total"] == 4
    assert metrics["noroshi_readings_stored_total"] == 9


async def test_a_real_prometheus_reads_the_real_service(
    any_database: Database, mosquitto: Broker, start_service: StartService, prometheus: StartPrometheus
) -> None:
    register(any_database.url, document(2))
    service = start_service(any_database.url, mosquitto.url)
    await publish(mosquitto.url, [*(native(n, 2) for n in range(10)), (topic(0), b"junk")])
    service.wait_settled(11)
    server = prometheus([f"127.0.0.1:{service.port}"], interval="1s")
    balance = (
        "noroshi_messages_received_total == noroshi_messages_stored_total + noroshi_messages_duplicate_total"
        " + noroshi_messages_quarantined_total + noroshi_messages_in_flight"
    )
    assert server.wait_for(f"({balance}) == 11")
    assert server.value('noroshi_quarantined_total{reason="not_json"}') == 1
    assert server.value("noroshi_broker_connected") == 1
