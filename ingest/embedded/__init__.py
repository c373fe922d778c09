"""Servers of our own for an hour: PostgreSQL, a broker, the service; what a demonstration or a benchmark runs on."""
