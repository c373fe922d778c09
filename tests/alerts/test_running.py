"""The alerts as a real Prometheus evaluates them, on what the real service tells of itself."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import NamedTuple

import pytest

from ingest.access.audit_log.verdict import judge
from tests.acceptance.fleet import natives, publish
from tests.alerts.documents import ALERTS, RULES
from tests.dashboards.test_promql import metrics_in
from tests.figures.field import Field
from tests.fixtures.broker import Broker
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.fixtures.prometheus import Prometheus
from tests.fixtures.service import ServiceProcess, eventually
from tests.telemetry.test_certificates import certificate


class Watched(NamedTuple):
    """A running service of two workers, its database, and the Prometheus that scrapes it with impatient rules."""

    service: ServiceProcess
    database: Database
    prometheus: Prometheus

    def alerts(self) -> dict[str, dict[str, str]]:
        """What fires now: annotations by name."""
        found = self.prometheus.get("/api/v1/alerts")["alerts"]
        return {alert["labels"]["alertname"]: alert["annotations"] for alert in found if alert["state"] == "firing"}


def impatient(folder: Path) -> Path:
    """The rules as shipped, but that little has to last and everything is looked at each second."""
    text = re.sub(r"(?m)^( +keep_firing_for): \w+$", r"\1: 0s", RULES.read_text(encoding="utf-8"))
    text = re.sub(r"(?m)^( +for): \w+$", r"\1: 4s", text)
    file = folder / "rules.yml"
    file.write_text(text.replace("interval: 30s", "interval: 1s"), encoding="utf-8")
    return file


def sow(database: Database) -> None:
    """A silent gateway, a device behind it and one silent by itself, two days of account, a late measure,
    reminders, a message of the watch that was given up, a verdict."""
    field = Field(database.connect())
    field.uplink(field.device("behind", gateway="hill"), datetime.now(UTC) - timedelta(hours=9))
    field.uplink(field.device("alone"), datetime.now(UTC) - timedelta(hours=9))
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    field.tally(hour - timedelta(hours=48), stored=2, readings_stored=2)
    field.connection.execute(
        "insert into measure (project_id, number, fiscal_year, kind, title, owner, due, state, entered_by)"
        " values (%s, 1, 2025, 'improvement', 'a', 'b', '2025-06-01', 'decided', 'c')",
        (field.project_id,),
    )
    field.connection.execute(
        "insert into report_schedule (project_id, purpose, addresses, entered_by)"
        " values (%s, 'reminder', '{a@city.example.jp}', 'c')",
        (field.project_id,),
    )
    field.connection.execute(
        "insert into watch_delivery (project_id, channel, kind, target, idempotency_key, tries, given_up_at)"
        " values (%s, 'siren', 'webhook', 'https://siren.example.jp/', gen_random_uuid(), 9, now())",
        (field.project_id,),
    )
    judge(field.connection, datetime.now(UTC), Event())
    database.connect().execute("analyze")


@pytest.fixture(scope="module")
def watched(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    database = fresh_database(servers.get(FIRST))
    sow(database)
    folder = tmp_path_factory.mktemp("alerts")
    ca = folder / "ca.pem"
    ca.write_bytes(certificate(datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)))
    for name in ("broker", "service", "prometheus"):
        (folder / name).mkdir()
    settings = {"NOROSHI_DATABASE__DISK": str(folder), "PGSSLROOTCERT": str(ca), "PGSSLMODE": "disable"}
    with Broker(folder / "broker") as broker:
        service = ServiceProcess(folder / "service", database.url, broker.url, settings)
        service._command += ["--workers", "2"]
        service.start()
        prometheus = Prometheus(folder / "prometheus", [f"127.0.0.1:{service.port}"], [impatient(folder)], "2s")
        try:
            asyncio.run(publish(broker.url, list(natives(5, 1))))
            service.wait_settled(5)
            yield Watched(service, database, prometheus)
        finally:
            prometheus.stop()
            service.kill()
            database.postgres.start()
    database.drop()


def test_every_metric_of_every_alert_is_told_by_a_service_that_has_all_it_may_have(watched: Watched) -> None:
    told_in_trouble = {"noroshi_flooding_messages", "noroshi_watch_failing"}  # named only while there is trouble
    for metric in sorted(set().union(*(metrics_in(rule["expr"]) for rule in ALERTS.values())) - told_in_trouble):
        assert watched.prometheus.wait_for(metric, within_s=60), metric


def test_prometheus_evaluates_every_rule(watched: Watched) -> None:
    def told() -> dict[str, str]:
        groups = watched.prometheus.get("/api/v1/rules")["groups"]
        return {rule["name"]: rule.get("lastError", rule["health"]) for group in groups for rule in group["rules"]}

    eventually(lambda: "unknown" not in told().values(), what="each was evaluated once")
    assert told() == dict.fromkeys(ALERTS, "ok")


def test_the_gateway_and_the_device_that_is_silent_by_itself_are_told_in_words(watched: Watched) -> None:
    for name in ("GatewaySilent", "DevicesSilent", "CertificateExpiry", "WatchUndelivered"):
        watched.prometheus.wait_for(f'ALERTS{{alertname="{name}",alertstate="firing"}}', within_s=60)
    said = watched.alerts()
    assert said["GatewaySilent"]["summary"] == "基地局 hill が途絶しています(通信網 lora)"
    assert said["DevicesSilent"]["summary"] == "通信網 lora で 1 台の機器が途絶しています"
    assert said["WatchUndelivered"]["summary"] == "事業 tea の監視の通知が 1 件届いていません(given_up)"
    assert said["CertificateExpiry"]["summary"] == "証明書(database_ca)の期限まで30日を切りました"
    assert "IdentityBroken" not in said


def test_a_database_that_stops_is_one_alert_and_those_that_follow_from_it_are_not_sent(watched: Watched) -> None:
    watched.database.postgres.stop()
    try:
        watched.prometheus.wait_for('ALERTS{alertname="DatabaseUnreachable",alertstate="firing"}', within_s=60)
        watched.prometheus.wait_for('absent(ALERTS{alertname=~"GatewaySilent|DevicesSilent"})', within_s=60)
        assert not watched.alerts().keys() & {"CommitLag", "QueueLag", "HousekeepingLate", "IdentityBroken"}
    finally:
        watched.database.postgres.start()
    watched.prometheus.wait_for('absent(ALERTS{alertname="DatabaseUnreachable"})', within_s=60)


def test_a_service_that_ends_is_one_alert(watched: Watched) -> None:
    watched.service.terminate()
    watched.prometheus.wait_for('ALERTS{alertname="ServiceDown",alertstate="firing"}', within_s=60)
    assert not watched.alerts().keys() & {"DatabaseUnreachable", "BrokerUnreachable", "WorkerDown", "HousekeepingLate"}
