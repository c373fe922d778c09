"""The catalogue of metrics: every name, its meaning, and the source of its number."""

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.account import Ledger
from schemas.rejection import RejectionReason

PREFIX = "noroshi"

COUNTERS: dict[str, str] = {
    "messages_received": "Messages taken from the broker: received = stored + duplicate + quarantined + in_flight",
    "messages_stored": "Messages understood and committed; some of their readings may be in quarantine",
    "messages_duplicate": "Messages that were stored before and came again",
    "messages_quarantined": "Messages set aside as a whole, committed to quarantine",
    "readings_offered": "Readings brought by messages. offered = stored + duplicate + conflict + quarantined",
    "readings_stored": "Readings committed",
    "readings_duplicate": "Readings that were there already with the same value",
    "readings_conflict": "Readings that were there already with another value: the first counts, this is recorded",
    "readings_quarantined": "Single readings set aside while their message was stored",
    "batches": "Transactions committed",
    "batches_merged": "Batches that held something already stored and took the careful way",
    "batch_splits": "Times a batch was halved because the database refused a row of it",
    "store_failures": "Attempts to write a batch that failed and will be repeated",
    "broker_connects": "Connections made to the broker; each one after the first is a reconnect",
    "payload_bytes": "Payload bytes of committed messages",
}

GAUGES: dict[str, str] = {
    "messages_in_flight": "Messages received and not yet committed",
    "intake_held_messages": "Messages in memory, received or waiting to be read; bounded by intake.window_messages",
    "oldest_unacknowledged_seconds": "Age of the oldest message that is not yet committed; 0 when there is none",
    "last_commit_timestamp_seconds": "When the last batch was committed, in seconds since 1970; 0 before the first",
    "broker_connected": "1 while the broker answers and our subscriptions stand",
    "durable_lag_seconds": "Age of the newest measurement that came from the broker's queue; 0 while it is empty",
    "fresh_lane": "1 while what is new goes first because the broker's queue lags (intake.fresh_lag_s)",
    "store_available": "1 while the last attempt to write succeeded",
    "database_reachable": "1 while the database answers, also when there is nothing to write",
    "ready": "1 while messages are taken and stored, as /readyz says",
    "database_clock_apart_seconds": "Difference between our clock and the database's, at least",
    "sparkplug_births_kept": "Metrics in the births kept of Sparkplug nodes; bounded by sparkplug.max_metrics_in_all",
    "sparkplug_births_refused": "Births of Sparkplug nodes over a limit since the start; the log names the nodes",
    "registry_version": "Version of the registry in use",
    "registry_devices": "Devices in the registry in use",
    "rollup_due_units": "Hours of devices whose sums wait to be computed again; readers get them right meanwhile",
    "rollup_lag_seconds": "Age of the hours that are closed and summed up; two hours is usual",
}

LAST_SUCCESS = "housekeeping_last_success_timestamp_seconds"
INTERVAL = "housekeeping_interval_seconds"
LAST_DURATION = "housekeeping_last_duration_seconds"
FAILING = "housekeeping_failing"

LABELLED: dict[str, tuple[tuple[str, ...], str]] = {
    LAST_SUCCESS: (("task",), "When a job of the housekeeping last succeeded, in seconds since 1970; 0 if never"),
    INTERVAL: (("task",), "How often a job of the housekeeping is to run"),
    LAST_DURATION: (("task",), "How long the last run of a job of the housekeeping took"),
    FAILING: (("task",), "1 while the last run of a job of the housekeeping failed; it is tried again by itself"),
    "devices_silent": (("project", "network"), "Devices in season, silent for more than three of their own intervals"),
    "devices_silent_alone": (("project", "network"), "Of the silent devices, those not behind a silent gateway"),
    "gateway_silent": (("project", "network", "gateway"), "1 while a gateway is silent, or says that it is offline"),
    "outages_open": (
        ("project", "level"),
        "Outages that last, as the list of outages has them; those of a silent gateway are one",
    ),
    "flooding_messages": (
        ("topic",),
        "Messages of a device that floods, not taken as they came; named for 15 minutes",
    ),
    "trouble_since_timestamp_seconds": (("trouble",), "Since when something is wrong, as the pages say; else absent"),
    "plan_measures_due": (("project",), "Improvement measures to be done by today, and not done"),
    "plan_measures_late": (("project",), "Of these measures, those whose day is over"),
    "report_deliveries_failed": (("project",), "E-mails with reports or reminders that were given up, not seen to"),
    "report_deliveries_in_doubt": (("project",), "E-mails of which nobody knows whether they arrived, not seen to"),
    "watch_up": ((), "1 while the process of the watch runs and answers"),
    "watch_active": ((), "1 while it is this service's process that watches; of several services one does"),
    "watch_lag_seconds": ((), "Age of the oldest committed readings that nobody has watched yet"),
    "watch_notes_waiting": ((), "Batches of committed readings that nobody has watched yet"),
    "watch_series": ((), "Rules of series that are in the memory of the watch"),
    "watch_deliveries_waiting": ((), "Messages to people and machines that are due and not sent"),
    "watch_undelivered": (
        ("project", "state"),
        "Messages of the watch: given up or in doubt within the last hour, or overdue: not taken for ten minutes",
    ),
    "watch_failing": (("what",), "1 while a part of the watch fails; it is tried again by itself"),
    "watch_resident_memory_bytes": ((), "Memory of the process of the watch; it is ended above watch.memory_mib"),
    "disk_free_bytes": ((), "Free space on the disk of the database, where it is seen from here"),
    "disk_days_left": ((), "Days until the disk of the database is full at the present rate"),
    "audit_faults": ((), "Faults of the audit log when its chain was verified last; 0: the chain is whole"),
    "audit_verified_timestamp_seconds": ((), "When the chain of the audit log was verified last"),
    "database_policies_failing": ((), "Policies of TimescaleDB that failed last time or are late"),
}
"""Gauges with their labels. One without a value yet is absent. Values come under keys `name:label/label`."""

