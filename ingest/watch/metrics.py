"""Counters of the watch, kept by the service that started it: they go on when its process is started anew."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.telemetry.metrics import PREFIX
from ingest.watch.process import WatchProcess

RESTARTS = "Times the process of the watch was started again: it died, hung or became too large"
EVENTS = "Events that the watch stored: stages reached and left, silence, quality, transmitting time"


class WatchMetrics(Collector):
    """Collects these metrics; the gauges of the watch stand in the catalogue."""

    def __init__(self, watch: WatchProcess) -> None:
        self._watch = watch

    def collect(self) -> Iterable[Metric]:
        """Part of the collector protocol of prometheus_client: the metrics as of now."""
        yield CounterMetricFamily(f"{PREFIX}_watch_restarts", RESTARTS, value=max(self._watch.starts - 1, 0))
        yield CounterMetricFamily(f"{PREFIX}_watch_events", EVENTS, value=self._watch.events)
