NO_TARGETS = ("mutate", "test_costs")
"""Modules of this folder that are no target."""