HISTOGRAMS: dict[str, str] = {
    "batch_write_seconds": "Time to write and commit a batch",
    "batch_messages": "Messages in a batch",
    "commit_lag_seconds": "From receipt to commit, of the oldest message of each batch",
}

QUARANTINED_BY_REASON = "Rows written to quarantine, by reason"
INFO = "Versions in use: noroshi, postgresql, timescaledb"

_LATENCY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 4000, 8000)


class Metrics:
    """The metrics in a registry of their own, so that no library adds others."""

    def __init__(self, ledger: Ledger, gauges: Callable[[], dict[str, float]], versions: dict[str, str]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.store_failures = 0
        self.last_commit_s = 0.0
        self._ledger = ledger
        self._gauges = gauges
        self._versions = versions
        self._write_seconds = self._histogram("batch_write_seconds", _LATENCY)
        self._batch_messages = self._histogram("batch_messages", _SIZES)
        self._commit_lag = self._histogram("commit_lag_seconds", _LATENCY)
        self.registry.register(_Account(self))

    def _histogram(self, name: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", HISTOGRAMS[name], buckets=buckets, registry=self.registry)

    def observe_batch(self, messages: int, write_s: float, lag_s: float, committed_at_s: float) -> None:
        """Note a committed batch: its size, the time it took, how long its oldest message waited, and when."""
        self.last_commit_s = committed_at_s
        self._batch_messages.observe(messages)
        self._write_seconds.observe(write_s)
        self._commit_lag.observe(max(lag_s, 0.0))

    def text(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)

    def collect(self) -> Iterable[Metric]:
        """The metrics that are read from the ledger and the running service at the time of the scrape."""
        ledger = self._ledger
        settled = ledger.settled  # read once, before `received`: the balance holds even if the loop goes on meanwhile
        received = ledger.received
        values = self._gauges() | {
            "messages_received": received,
            "messages_in_flight": received - settled.settled,
            "batches": ledger.batches,
            "batches_merged": ledger.merged_batches,
            "batch_splits": ledger.splits,
            "store_failures": self.store_failures,
            "last_commit_timestamp_seconds": self.last_commit_s,
        }
        for name, meaning in COUNTERS.items():
            value = values[name] if name in values else getattr(settled, name.removeprefix("messages_"))
            yield CounterMetricFamily(f"{PREFIX}_{name}", meaning, value=value)
        for name, meaning in GAUGES.items():
            yield GaugeMetricFamily(f"{PREFIX}_{name}", meaning, value=values[name])
        reasons = CounterMetricFamily(f"{PREFIX}_quarantined", QUARANTINED_BY_REASON, labels=["reason"])
        for reason in RejectionReason:
            reasons.add_metric([reason.value], ledger.reasons[reason.value])
        yield reasons
        yield from _labelled(values)
        info = GaugeMetricFamily(f"{PREFIX}_info", INFO, labels=list(self._versions))
        info.add_metric(list(self._versions.values()), 1)
        yield info


def early_text(gauges: Mapping[str, float]) -> bytes:
    """These gauges alone in the text format, for the time before the service has more."""
    registry = CollectorRegistry()
    registry.register(_Early(gauges))
    return generate_latest(registry)


class _Early(Collector):
    """The gauges that are known before the database has answered."""

    def __init__(self, gauges: Mapping[str, float]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        for name in GAUGES.keys() & self._gauges.keys():
            yield GaugeMetricFamily(f"{PREFIX}_{name}", GAUGES[name], value=self._gauges[name])
        yield from _labelled(self._gauges)


def _labelled(values: Mapping[str, float]) -> Iterable[Metric]:
    families = {
        name: GaugeMetricFamily(f"{PREFIX}_{name}", meaning, labels=labels)
        for name, (labels, meaning) in LABELLED.items()
    }
    for key, value in values.items():
        name, labelled, labels = key.partition(":")
        if labelled:
            families[name].add_metric(labels.split("/", len(LABELLED[name][0]) - 1) if labels else [], value)
    return families.values()


class _Account(Collector):
    """Passes the metrics that are computed at a scrape to the registry."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics.collect()
