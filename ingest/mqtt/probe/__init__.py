"""Trying a broker out: what it does, not what its manual says. Never with the session or the topics of the service."""
