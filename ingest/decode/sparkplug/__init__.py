"""Sparkplug B: births, sessions, and the metrics that mean something by them."""
