"""The queries of a hand-over: rows out of the database, and back into it."""
