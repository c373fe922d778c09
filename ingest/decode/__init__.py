"""Payload bytes to plain values; knows nothing of brokers, databases or clocks."""
