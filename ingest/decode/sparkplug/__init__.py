"""Sparkplug B: births, sessions, and the metrics that are read by them."""
