"""The demonstration: an invented valley, sent for real."""
