"""Counters of the watch, kept by the service that started it: they go on when its process is started anew."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.telemetry.metrics import PREFIX
from ingest.watch.deeds.by_mqtt import AckRefusal
from ingest.watch.process import WatchProcess

RESTARTS, EVENTS, REFUSED = WATCH_COUNTERS = ("watch_restarts", "watch_events", "watch_acks_refused")
_MEANING = {
    RESTARTS: "Times the process of the watch was started again: it died, hung or became too large",
    EVENTS: "Events that the watch stored: stages reached and left, silence, quality, transmitting time",
    REFUSED: "Acknowledgements that came by MQTT and were not taken, by reason",
}


class WatchMetrics(Collector):
    """Collects these metrics; the gauges of the watch stand in the catalogue."""

    def __init__(self, watch: WatchProcess) -> None:
        self._watch = watch

    def collect(self) -> Iterable[Metric]:
        """Part of the collector protocol of prometheus_client: the metrics as of now."""
        restarts, events, refused = (
            CounterMetricFamily(f"{PREFIX}_{name}", _MEANING[name], labels=["reason"] if name == REFUSED else [])
            for name in WATCH_COUNTERS
        )
        restarts.add_metric([], max(self._watch.starts - 1, 0))
        events.add_metric([], self._watch.events)
        for reason in AckRefusal:  # each from nought on: an increase has to be seen from its first
            refused.add_metric([reason.value], self._watch.refused[reason.value])
        yield from (restarts, events, refused)
