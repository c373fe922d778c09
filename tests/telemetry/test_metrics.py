"""The metrics are the catalogue, and a real Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from ingest.account import Account, Ledger, Outcome
from ingest.telemetry.metrics import COUNTERS, GAUGES, HISTOGRAMS, LABELLED, Metrics
from schemas.rejection import RejectionReason
from tests.acceptance.fleet import document, native, publish, register, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.prometheus import StartPrometheus
from tests.fixtures.service import StartService

OURS = dict.fromkeys(GAUGES, 0.0) | {"broker_connects": 3.0}
SEEN = {
    "housekeeping_last_success_timestamp_seconds:rollups": 7.0,
    "housekeeping_interval_seconds:rollups": 30.0,
    "housekeeping_last_duration_seconds:rollups": 1.5,
    "housekeeping_failing:rollups": 0.0,
    "devices_silent:tea/lora": 5.0,
    "devices_silent_alone:tea/lora": 2.0,
    "gateway_silent:tea/lora/hill": 1.0,
    "flooding_messages:noroshi/v1/tea/hill/up": 3.0,
    "outages_open:tea/device": 2.0,
    "plan_measures_due:tea": 2.0,
    "plan_measures_late:tea": 1.0,
    "report_deliveries_failed:tea": 2.0,
    "report_deliveries_in_doubt:tea": 1.0,
    "trouble_since_timestamp_seconds:broker": 1_795_900_000.0,
    "watch_up:": 1.0,
    "watch_active:": 1.0,
    "watch_lag_seconds:": 0.05,
    "watch_notes_waiting:": 1.0,
    "watch_series:": 12.0,
    "watch_deliveries_waiting:": 2.0,
    "watch_failing:silence": 1.0,
    "watch_undelivered:tea/given_up": 2.0,
    "watch_resident_memory_bytes:": 9e7,
    "disk_free_bytes:": 5e9,
    "disk_days_left:": 120.0,
    "database_policies_failing:": 0.0,
    "audit_faults:": 2.0,
    "audit_verified_timestamp_seconds:": 1_795_900_000.0,
}


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
    labelled = {name: meaning for name, (_, meaning) in LABELLED.items()}
    for name, meaning in {**COUNTERS, **GAUGES, **HISTOGRAMS, **labelled}.items():
        assert families[f"noroshi_{name}"].documentation == meaning
    reasons = {sample.labels["reason"] for sample in families["noroshi_quarantined"].samples}
    assert reasons == {reason.value for reason in RejectionReason}


def test_what_was_seen_has_its_labels_and_what_nobody_has_seen_is_absent() -> None:
    def samples(seen: dict[str, float]) -> dict[str, list[tuple[dict[str, str], float]]]:
        text = Metrics(Ledger(), lambda: OURS | seen, {"version": "1"}).text().decode()
        return {
            family.name.removeprefix("noroshi_"): [(sample.labels, sample.value) for sample in family.samples]
            for family in text_string_to_metric_families(text)
        }

    found = samples(SEEN)
    assert found["gateway_silent"] == [({"project": "tea", "network": "lora", "gateway": "hill"}, 1.0)]
    assert found["devices_silent_alone"] == [({"project": "tea", "network": "lora"}, 2.0)]
    assert found["housekeeping_interval_seconds"] == [({"task": "rollups"}, 30.0)]
    assert found["disk_days_left"] == [({}, 120.0)]
    assert found["flooding_messages"] == [({"topic": "noroshi/v1/tea/hill/up"}, 3.0)]
    assert all(found[name] for name in LABELLED)
    assert not any(samples({})[name] for name in LABELLED)


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
