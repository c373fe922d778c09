"""Metrics of the process of the pages, kept by the service that watches it."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.telemetry.metrics import PREFIX
from ingest.webserver.process import WebProcess

RESTARTS = "Times the process of the pages was started again: it died, hung or became too large"
MEMORY = "Memory of the process of the pages, when last looked at; it is ended above web.memory_mib"


class WebMetrics(Collector):
    """Collects these metrics. They are read through that process, so no gauge says whether it runs."""

    def __init__(self, web: WebProcess) -> None:
        self._web = web

    def collect(self) -> Iterable[Metric]:
        """Part of the collector protocol of prometheus_client: the metrics as of now."""
        yield CounterMetricFamily(f"{PREFIX}_web_restarts", RESTARTS, value=max(self._web.starts - 1, 0))
        yield GaugeMetricFamily(f"{PREFIX}_web_resident_memory_bytes", MEMORY, value=self._web.memory_bytes)
