"""The store after a hundred million readings: `python -m tests.storage --millions 100` makes them and measures."""
