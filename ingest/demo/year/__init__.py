"""A past for the demonstration: a whole fiscal year, and this one up to now, of the devices that stand since then.

It is made in the database and never published. What happened in it is written down in `events.py`.
"""
