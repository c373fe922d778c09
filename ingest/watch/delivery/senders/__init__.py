"""Senders, one for each way. They talk to a receiver and know nothing of the database."""
