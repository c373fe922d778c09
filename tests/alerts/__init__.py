"""The alerts about the system itself: judged by promtool, evaluated by a real Prometheus, the same in Grafana."""
