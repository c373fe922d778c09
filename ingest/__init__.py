"""Noroshi 狼煙: field readings from MQTT into TimescaleDB, each exactly once, and the figures people need from them."""

__version__ = "0.1.0"
