"""Servers for a demonstration or a benchmark, started and stopped by it: PostgreSQL, a broker, the service."""
