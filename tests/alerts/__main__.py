"""`python -m tests.alerts`: make Grafana's rules out of Prometheus'."""

from tests.alerts.documents import GRAFANA_RULES
from tests.alerts.grafana import as_text

if __name__ == "__main__":
    GRAFANA_RULES.write_text(as_text(), encoding="utf-8")
