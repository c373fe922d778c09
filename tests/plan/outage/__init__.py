"""Outages: found, grouped, explained, summed."""
