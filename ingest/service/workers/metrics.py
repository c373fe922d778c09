"""The metrics of several workers: their sums, and of each what an operator needs to tell them apart."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.service.workers.process import WorkerProcess
from ingest.telemetry.metrics import PREFIX

SUMMED = ("intake_held_messages", "broker_connects")
LARGEST = (
    "oldest_unacknowledged_seconds", "durable_lag_seconds", "fresh_lane", "registry_devices",
    # Only the first worker runs the background jobs; the others say 0.
    "rollup_due_units", "rollup_lag_seconds", "sparkplug_births_kept", "sparkplug_births_refused",
    "database_clock_apart_seconds",
)  # fmt: skip
SMALLEST = ("broker_connected", "store_available", "database_reachable", "registry_version")

WORKER_COUNTERS = {
    "worker_messages_received": "Messages taken from the broker by this worker, over all its lives",
    "worker_messages_settled": "Messages stored, duplicate or quarantined by this worker",
    "worker_restarts": "Times this worker was started again",
}
WORKER_GAUGES = {
    "worker_up": "1 while this worker runs and answers",
    "worker_messages_in_flight": "Messages received by this worker, or by a life before, and not yet committed",
    "worker_broker_connected": "1 while its subscriptions stand; meanwhile its share of the messages waits for it",
    "worker_oldest_unacknowledged_seconds": "Age of its oldest message that is not yet committed",
    "worker_resident_memory_bytes": "Memory of its process",
}


def gauges_of(workers: Sequence[WorkerProcess]) -> dict[str, float]:
    """The gauges of the catalogue for all workers together; one that does not answer is not connected."""
    answers = [{} if worker.answer is None else worker.answer.gauges for worker in workers]

    def of(name: str) -> list[float]:
        return [answer.get(name, 0.0) for answer in answers]

    # Gauges with labels come from the jobs, which one worker runs.
    seen = {name for answer in answers for name in answer if ":" in name}
    return {
        **{name: sum(of(name)) for name in SUMMED},
        **{name: max(of(name)) for name in (*LARGEST, *seen)},
        **{name: min(of(name)) for name in SMALLEST},
    }


class WorkerMetrics(Collector):
    """The metrics of each worker; the label `worker` is its number."""

    def __init__(self, workers: Sequence[WorkerProcess]) -> None:
        self._workers = workers

    def collect(self) -> Iterable[Metric]:
        """The metrics of every worker at the moment of the scrape."""
        values = {str(worker.number): _values(worker) for worker in self._workers}
        for name, meaning in WORKER_COUNTERS.items():
            counter = CounterMetricFamily(f"{PREFIX}_{name}", meaning, labels=["worker"])
            for number, of in values.items():
                counter.add_metric([number], of[name])
            yield counter
        for name, meaning in WORKER_GAUGES.items():
            gauge = GaugeMetricFamily(f"{PREFIX}_{name}", meaning, labels=["worker"])
            for number, of in values.items():
                gauge.add_metric([number], of[name])
            yield gauge


def _values(worker: WorkerProcess) -> dict[str, float]:
    lives = worker.lives
    gauges = {} if worker.answer is None else worker.answer.gauges
    return {
        "worker_messages_received": lives.received,
        "worker_messages_settled": lives.settled.settled,
        "worker_restarts": max(lives.starts - 1, 0),
        "worker_up": float(worker.answer is not None),
        "worker_messages_in_flight": lives.in_flight,
        "worker_broker_connected": gauges.get("broker_connected", 0.0),
        "worker_oldest_unacknowledged_seconds": gauges.get("oldest_unacknowledged_seconds", 0.0),
        "worker_resident_memory_bytes": _memory(worker.pid),
    }


def _memory(pid: int | None) -> float:
    if pid is not None:
        with suppress(psutil.Error, OSError):
            return float(psutil.Process(pid).memory_info().rss)
    return 0.0
