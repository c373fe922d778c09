"""The demonstration: simulated devices of an invented valley, with a real database, broker and service."""
