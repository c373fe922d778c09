"""Outages (停止): silences longer than a device may keep, found from its messages, grouped, and explained by people."""
