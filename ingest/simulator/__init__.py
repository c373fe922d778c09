"""Honest simulated devices and the embedded servers of the demonstration."""
