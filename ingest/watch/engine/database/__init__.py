"""The SQL of the engine: events and incidents, notes, and readings that are looked at again."""
