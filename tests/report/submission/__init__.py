"""Frozen reports: what a revision changed, and signatures."""
